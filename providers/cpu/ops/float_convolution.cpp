// Reading the attributes of convolutions.
#include "ops/float_convolution.hpp"

#include <algorithm>
#include <utility>

#include "ops/window.hpp"

namespace bp::cpu {

namespace {

// Pads of a transposed convolution follow from output_shape where that is given (ONNX: ConvTranspose).
void pads_for_output(const Builder& b, const Dims& spatial, const Dims& out_padding, FloatConvolution& shapes) {
  Window& window = shapes.window;
  const Attributes& attributes = b.attributes();
  const std::string automatic = attributes.string_or("auto_pad", "NOTSET");
  Dims wanted = attributes.ints_or("output_shape", {});
  if (wanted.size() == spatial.size() + 2) wanted.erase(wanted.begin(), wanted.begin() + 2);
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t full = (spatial[i] - 1) * window.strides[i] + out_padding[i] +
                         (window.kernel[i] - 1) * window.dilations[i] + 1;
    if (wanted.empty() && !same) {
      shapes.dst.push_back(full - window.pads_begin[i] - window.pads_end[i]);
      continue;
    }
    if (!wanted.empty() && wanted.size() != spatial.size()) b.fail("output_shape has another rank");
    const int64_t out = wanted.empty() ? spatial[i] * window.strides[i] : wanted[i];
    // A larger output than the input reaches has zeros (and bias) at its end.
    const int64_t total = std::max<int64_t>(0, full - out);
    const int64_t small = total / 2;
    window.pads_begin[i] = automatic == "SAME_UPPER" ? small : total - small;
    window.pads_end[i] = total - window.pads_begin[i];
    shapes.dst.push_back(out);
  }
}

}  // namespace

FloatConvolution read_convolution(Builder& b) {
  FloatConvolution shapes;
  shapes.src = b.input_dims(0);
  const Dims& weights = b.input_dims(1);
  const int64_t groups = b.attributes().int_or("group", 1);
  if (weights.size() != shapes.src.size()) {
    b.fail(text("input 1 must have ", shapes.src.size(), " dims, has ", weights.size()));
  }
  if (groups < 1 || shapes.src[1] != weights[1] * groups || weights[0] % groups != 0) {
    b.fail(text("input ", dims_text(shapes.src), " and weights ", dims_text(weights), " do not fit group ",
                groups));
  }
  const Dims spatial = spatial_dims(shapes.src);
  const Dims kernel = b.attributes().ints_or("kernel_shape", spatial_dims(weights));
  if (kernel != spatial_dims(weights)) b.fail("kernel_shape differs from the weights' dims");
  shapes.window = read_window(b, spatial, kernel);
  shapes.output_channels = weights[0];
  shapes.dst = {shapes.src[0], weights[0]};
  const Dims out = window_output(b, spatial, shapes.window, false);
  shapes.dst.insert(shapes.dst.end(), out.begin(), out.end());
  shapes.weights_dims = weights;
  if (groups > 1) {
    shapes.weights_dims[0] /= groups;
    shapes.weights_dims.insert(shapes.weights_dims.begin(), groups);
  }
  shapes.weights = plain_desc(shapes.weights_dims, Type::kFloat32);
  return shapes;
}

FloatConvolution read_transposed_convolution(Builder& b) {
  FloatConvolution shapes;
  shapes.kind = ConvolutionKind::kTransposed;
  shapes.src = b.input_dims(0);
  const Dims& weights = b.input_dims(1);  // [C, M / group, spatial]
  const int64_t groups = b.attributes().int_or("group", 1);
  if (weights.size() != shapes.src.size()) {
    b.fail(text("input 1 must have ", shapes.src.size(), " dims, has ", weights.size()));
  }
  if (groups < 1 || shapes.src[1] != weights[0] || weights[0] % groups != 0) {
    b.fail(text("input ", dims_text(shapes.src), " and weights ", dims_text(weights), " do not fit group ",
                groups));
  }
  const Dims spatial = spatial_dims(shapes.src);
  const Dims kernel = spatial_dims(weights);
  shapes.window.kernel = kernel;
  shapes.window.strides = b.attributes().ints_or("strides", Dims(spatial.size(), 1));
  shapes.window.dilations = b.attributes().ints_or("dilations", Dims(spatial.size(), 1));
  const Dims pads = b.attributes().ints_or("pads", Dims(2 * spatial.size(), 0));
  const Dims out_padding = b.attributes().ints_or("output_padding", Dims(spatial.size(), 0));
  if (shapes.window.strides.size() != spatial.size() || shapes.window.dilations.size() != spatial.size() ||
      pads.size() != 2 * spatial.size() || out_padding.size() != spatial.size()) {
    b.fail("strides, dilations, pads or output_padding have another rank than the input");
  }
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(spatial.size());
  shapes.window.pads_begin.assign(pads.begin(), middle);
  shapes.window.pads_end.assign(middle, pads.end());
  if (b.attributes().string_or("auto_pad", "NOTSET") == "VALID") {
    shapes.window.pads_begin.assign(spatial.size(), 0);
    shapes.window.pads_end.assign(spatial.size(), 0);
  }
  shapes.output_channels = weights[1] * groups;
  shapes.dst = {shapes.src[0], shapes.output_channels};
  pads_for_output(b, spatial, out_padding, shapes);
  // oneDNN checks that its own formula gives dst: what output_padding adds becomes less padding at the end.
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t plain =
        (spatial[i] - 1) * shapes.window.strides[i] + (kernel[i] - 1) * shapes.window.dilations[i] + 1;
    shapes.window.pads_end[i] = plain - shapes.window.pads_begin[i] - shapes.dst[i + 2];
  }
  // Memory order I, O/G, spatial, seen as [G,] O/G, I/G, spatial.
  const int64_t area = element_count(kernel);
  Dims& dims = shapes.weights_dims;
  Dims strides;
  if (groups > 1) {
    dims.push_back(groups);
    strides.push_back(weights[0] / groups * weights[1] * area);
  }
  dims.insert(dims.end(), {weights[1], weights[0] / groups});
  strides.insert(strides.end(), {area, weights[1] * area});
  int64_t stride = area;
  for (const int64_t extent : kernel) {
    stride /= std::max<int64_t>(extent, 1);
    dims.push_back(extent);
    strides.push_back(stride);
  }
  shapes.weights = strided_desc(dims, Type::kFloat32, strides);
  return shapes;
}

FloatConvolution with_rows(const FloatConvolution& shapes) {
  const bool column = shapes.kind == ConvolutionKind::kDirect && shapes.src.size() == 4 && shapes.src[2] > 1 &&
                      shapes.src[3] == 1 && shapes.dst[3] == 1 && shapes.window.kernel[1] == 1;
  if (!column) return shapes;
  FloatConvolution turned = shapes;
  const auto turn = [](Dims& dims) { std::swap(dims[dims.size() - 2], dims[dims.size() - 1]); };
  turn(turned.src);
  turn(turned.dst);
  turn(turned.weights_dims);
  turn(turned.window.kernel);
  turn(turned.window.strides);
  turn(turned.window.dilations);
  turn(turned.window.pads_begin);
  turn(turned.window.pads_end);
  turned.weights = plain_desc(turned.weights_dims, Type::kFloat32);
  return turned;
}

}  // namespace bp::cpu
