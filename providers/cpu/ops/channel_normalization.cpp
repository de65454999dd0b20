// BatchNormalization and LRN: per channel, and across neighbouring channels.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "constants.hpp"
#include "kernels/channel_scale.hpp"
#include "onednn_step.hpp"
#include "ops/batch_statistics.hpp"
#include "ops/blocked.hpp"
#include "ops/expression.hpp"
#include "ops/table.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

void check_batch_normalization(Check& check) {
  for (size_t i = 0; i < 5; ++i) {
    check.required(i);
    check.types(i, kFloats);
  }
  check.rank_between(0, 1, 8);
}

// Per channel: the factor, then (behind all factors) the addend, of float32 parameters at any address.
void fold_parameters(const void* const (&parameters)[4], int64_t channels, int64_t stride, float epsilon,
                     float* table) {
  std::fill_n(table, 2 * stride, 0.0F);
  for (int64_t c = 0; c < channels; ++c) {
    float values[4];  // scale, shift, mean, variance
    for (size_t i = 0; i < 4; ++i) {
      std::memcpy(values + i, static_cast<const float*>(parameters[i]) + c, sizeof(float));
    }
    const double factor = static_cast<double>(values[0]) /
                          std::sqrt(static_cast<double>(values[3]) + static_cast<double>(epsilon));
    table[c] = static_cast<float>(factor);
    table[stride + c] =
        static_cast<float>(static_cast<double>(values[1]) - static_cast<double>(values[2]) * factor);
  }
}

// The Relu that alone reads this node's output; BP_NONE: something else does.
uint32_t following_relu(const Builder& b) {
  const Value& value = b.graph().values[b.node().outputs[0]];
  if (!b.options().fusion || value.output_uses > 0 || value.uses.size() != 1) return BP_NONE;
  const Node& reader = b.graph().nodes[value.uses[0]];
  return reader.op_type == "Relu" && reader.domain.empty() ? value.uses[0] : BP_NONE;
}

// float32 in the layout in which it lies, with the Relu behind it.
void scale_channels(Builder& b, float epsilon) {
  const Dims dims = b.input_dims(0);
  const Layout layout = movable_layout(b);
  const int64_t channels = dims.size() > 1 ? dims[1] : 1;
  const int64_t area = element_count(dims) / (dims[0] * channels);
  // Rows of `width` channels beside each other, or (row-major) one channel's `area` elements.
  const int64_t block = channel_block(layout);
  const int64_t width = layout == Layout::kPlain ? 1 : block > 0 ? block : channels;
  const int64_t groups = (channels + width - 1) / width;
  const int64_t rows = layout == Layout::kPlain ? 1 : area;
  const int64_t row_elements = layout == Layout::kPlain ? area : width;
  const int64_t stride = groups * width;
  const uint32_t relu = following_relu(b);

  Builder::RawStep step;
  step.operands.push_back(b.read(b.node().inputs[0], layout));
  bool constant = true;
  for (size_t i = 1; i < 5; ++i) constant = constant && b.is_constant(i);
  const auto table_bytes = static_cast<uint64_t>(2 * stride) * sizeof(float);
  if (constant) {
    Constants& constants = b.constants();
    uint64_t ids[4];
    std::string key = text("channel scale/", stride, "/", std::bit_cast<uint32_t>(epsilon));
    for (size_t i = 0; i < 4; ++i)
      key += text("/", ids[i] = b.graph().values[b.node().inputs[i + 1]].constant_id);
    step.operands.push_back(b.packed_ref(key, table_bytes, [=, &constants](void* target) {
      const void* parameters[4];
      for (size_t i = 0; i < 4; ++i) parameters[i] = constants.tensor(ids[i]).data;
      fold_parameters(parameters, channels, stride, epsilon, static_cast<float*>(target));
    }));
  } else {
    step.operands.push_back(b.scratch_ref(table_bytes));
    for (size_t i = 1; i < 5; ++i) step.operands.push_back(b.read(b.node().inputs[i], Layout::kPlain));
  }
  const size_t out = step.operands.size();
  const uint32_t result = relu == BP_NONE ? b.node().outputs[0] : b.graph().nodes[relu].outputs[0];
  step.operands.push_back(b.write(result, dims, layout));
  const int64_t count = dims[0] * groups * rows;
  const int threads = b.threads();
  const bool has_relu = relu != BP_NONE;
  step.kernel = make_kernel([=](const Call& call) {
    auto* table = call.out<float>(1);
    if (!constant) {
      const void* const parameters[4] = {call.in<float>(2), call.in<float>(3), call.in<float>(4),
                                         call.in<float>(5)};
      fold_parameters(parameters, channels, stride, epsilon, table);
    }
    const ChannelScales& scales = channel_scales();
    parallel_for(threads, count, count * row_elements, [&](int64_t begin, int64_t end) {
      while (begin < end) {
        const int64_t group = begin / rows % groups;
        const int64_t part = std::min(end - begin, rows - begin % rows);
        const ChannelScale scale{table + group * width, table + stride + group * width, has_relu};
        const float* x = call.in<float>(0) + begin * row_elements;
        float* y = call.out<float>(out) + begin * row_elements;
        if (width == 1) {
          scales.run(x, y, scale, part * row_elements);
        } else {
          scales.rows(x, y, scale, width, part);
        }
        begin += part;
      }
    });
  });
  step.name = b.node().op_type;
  step.implementation = layout == Layout::kPlain ? "plain" : "blocked";
  step.nodes = {b.node_index()};
  if (has_relu) {
    step.name += "+Relu";
    step.nodes.push_back(relu);
    b.absorb(relu);
  }
  b.raw_step(std::move(step));
}

