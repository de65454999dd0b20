// Normalizations by statistics of the input itself: InstanceNormalization and GroupNormalization over blocks of
// neighbouring elements, MeanVarianceNormalization and LpNormalization over any axes. 16-bit floats are
// computed in float and rounded once.
#include <algorithm>
#include <cmath>

#include "kernels/reduce.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// Sum of f(x) over a block: in lanes that the compiler keeps in vectors, over runs short enough for float.
template <class T, class F>
double block_sum(const T* x, int64_t count, F f) {
  using C = Compute<T>;
  constexpr int64_t kLanes = 16;
  constexpr int64_t kRun = 4096;
  double total = 0;
  for (int64_t begin = 0; begin < count; begin += kRun) {
    const int64_t end = std::min(count, begin + kRun);
    C lanes[kLanes] = {};
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += f(static_cast<C>(x[i + lane]));
    }
    for (; i < end; ++i) lanes[0] += f(static_cast<C>(x[i]));
    for (const C lane : lanes) total += static_cast<double>(lane);
  }
  return total;
}

struct Blocks {
  int64_t count = 0;      // of blocks
  int64_t channels = 1;   // of a block
  int64_t per_image = 1;  // blocks of one image
  int64_t area = 1;       // elements of a channel
  double epsilon = 0;
};

template <class T>
void normalize_block(const Blocks& blocks, int64_t block, const T* x, const T* scale, const T* bias, T* y) {
  using C = Compute<T>;
  const int64_t count = blocks.channels * blocks.area;
  x += block * count;
  y += block * count;
  const auto mean = static_cast<C>(block_sum(x, count, [](C v) { return v; }) / static_cast<double>(count));
  const double squares = block_sum(x, count, [mean](C v) { return (v - mean) * (v - mean); });
  const auto inverse = static_cast<C>(1 / std::sqrt(squares / static_cast<double>(count) + blocks.epsilon));
  for (int64_t c = 0; c < blocks.channels; ++c) {
    const int64_t channel = block % blocks.per_image * blocks.channels + c;
    const C factor = inverse * static_cast<C>(scale[channel]);
    const C offset = static_cast<C>(bias[channel]);
    const T* from = x + c * blocks.area;
    T* to = y + c * blocks.area;
    for (int64_t i = 0; i < blocks.area; ++i) {
      to[i] = static_cast<T>((static_cast<C>(from[i]) - mean) * factor + offset);
    }
  }
}

void check_blocks(Check& check) {
  for (size_t i = 0; i < 3; ++i) {
    check.required(i);
    check.types(i, kFloats);
  }
}

// groups: of the channels; 0: one per channel.
void build_blocks(Builder& b, int64_t groups) {
  const Dims& dims = b.input_dims(0);
  if (dims.size() < 2) b.fail(text("input 0 must have at least 2 dims, has ", dims.size()));
  const int64_t channels = dims[1];
  if (groups == 0) groups = std::max<int64_t>(channels, 1);
  if (groups < 1 || channels % groups != 0)
    b.fail(text(channels, " channels do not divide into ", groups, " groups"));
  for (size_t i = 1; i < 3; ++i) {
    if (b.input_dims(i) == Dims{channels}) continue;
    b.fail(text("input ", i, " must have dims [", channels, "], has ", dims_text(b.input_dims(i))));
  }
  Blocks blocks;
  blocks.per_image = groups;
  blocks.count = dims[0] * groups;
  blocks.channels = channels / groups;
  blocks.area = element_count(Dims(dims.begin() + 2, dims.end()));
  blocks.epsilon = static_cast<double>(b.attributes().float_or("epsilon", 1e-5f));
  b.output(0, dims);
  b.in_place(0, 0);
  const int threads = b.threads();
  const int64_t work = 3 * element_count(dims);
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      parallel_for(threads, blocks.count, work, [&](int64_t begin, int64_t end) {
        for (int64_t block = begin; block < end; ++block) {
          normalize_block(blocks, block, call.in<T>(0), call.in<T>(1), call.in<T>(2), call.out<T>(3));
        }
      });
    });
  });
}

void build_instance_normalization(Builder& b) { build_blocks(b, 0); }

void build_group_normalization(Builder& b) {
  const int64_t groups = b.attributes().int_or("num_groups", 0);
  if (groups < 1) b.fail(text("num_groups must be at least 1, is ", groups));
  build_blocks(b, groups);
}

