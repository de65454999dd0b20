// BatchNormalization and LRN: per channel, and across neighbouring channels.
#include <algorithm>
#include <array>
#include <cmath>

#include "onednn_step.hpp"
#include "ops/batch_statistics.hpp"
#include "ops/expression.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_batch_normalization(Check& check) {
  for (size_t i = 0; i < 5; ++i) {
    check.required(i);
    check.types(i, kFloats);
  }
  check.rank_between(0, 1, 8);
}

// The pieces of memory that belong to one channel: `count` runs of `length` elements, each within one channel.
struct ChannelRuns {
  int64_t channels = 1;
  int64_t length = 1;  // elements that follow each other in one channel
  int64_t block = 1;   // channels that lie side by side
};

void build_batch_normalization(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const uint32_t input = b.node().inputs[0];
  const uint32_t output = b.node().outputs[0];
  const int64_t channels = dims.size() > 1 ? dims[1] : 1;
  for (size_t i = 1; i < 5; ++i) {
    if (element_count(b.input_dims(i)) != channels) {
      b.fail(text("input ", i, " must have ", channels, " elements, has dims ", dims_text(b.input_dims(i))));
    }
  }
  if (b.attributes().int_or("training_mode", 0) != 0) return build_batch_statistics(b);
  // Blocked inputs stay so: the channel of an element is its block and its place in it.
  Layout layout = b.layout_of(input);
  const int64_t block = layout == Layout::kBlocked16 ? 16 : layout == Layout::kBlocked8 ? 8 : 1;
  if (layout == Layout::kChannelsLast || channels % block != 0) layout = Layout::kPlain;
  ChannelRuns runs;
  runs.block = layout == Layout::kPlain ? 1 : block;
  runs.channels = channels;
  const int64_t batch = dims.empty() ? 1 : dims[0];
  runs.length = batch * channels == 0 ? 0 : element_count(dims) / (batch * channels);
  const int64_t groups = batch * (channels / runs.block);
  const float epsilon = b.attributes().float_or("epsilon", 1e-5f);
  const int threads = b.threads();
  const int64_t work = element_count(dims);
  if (work == 0) return b.output(0, dims);

  Builder::RawStep step;
  step.operands.push_back(b.read(input, layout));
  for (size_t i = 1; i < 5; ++i) step.operands.push_back(b.read(b.node().inputs[i], Layout::kPlain));
  step.operands.push_back(b.write(output, dims, layout));
  step.name = b.node().op_type;
  step.implementation = "plain";
  step.nodes = {b.node_index()};
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    dispatch<kFloats>(b.input_type(1), [&]<class S>(Tag<S>) {
      dispatch<kFloats>(b.input_type(3), [&]<class M>(Tag<M>) {
        using C = Compute<T>;
        step.kernel = make_kernel([=](const Call& call) {
          parallel_for(threads, groups, work, [&](int64_t begin, int64_t end) {
            for (int64_t group = begin; group < end; ++group) {
              const int64_t first = group % (runs.channels / runs.block) * runs.block;
              for (int64_t lane = 0; lane < runs.block; ++lane) {
                const auto at = static_cast<size_t>(first + lane);
                const double variance = static_cast<double>(call.in<M>(4)[at]);
                const double scale =
                    static_cast<double>(call.in<S>(1)[at]) / std::sqrt(variance + static_cast<double>(epsilon));
                const double shift =
                    static_cast<double>(call.in<S>(2)[at]) - static_cast<double>(call.in<M>(3)[at]) * scale;
                const C factor = static_cast<C>(scale);
                const C addend = static_cast<C>(shift);
                const T* x = call.in<T>(0) + group * runs.length * runs.block + lane;
                T* y = call.out<T>(5) + group * runs.length * runs.block + lane;
                if (runs.block == 1) {
                  for (int64_t i = 0; i < runs.length; ++i) {
                    y[i] = static_cast<T>(static_cast<C>(x[i]) * factor + addend);
                  }
                  continue;
                }
                for (int64_t i = 0; i < runs.length; ++i) {
                  y[i * runs.block] = static_cast<T>(static_cast<C>(x[i * runs.block]) * factor + addend);
                }
              }
            }
          });
        });
      });
    });
  });
  b.raw_step(std::move(step));
}

