// Reductions over axes, and the places of extremes (ArgMax, ArgMin).
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reduce.hpp"
#include "kernels/run_totals.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// Sums of the 16-bit floats and of float32 are kept in float over short runs and in double between them;
// integers in 64 bits.
template <class T>
using Wide = std::conditional_t<kIsFloat<T>, double, int64_t>;

// An operator: start value, what an element adds, how partial results meet, what comes out of it.
struct SumOf {
  template <class A>
  static A start() {
    return A(0);
  }
  template <class A>
  static A add(A total, A x) {
    return total + x;
  }
  template <class A>
  static A finish(A total, int64_t) {
    return total;
  }
};
struct MeanOf : SumOf {
  template <class A>
  static A finish(A total, int64_t count) {
    return total / static_cast<A>(count);
  }
};
struct ProductOf {
  template <class A>
  static A start() {
    return A(1);
  }
  template <class A>
  static A add(A total, A x) {
    return total * x;
  }
  template <class A>
  static A finish(A total, int64_t) {
    return total;
  }
};
struct AbsoluteSumOf : SumOf {
  template <class A>
  static A add(A total, A x) {
    return total + (x < A(0) ? -x : x);
  }
};
struct SquareSumOf : SumOf {
  template <class A>
  static A add(A total, A x) {
    return total + x * x;
  }
};
struct NormOf : SquareSumOf {
  template <class A>
  static A finish(A total, int64_t) {
    return static_cast<A>(std::sqrt(static_cast<double>(total)));
  }
};
struct LogSumOf : SumOf {
  template <class A>
  static A finish(A total, int64_t) {
    return static_cast<A>(std::log(static_cast<double>(total)));
  }
};
struct MaxOf {
  template <class A>
  static A start() {
    if constexpr (std::is_floating_point_v<A>) return -std::numeric_limits<A>::infinity();
    return std::numeric_limits<A>::lowest();
  }
  template <class A>
  static A add(A best, A x) {
    return (best < x) | (x != x) ? x : best;  // NaN stays; no branch, for vectors
  }
  template <class A>
  static A finish(A best, int64_t) {
    return best;
  }
};
struct MinOf {
  template <class A>
  static A start() {
    if constexpr (std::is_floating_point_v<A>) return std::numeric_limits<A>::infinity();
    return std::numeric_limits<A>::max();
  }
  template <class A>
  static A add(A best, A x) {
    return (x < best) | (x != x) ? x : best;
  }
  template <class A>
  static A finish(A best, int64_t) {
    return best;
  }
};

// Extremes need no wider type, and an unsigned one must not become signed.
template <class Op, class T>
using Accumulator =
    std::conditional_t<std::is_same_v<Op, MaxOf> || std::is_same_v<Op, MinOf>, Compute<T>, Wide<T>>;

template <class Op>
constexpr bool kHasRunTotals = !std::is_same_v<Op, ProductOf>;

// Neighbouring float32 numbers.
template <class Op>
auto total_of(const float* x, int64_t count) {
  if constexpr (std::is_same_v<Op, MaxOf>) {
    return run_totals().largest(x, count);
  } else if constexpr (std::is_same_v<Op, MinOf>) {
    return run_totals().smallest(x, count);
  } else if constexpr (std::is_base_of_v<SquareSumOf, Op>) {
    return run_totals().square_sum(x, count);
  } else if constexpr (std::is_same_v<Op, AbsoluteSumOf>) {
    return run_totals().absolute_sum(x, count);
  } else {
    return run_totals().sum(x, count);
  }
}

template <class Op, class T>
Accumulator<Op, T> reduce_run(const T* x, int64_t count, int64_t step, Accumulator<Op, T> total) {
  using A = Accumulator<Op, T>;
  if constexpr (std::is_same_v<T, float> && kHasRunTotals<Op>) {
    // Partial sums meet as sums, whatever was done to the elements.
    using Meet = std::conditional_t<std::is_base_of_v<SumOf, Op>, SumOf, Op>;
    if (step == 1) return Meet::add(total, static_cast<A>(total_of<Op>(x, count)));
  }
  for (int64_t i = 0; i < count; ++i)
    total = Op::add(total, static_cast<A>(static_cast<Compute<T>>(x[i * step])));
  return total;
}

