// Convolutions of bytes through oneDNN to raw sums, then another step to the output: what the zero point adds
// to every sum is the same for a channel.
#include <algorithm>

#include "ops/byte_convolution.hpp"

namespace bp::cpu {

namespace {

// From the raw sums, channels last, to the output, which lies the same way.
void add_finish(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes, Builder::Ref raw,
                Builder::Ref sums_of_weights) {
  OwnStep step(b, shapes.dims, b.layout_of(b.node().inputs[at.x]), Layout::kChannelsLast);
  const size_t from = step.operand(raw);
  const size_t weights = step.operand(sums_of_weights);
  const int64_t channels = shapes.all_channels();
  const size_t offsets = step.scratch(static_cast<uint64_t>(channels) * sizeof(int32_t));
  const ZeroPoint zero = zero_point(b, at.x_zero);
  const bool has_bias = b.has_input(at.bias);
  const int64_t pixels = shapes.batches * shapes.pixels();
  const int threads = b.threads();
  const auto offsets_of = [=, bias = at.bias](const Call& call) {
    auto* list = call.out<int32_t>(offsets);
    const int32_t minus = zero.at(call, 0);
    const auto* sums = call.in<int32_t>(weights);
    for (int64_t i = 0; i < channels; ++i) {
      list[i] = wrapping_sum(has_bias ? call.in<int32_t>(bias)[i] : 0, -minus * sums[i]);
    }
    return static_cast<const int32_t*>(list);
  };
  if (!at.scaled) {
    step.run(
        [=, out = step.output()](const Call& call) {
          const int32_t* add = offsets_of(call);
          parallel_for(threads, pixels, pixels * channels, [&](int64_t begin, int64_t end) {
            for (int64_t pixel = begin; pixel < end; ++pixel) {
              const int32_t* source = call.in<int32_t>(from) + pixel * channels;
              int32_t* target = call.out<int32_t>(out) + pixel * channels;
              for (int64_t i = 0; i < channels; ++i) target[i] = wrapping_sum(source[i], add[i]);
            }
          });
        },
        "plain");
    return;
  }
  const OutputScales output(b, step, at.scales, 1, channels);
  step.run(
      [=, out = step.output()](const Call& call) {
        const int32_t* add = offsets_of(call);
        const OutputScales::Ready ready = output.make(call);
        parallel_for(threads, pixels, pixels * channels, [&](int64_t begin, int64_t end) {
          for (int64_t pixel = begin; pixel < end; ++pixel) {
            int32_t* sums = call.out<int32_t>(from) + pixel * channels;
            for (int64_t i = 0; i < channels; ++i) sums[i] = wrapping_sum(sums[i], add[i]);
            requantize(output.type(), sums, ready.scales, ready.step, ready.zero,
                       call.out<std::byte>(out) + pixel * channels, channels);
          }
        });
      },
      "plain");
}

}  // namespace

bool onednn_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes) {
  ByteConvolution convolution;
  if (!byte_convolution(b, at, shapes, false, &convolution)) return false;
  const auto dst = layout_desc(shapes.dims, Type::kInt32, Layout::kChannelsLast);
  Primitive primitive;
  if (!describe_bytes(convolution, nullptr, dst, attributes_with({}), &primitive)) return false;
  const Builder::Ref raw = b.scratch_ref(dst.get_size());
  OnednnStep step(b);
  step.add(DNNL_ARG_SRC, convolution.src, padded_source(b, at, shapes, convolution.padded));
  step.add(DNNL_ARG_WEIGHTS, primitive.weights,
           packed_weights(b, at, plain_desc(convolution.weights, Type::kInt8), primitive.weights));
  step.add(DNNL_ARG_DST, dst, raw);
  step.finish(primitive, b.node().op_type, {b.node_index()});
  add_finish(b, at, shapes, raw, weight_sums(b, at, shapes));
  return true;
}

}  // namespace bp::cpu