void build_batch_normalization(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t channels = dims.size() > 1 ? dims[1] : 1;
  bool all_float32 = true;
  for (size_t i = 0; i < 5; ++i) {
    all_float32 = all_float32 && b.input_type(i) == Type::kFloat32;
    if (i > 0 && element_count(b.input_dims(i)) != channels) {
      b.fail(text("input ", i, " must have ", channels, " elements, has dims ", dims_text(b.input_dims(i))));
    }
  }
  if (b.attributes().int_or("training_mode", 0) != 0) return build_batch_statistics(b);
  const float epsilon = b.attributes().float_or("epsilon", 1e-5f);
  if (element_count(dims) > 0 && all_float32) return scale_channels(b, epsilon);
  b.output(0, dims);
  if (element_count(dims) == 0) return;
  const int64_t planes = channels * (dims.empty() ? 1 : dims[0]);
  const int64_t area = element_count(dims) / planes;
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    dispatch<kFloats>(b.input_type(1), [&]<class S>(Tag<S>) {
      dispatch<kFloats>(b.input_type(3), [&]<class M>(Tag<M>) {
        using C = Compute<T>;
        b.run([=](const Call& call) {
          parallel_for(threads, planes, planes * area, [&](int64_t begin, int64_t end) {
            for (int64_t plane = begin; plane < end; ++plane) {
              const auto at = static_cast<size_t>(plane % channels);
              const double variance = static_cast<double>(call.in<M>(4)[at]);
              const double scale =
                  static_cast<double>(call.in<S>(1)[at]) / std::sqrt(variance + static_cast<double>(epsilon));
              const double shift =
                  static_cast<double>(call.in<S>(2)[at]) - static_cast<double>(call.in<M>(3)[at]) * scale;
              const C factor = static_cast<C>(scale);
              const C addend = static_cast<C>(shift);
              const T* x = call.in<T>(0) + plane * area;
              T* y = call.out<T>(5) + plane * area;
              for (int64_t i = 0; i < area; ++i) y[i] = static_cast<T>(static_cast<C>(x[i]) * factor + addend);
            }
          });
        });
      });
    });
  });
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