// The innermost axis stays: outputs of one row are reduced side by side, a block at a time.
template <class Op, class T>
void reduce_rows(const ReducePlan& plan, const T* x, T* y, int64_t begin, int64_t end) {
  using A = Accumulator<Op, T>;
  constexpr int64_t kBlock = 256;
  const int64_t row = plan.kept_sizes.back();
  for (int64_t at = begin; at < end;) {
    const int64_t length = std::min({kBlock, end - at, row - at % row});
    A totals[kBlock];
    for (int64_t i = 0; i < length; ++i) totals[i] = Op::template start<A>();
    for_gone(plan, kept_offset(plan, at), [&](int64_t offset, int64_t count, int64_t step) {
      for (int64_t k = 0; k < count; ++k) {
        const T* line = x + offset + k * step;
        for (int64_t i = 0; i < length; ++i)
          totals[i] = Op::add(totals[i], static_cast<A>(static_cast<Compute<T>>(line[i])));
      }
    });
    for (int64_t i = 0; i < length; ++i)
      y[at + i] = static_cast<T>(static_cast<Compute<T>>(Op::finish(totals[i], plan.reduced)));
    at += length;
  }
}

template <class Op, class T>
void reduce_runs(const ReducePlan& plan, const T* x, T* y, int64_t begin, int64_t end) {
  using A = Accumulator<Op, T>;
  for (int64_t at = begin; at < end; ++at) {
    A total = Op::template start<A>();
    for_gone(plan, kept_offset(plan, at), [&](int64_t offset, int64_t count, int64_t step) {
      total = reduce_run<Op>(x + offset, count, step, total);
    });
    y[at] = static_cast<T>(static_cast<Compute<T>>(Op::finish(total, plan.reduced)));
  }
}

// log(sum(exp(x))) with the largest element taken out first.
template <class T>
void log_sum_exp(const ReducePlan& plan, const T* x, T* y, int64_t begin, int64_t end) {
  for (int64_t at = begin; at < end; ++at) {
    const int64_t base = kept_offset(plan, at);
    double largest = -std::numeric_limits<double>::infinity();
    for_gone(plan, base, [&](int64_t offset, int64_t count, int64_t step) {
      for (int64_t i = 0; i < count; ++i)
        largest = std::max(largest, static_cast<double>(static_cast<Compute<T>>(x[offset + i * step])));
    });
    const double shift = std::isfinite(largest) ? largest : 0;
    double total = 0;
    for_gone(plan, base, [&](int64_t offset, int64_t count, int64_t step) {
      for (int64_t i = 0; i < count; ++i)
        total += std::exp(static_cast<double>(static_cast<Compute<T>>(x[offset + i * step])) - shift);
    });
    y[at] = static_cast<T>(static_cast<Compute<T>>(std::log(total) + shift));
  }
}

template <TypeMask kTypes>
void check_reduce(Check& check) {
  check.required(0);
  check.types(0, kTypes);
  if (check.has_input(1)) check.want_value(1);
}

// The axes of the node; nothing to reduce leaves *no_op true.
std::vector<int64_t> reduce_axes(Builder& b, bool* no_op) {
  std::vector<int64_t> axes;
  if (b.has_input(1)) axes = b.needed_value(1).ints();
  for (int64_t& axis : axes) axis = b.axis(axis, b.rank(0));
  *no_op = axes.empty() && b.attributes().int_or("noop_with_empty_axes", 0) != 0;
  return axes;
}

// Without axes the node maps each element alone, for which a reduction over an axis of size 1 serves.
ReducePlan node_plan(Builder& b) {
  bool no_op = false;
  const std::vector<int64_t> axes = reduce_axes(b, &no_op);
  const Dims& dims = b.input_dims(0);
  if (!no_op) return plan_reduce(dims, axes, b.attributes().int_or("keepdims", 1) != 0);
  Dims extended = dims;
  extended.push_back(1);
  return plan_reduce(extended, {static_cast<int64_t>(dims.size())}, false);
}

