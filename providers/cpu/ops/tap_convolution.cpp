// QLinearConv by kernels/byte_taps: over one pixel, where the input is a matrix already, and over images of at
// most four channels, which are interleaved to four, with their padding, first.
#include <algorithm>
#include <utility>

#include "byte_products.hpp"
#include "constants.hpp"
#include "kernels/byte_taps.hpp"
#include "kernels/quantize.hpp"
#include "ops/quantized_convolution.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kFour = 4;

bool is_one_pixel(const ConvolutionShapes& shapes) {
  const Window& window = shapes.window;
  const auto none = [](const Dims& pads) {
    return std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad == 0; });
  };
  if (shapes.taps() != 1 || shapes.channels % kFour != 0 || !none(window.pads_begin) ||
      !none(window.pads_end)) {
    return false;
  }
  // Short lines with pixels left out leave sums unused.
  constexpr int64_t kLeastLine = 12;
  return element_count(window.strides) == 1 || (shapes.in.size() == 2 && shapes.out[1] >= kLeastLine);
}

bool is_image(const ConvolutionShapes& shapes) {
  const auto fits = [](const Dims& pads) {
    return std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad >= 0; });
  };
  return shapes.channels <= kFour && shapes.in.size() == 2 && fits(shapes.window.pads_begin) &&
         fits(shapes.window.pads_end);
}

TapConvolution over_one_pixel(const ConvolutionShapes& shapes) {
  TapConvolution taps;
  taps.offsets = {0};
  taps.groups = shapes.channels / kFour;
  const int64_t step = shapes.window.strides.back();
  if (element_count(shapes.window.strides) == 1) {
    taps.pixels = shapes.batches * shapes.pixels();
    taps.pixel_stride = shapes.channels;
    return taps;
  }
  taps.pixels = shapes.out[1];
  taps.lines = shapes.out[0];
  taps.images = shapes.batches;
  taps.pixel_stride = step * shapes.channels;
  taps.line_stride = shapes.window.strides[0] * shapes.in[1] * shapes.channels;
  taps.image_stride = shapes.in[0] * shapes.in[1] * shapes.channels;
  return taps;
}

TapConvolution over_image(const ConvolutionShapes& shapes, const Interleaving& image) {
  TapConvolution taps;
  const Window& window = shapes.window;
  for (int64_t row = 0; row < window.kernel[0]; ++row) {
    for (int64_t column = 0; column < window.kernel[1]; ++column) {
      taps.offsets.push_back((row * window.dilations[0] * image.padded_width() + column * window.dilations[1]) *
                             kFour);
    }
  }
  taps.pixels = shapes.out[1];
  taps.lines = shapes.out[0];
  taps.images = shapes.batches;
  taps.pixel_stride = window.strides[1] * kFour;
  taps.line_stride = window.strides[0] * image.padded_width() * kFour;
  taps.image_stride = image.padded_height() * image.padded_width() * kFour;
  return taps;
}

// The image with its padding in it, four channels to a pixel.
Builder::Ref interleaved(Builder& b, const ConvolutionInputs& at, const Interleaving& image, int32_t zero) {
  const Builder::Ref target = b.scratch_ref(static_cast<uint64_t>(image.bytes()));
  Builder::RawStep step;
  step.operands = {b.read(b.node().inputs[at.x], Layout::kPlain), target};
  const int threads = b.threads();
  step.kernel = make_kernel([=](const Call& call) {
    image.run(threads, call.in<uint8_t>(0), static_cast<uint8_t>(zero), call.out<uint8_t>(1));
  });
  step.name = "interleave";
  step.implementation = "avx512";
  step.nodes = {b.node_index()};
  b.raw_step(std::move(step));
  return target;
}

TapFinish finish_of(const QuantizedConvolution& found, Type type) {
  TapFinish finish;
  const float zero = found.numbers.y_zero;
  finish.zero = static_cast<int32_t>(zero);
  finish.is_signed = type == Type::kInt8;
  if (!found.residual) return finish;
  const ResidualAdd& residual = *found.residual;
  const IntegerRange range = integer_range(type);
  finish.adds = true;
  finish.low = static_cast<float>(range.low) - zero;
  finish.high = static_cast<float>(range.high) - zero;
  finish.own = residual.a_scale / residual.scale;
  finish.other = residual.b_scale / residual.scale;
  finish.offset = (zero - residual.a_zero) * finish.own - residual.b_zero * finish.other;
  finish.zero = static_cast<int32_t>(residual.zero);
  return finish;
}

}  // namespace

bool tap_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                     const QuantizedConvolution& found) {
  if (!byte_taps_run() || shapes.groups != 1) return false;
  const bool image = !is_one_pixel(shapes);
  if (image && !is_image(shapes)) return false;
  // Parts of vectors are slow to read back.
  if (found.residual && shapes.out_channels % kTapLanes != 0) return false;
  const bool is_signed = b.input_type(at.x) == Type::kInt8;
  const auto x_zero = static_cast<int32_t>(found.numbers.x_zero);
  Interleaving interleaving;
  if (image) {
    interleaving = {shapes.batches,
                    shapes.channels,
                    shapes.in[0],
                    shapes.in[1],
                    shapes.window.pads_begin[0],
                    shapes.window.pads_end[0],
                    shapes.window.pads_begin[1],
                    shapes.window.pads_end[1]};
  }
  TapConvolution taps = image ? over_image(shapes, interleaving) : over_one_pixel(shapes);
  taps.channels = shapes.out_channels;
  taps.is_signed = is_signed;

  Builder::RawStep step;
  step.operands.push_back(image ? interleaved(b, at, interleaving, x_zero)
                                : b.read(b.node().inputs[at.x], Layout::kChannelsLast));
  const uint64_t id = b.graph().values[b.node().inputs[at.w]].constant_id;
  const int64_t inputs = shapes.channels;
  step.operands.push_back(b.packed_ref(text("quads/", id), static_cast<uint64_t>(taps.packed_bytes()),
                                       [=, &constants = b.constants()](void* target) {
                                         constants.with_bytes(id, [&](const HostTensor& source) {
                                           const auto of_input = static_cast<int64_t>(taps.offsets.size());
                                           taps.pack(symmetric_bytes(source).data(), inputs, inputs * of_input,
                                                     of_input, static_cast<int8_t*>(target));
                                         });
                                       }));
  // Signed bytes are taken as unsigned ones that are 128 more.
  step.operands.push_back(whole_bias(b, at, shapes, x_zero + (is_signed ? 128 : 0)));
  step.nodes = quantized_nodes(b, found);
  step.operands.push_back(quantized_output(b, shapes, found));
  std::vector<float> scales = found.numbers.scales;
  if (scales.size() == 1) scales.resize(static_cast<size_t>(shapes.out_channels), scales.front());
  const TapFinish finish = finish_of(found, b.output_type(0));
  const int threads = b.threads();
  step.kernel = make_kernel([=](const Call& call) {
    TapFinish own = finish;
    own.bias = call.in<int32_t>(2);
    own.scales = scales.data();
    taps.run(threads, call.in<uint8_t>(0), call.in<int8_t>(1), own, call.out<uint8_t>(3));
  });
  step.name = quantized_name(b, found);
  step.implementation = "avx512_vnni";
  b.raw_step(std::move(step));
  return true;
}

}  // namespace bp::cpu
