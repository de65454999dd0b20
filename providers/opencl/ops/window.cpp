// Window arithmetic (ONNX: Conv, MaxPool, AveragePool).
#include "ops/window.hpp"

#include <algorithm>

namespace bp::opencl {

namespace {

int64_t extent(int64_t kernel, int64_t dilation) { return (kernel - 1) * dilation + 1; }

}  // namespace

Window read_window(const Builder& b, const Dims& spatial, const Dims& kernel) {
  const size_t count = spatial.size();
  const Attributes& attributes = b.attributes();
  Window window;
  window.kernel = kernel;
  window.strides = attributes.ints_or("strides", Dims(count, 1));
  window.dilations = attributes.ints_or("dilations", Dims(count, 1));
  Dims pads = attributes.ints_or("pads", Dims(2 * count, 0));
  if (kernel.size() != count || window.strides.size() != count || window.dilations.size() != count ||
      pads.size() != 2 * count) {
    b.fail(text("kernel, strides and dilations must have ", count, " numbers and pads ", 2 * count, ", have ",
                kernel.size(), ", ", window.strides.size(), ", ", window.dilations.size(), " and ",
                pads.size()));
  }
  for (size_t i = 0; i < count; ++i) {
    if (kernel[i] < 1 || window.strides[i] < 1 || window.dilations[i] < 1) {
      b.fail("kernel, strides and dilations must be at least 1");
    }
  }
  window.pads_begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
  window.pads_end.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());

  const std::string automatic = attributes.string_or("auto_pad", "NOTSET");
  if (automatic == "VALID") {
    window.pads_begin.assign(count, 0);
    window.pads_end.assign(count, 0);
  } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    for (size_t i = 0; i < count; ++i) {
      const int64_t out = (spatial[i] + window.strides[i] - 1) / window.strides[i];
      const int64_t total = std::max<int64_t>(
          0, (out - 1) * window.strides[i] + extent(kernel[i], window.dilations[i]) - spatial[i]);
      const int64_t small = total / 2;
      window.pads_begin[i] = automatic == "SAME_UPPER" ? small : total - small;
      window.pads_end[i] = total - window.pads_begin[i];
    }
  } else if (automatic != "NOTSET") {
    b.fail(text("auto_pad is '", automatic, "'"));
  }
  return window;
}

Dims window_output(const Builder& b, const Dims& spatial, const Window& window, bool ceil_mode) {
  Dims out;
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t padded = spatial[i] + window.pads_begin[i] + window.pads_end[i];
    const int64_t room = padded - extent(window.kernel[i], window.dilations[i]);
    if (room < 0) {
      b.fail(text("a window of ", extent(window.kernel[i], window.dilations[i]), " does not fit dim ", i + 2,
                  ", which has ", padded, " with its padding"));
    }
    const int64_t stride = window.strides[i];
    int64_t count = (ceil_mode ? (room + stride - 1) / stride : room / stride) + 1;
    if (ceil_mode && (count - 1) * stride >= spatial[i] + window.pads_begin[i]) --count;
    out.push_back(count);
  }
  return out;
}

}  // namespace bp::opencl