template <class Op, TypeMask kTypes>
void build_reduce(Builder& b) {
  const ReducePlan plan = node_plan(b);
  b.output(0, plan.output_dims);
  const int threads = b.threads();
  const size_t out = b.input_count();
  dispatch<kTypes>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([plan, threads, out](const Call& call) {
      const T* x = call.in<T>(0);
      T* y = call.out<T>(out);
      parallel_for(threads, plan.outputs, plan.outputs * plan.reduced, [&](int64_t begin, int64_t end) {
        if (plan.rows && !plan.kept_sizes.empty()) {
          reduce_rows<Op>(plan, x, y, begin, end);
        } else {
          reduce_runs<Op>(plan, x, y, begin, end);
        }
      });
    });
  });
}

void build_log_sum_exp(Builder& b) {
  const ReducePlan plan = node_plan(b);
  b.output(0, plan.output_dims);
  const int threads = b.threads();
  const size_t out = b.input_count();
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([plan, threads, out](const Call& call) {
      const T* x = call.in<T>(0);
      T* y = call.out<T>(out);
      parallel_for(threads, plan.outputs, plan.outputs * plan.reduced * 8,
                   [&](int64_t begin, int64_t end) { log_sum_exp(plan, x, y, begin, end); });
    });
  });
}

// --- ArgMax, ArgMin ---

template <bool kMax>
void build_arg(Builder& b) {
  const int64_t axis = b.axis(b.attributes().int_or("axis", 0), b.rank(0));
  const bool last = b.attributes().int_or("select_last_index", 0) != 0;
  const ReducePlan plan = plan_reduce(b.input_dims(0), {axis}, b.attributes().int_or("keepdims", 1) != 0);
  b.output(0, plan.output_dims);
  if (plan.reduced == 0) b.fail("axis " + std::to_string(axis) + " is empty: it has no extreme");
  const int threads = b.threads();
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([plan, threads, last](const Call& call) {
      const T* x = call.in<T>(0);
      int64_t* y = call.out<int64_t>(1);
      parallel_for(threads, plan.outputs, plan.outputs * plan.reduced, [&](int64_t begin, int64_t end) {
        for (int64_t at = begin; at < end; ++at) {
          int64_t best_index = 0;
          for_gone(plan, kept_offset(plan, at), [&](int64_t offset, int64_t count, int64_t step) {
            auto best = static_cast<Compute<T>>(x[offset]);
            for (int64_t i = 1; i < count; ++i) {
              const auto value = static_cast<Compute<T>>(x[offset + i * step]);
              const bool better = kMax ? value > best : value < best;
              if (better || (last && value == best)) {
                best = value;
                best_index = i;
              }
            }
          });
          y[at] = best_index;
        }
      });
    });
  });
}

void check_arg(Check& check) {
  check.required(0);
  check.types(0, kNumbers);
}

template <class Op, TypeMask kTypes>
constexpr Row reduce(std::string_view op_type, int32_t since) {
  return {op_type, check_reduce<kTypes>, build_reduce<Op, kTypes>, since};
}

constexpr Row kRows[] = {
    reduce<SumOf, kNumbers>("ReduceSum", 13),
    reduce<MeanOf, kNumbers>("ReduceMean", 18),
    reduce<ProductOf, kNumbers>("ReduceProd", 18),
    reduce<AbsoluteSumOf, kNumbers>("ReduceL1", 18),
    reduce<NormOf, kNumbers>("ReduceL2", 18),
    reduce<SquareSumOf, kNumbers>("ReduceSumSquare", 18),
    reduce<LogSumOf, kNumbers>("ReduceLogSum", 18),
    reduce<MaxOf, kFixedSize>("ReduceMax", 18),
    reduce<MinOf, kFixedSize>("ReduceMin", 18),
    {"ReduceLogSumExp", check_reduce<kNumbers>, build_log_sum_exp, 18},
    {"ArgMax", check_arg, build_arg<true>, 13},
    {"ArgMin", check_arg, build_arg<false>, 13},
};

}  // namespace

std::span<const Row> reduce_rows() { return kRows; }

}  // namespace bp::cpu