void check_axes(Check& check) {
  check.required(0);
  check.types(0, kFloats);
}

// normalize(plan, base, x, y) for every set of elements that are normalized together.
template <class T, class F>
void add_sets(Builder& b, const Dims& axes, F normalize) {
  const Dims dims = b.input_dims(0);
  const ReducePlan plan = plan_reduce(dims, axes, true);
  b.output(0, dims);
  b.in_place(0, 0);
  const int threads = b.threads();
  b.run([=](const Call& call) {
    parallel_for(threads, plan.outputs, plan.outputs * plan.reduced * 3, [&](int64_t begin, int64_t end) {
      for (int64_t set = begin; set < end; ++set) {
        normalize(plan, kept_offset(plan, set), call.in<T>(0), call.out<T>(1));
      }
    });
  });
}

// Sum of f(x) over a set.
template <class T, class F>
double set_sum(const ReducePlan& plan, int64_t base, const T* x, F f) {
  double total = 0;
  for_gone(plan, base, [&](int64_t offset, int64_t count, int64_t step) {
    if (step == 1) {
      total += block_sum(x + offset, count, f);
      return;
    }
    for (int64_t i = 0; i < count; ++i) {
      total += static_cast<double>(f(static_cast<Compute<T>>(x[offset + i * step])));
    }
  });
  return total;
}

template <class T, class F>
void set_map(const ReducePlan& plan, int64_t base, const T* x, T* y, F f) {
  for_gone(plan, base, [&](int64_t offset, int64_t count, int64_t step) {
    if (step == 1) {
      for (int64_t i = offset; i < offset + count; ++i) y[i] = static_cast<T>(f(static_cast<Compute<T>>(x[i])));
      return;
    }
    for (int64_t i = offset; i < offset + count * step; i += step) {
      y[i] = static_cast<T>(f(static_cast<Compute<T>>(x[i])));
    }
  });
}

void build_mean_variance(Builder& b) {
  Dims axes = b.attributes().ints_or("axes", {0, 2, 3});
  for (int64_t& axis : axes) axis = b.axis(axis, b.rank(0));
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    add_sets<T>(b, axes, [](const ReducePlan& plan, int64_t base, const T* x, T* y) {
      const auto count = static_cast<double>(plan.reduced);
      using C = Compute<T>;
      const auto near = static_cast<C>(set_sum(plan, base, x, [](C v) { return v; }) / count);
      // Exact for equal elements, whose deviation is 0.
      const double rest = set_sum(plan, base, x, [near](C v) { return v - near; }) / count;
      const auto mean = static_cast<C>(static_cast<double>(near) + rest);
      const double variance = set_sum(plan, base, x, [mean](C v) { return (v - mean) * (v - mean); }) / count;
      const auto deviation = static_cast<C>(std::sqrt(variance) + 1e-9);
      set_map(plan, base, x, y, [=](C v) { return (v - mean) / deviation; });
    });
  });
}

void check_lp(Check& check) {
  check_axes(check);
  const int64_t p = check.node.attributes.int_or("p", 2);
  if (p != 1 && p != 2) check.reject_attribute("p", text("attribute 'p' is ", p, "; taken: 1, 2"));
}

// A norm of 0 leaves zeros.
void build_lp(Builder& b) {
  const Dims axes = {b.axis(b.attributes().int_or("axis", -1), b.rank(0))};
  const bool squares = b.attributes().int_or("p", 2) == 2;
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    add_sets<T>(b, axes, [squares](const ReducePlan& plan, int64_t base, const T* x, T* y) {
      using C = Compute<T>;
      const double sum = squares ? set_sum(plan, base, x, [](C v) { return v * v; })
                                 : set_sum(plan, base, x, [](C v) { return std::abs(v); });
      const auto norm = static_cast<C>(squares ? std::sqrt(sum) : sum);
      if (norm == 0) return set_map(plan, base, x, y, [](C) { return C(0); });
      set_map(plan, base, x, y, [norm](C v) { return v / norm; });
    });
  });
}

constexpr Row kRows[] = {
    {"InstanceNormalization", check_blocks, build_instance_normalization, 6},
    {"GroupNormalization", check_blocks, build_group_normalization, 21},
    {"MeanVarianceNormalization", check_axes, build_mean_variance, 9},
    {"LpNormalization", check_lp, build_lp, 1},
};

}  // namespace

std::span<const Row> statistics_rows() { return kRows; }

}  // namespace bp::cpu