// y = x * factor + addend, as the kernel above has them.
struct ChannelAffine {
  float epsilon;
  void operator()(const float* const inputs[], float* factors, float* addends, int64_t channels) const {
    for (int64_t c = 0; c < channels; ++c) {
      const double variance = static_cast<double>(inputs[3][c]);
      const double scale =
          static_cast<double>(inputs[0][c]) / std::sqrt(variance + static_cast<double>(epsilon));
      const double shift = static_cast<double>(inputs[1][c]) - static_cast<double>(inputs[2][c]) * scale;
      factors[c] = static_cast<float>(scale);
      addends[c] = static_cast<float>(shift);
    }
  }
};

Term express_batch_normalization(Expression& e) {
  if (e.attributes().int_or("training_mode", 0) != 0 || e.input_dims(0).size() < 2) return {};
  const int64_t channels = e.input_dims(0)[1];
  for (size_t i = 0; i < 5; ++i) {
    if (e.input_type(i) != Type::kFloat32) return {};
    if (i > 0 && element_count(e.input_dims(i)) != channels) return {};
  }
  const ChannelAffine affine{e.attributes().float_or("epsilon", 1e-5f)};
  const std::array<Term, 2> made = e.channels({1, 2, 3, 4}, channels, affine);
  return e.binary(BinaryFunction::kAdd, e.binary(BinaryFunction::kMul, e.input(0), made[0]), made[1]);
}

void check_lrn(Check& check) {
  check.required(0);
  check.types(0, kFloats);
  check.rank_between(0, 2, 8);
}

bool onednn_lrn(Builder& b, int64_t size, float alpha, float beta, float bias) {
  const uint32_t input = b.node().inputs[0];
  const Dims& dims = b.input_dims(0);
  const Layout layout = b.layout_of(input);
  if (b.input_type(0) != Type::kFloat32 || dims.size() != 4 || size % 2 == 0 || element_count(dims) == 0) {
    return false;
  }
  const auto desc = layout_desc(dims, Type::kFloat32, layout);
  Primitive primitive;
  try {
    primitive = describe_lrn(desc, size, alpha, beta, bias);
  } catch (const Error&) {
    return false;
  }
  OnednnStep step(b);
  step.add_input(DNNL_ARG_SRC, input, desc, layout);
  step.add(DNNL_ARG_DST, desc, b.write(b.node().outputs[0], dims, layout));
  step.finish(primitive, b.node().op_type, {b.node_index()});
  return true;
}

void build_lrn(Builder& b) {
  const int64_t size = b.attributes().int_or("size", 1);
  const float alpha = b.attributes().float_or("alpha", 1e-4f);
  const float beta = b.attributes().float_or("beta", 0.75f);
  const float bias = b.attributes().float_or("bias", 1.0f);
  if (size < 1) b.fail(text("size must be at least 1, is ", size));
  if (onednn_lrn(b, size, alpha, beta, bias)) return;
  const Dims& dims = b.input_dims(0);
  b.output(0, dims);
  const int64_t channels = dims[1];
  const int64_t area = element_count(Dims(dims.begin() + 2, dims.end()));
  const int64_t lines = dims[0] * area;
  const int64_t before = (size - 1) / 2;
  const int64_t after = size - 1 - before;
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      parallel_for(threads, lines, lines * channels * size, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line) {
          const int64_t base = line / area * channels * area + line % area;
          const T* x = call.in<T>(0) + base;
          T* y = call.out<T>(1) + base;
          for (int64_t c = 0; c < channels; ++c) {
            double sum = 0;
            for (int64_t k = std::max<int64_t>(0, c - before); k <= std::min(channels - 1, c + after); ++k) {
              const double value = static_cast<double>(static_cast<Compute<T>>(x[k * area]));
              sum += value * value;
            }
            const double divisor = std::pow(
                static_cast<double>(bias) + static_cast<double>(alpha) / static_cast<double>(size) * sum,
                static_cast<double>(beta));
            y[c * area] = static_cast<T>(
                static_cast<Compute<T>>(static_cast<double>(static_cast<Compute<T>>(x[c * area])) / divisor));
          }
        }
      });
    });
  });
}

constexpr Row kRows[] = {
    {"BatchNormalization", check_batch_normalization, build_batch_normalization, 9, LayoutUse::kOwn, "",
     express_batch_normalization},
    {"LRN", check_lrn, build_lrn, 1, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> channel_normalization_rows() { return kRows; }

}  // namespace bp::cpu
