// Convolution and pooling: input [N, C, spatial...]. Formulas from the operators' specifications; ceil_mode
// drops a last window that would start in the end padding.
#include <algorithm>

#include "ops/inference/families.hpp"

namespace bp::inference {
namespace {

struct Windows {
  size_t spatial = 0;
  std::vector<int64_t> kernel;  // empty when unknown
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> pads;  // begins, then ends
  std::string auto_pad;

  // Extent of the dilated window.
  int64_t extent(size_t axis) const { return dilations[axis] * (kernel[axis] - 1) + 1; }
  bool same() const { return auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER"; }
  int64_t total_pad(size_t axis) const { return auto_pad == "NOTSET" ? pads[axis] + pads[axis + spatial] : 0; }
};

Result<std::vector<int64_t>> spatial_ints(const InferenceCall& call, const char* name, size_t count,
                                          int64_t fallback, int64_t least) {
  const std::vector<int64_t>* values = call.node.ints(name);
  if (values == nullptr || values->empty()) return std::vector<int64_t>(count, fallback);
  if (values->size() != count)
    return inference_error("attribute '{}' must have {} entries, has {}", name, count, values->size());
  for (const int64_t value : *values) {
    if (value < least) return inference_error("attribute '{}' must be at least {}, has {}", name, least, value);
    // So that the products below stay within 64 bits.
    if (value > INT32_MAX) return inference_error("attribute '{}' has {}, which is out of range", name, value);
  }
  return *values;
}

// `weights`: dims of the filter, of which the spatial ones follow the first two; nullptr for pools.
Result<Windows> read_windows(const InferenceCall& call, size_t rank, const Dims* weights) {
  if (rank < 3) return inference_error("input 0 must have at least 3 dims, has {}", rank);
  Windows windows;
  windows.spatial = rank - 2;
  BP_ASSIGN_OR_RETURN(windows.strides, spatial_ints(call, "strides", windows.spatial, 1, 1));
  BP_ASSIGN_OR_RETURN(windows.dilations, spatial_ints(call, "dilations", windows.spatial, 1, 1));
  BP_ASSIGN_OR_RETURN(windows.pads, spatial_ints(call, "pads", 2 * windows.spatial, 0, INT32_MIN));
  windows.auto_pad = call.node.string_or("auto_pad", "NOTSET");
  if (windows.auto_pad.empty()) windows.auto_pad = "NOTSET";
  if (!windows.same() && windows.auto_pad != "NOTSET" && windows.auto_pad != "VALID") {
    return inference_error("attribute 'auto_pad' may not be '{}'", windows.auto_pad);
  }
  if (weights != nullptr && weights->size() != rank) {
    return inference_error("input 1 must have {} dims, has {}", rank, weights->size());
  }
  if (const auto* stated = call.node.ints("kernel_shape"); stated != nullptr && !stated->empty()) {
    BP_ASSIGN_OR_RETURN(windows.kernel, spatial_ints(call, "kernel_shape", windows.spatial, 1, 1));
    for (size_t i = 0; weights != nullptr && i < windows.spatial; ++i) {
      const Dim& dim = (*weights)[i + 2];
      if (dim.known() && dim.size != windows.kernel[i]) {
        return inference_error("attribute 'kernel_shape' says {} at spatial dim {}, input 1 has {}",
                               windows.kernel[i], i, dim.size);
      }
    }
  } else if (weights != nullptr) {
    for (size_t i = 2; i < rank; ++i) {
      if (!(*weights)[i].known() || (*weights)[i].size > INT32_MAX) break;
      windows.kernel.push_back((*weights)[i].size);
    }
  } else {
    return inference_error("attribute 'kernel_shape' is required");
  }
  if (windows.kernel.size() != windows.spatial) windows.kernel.clear();
  return windows;
}

Result<Dim> window_count(InferenceCall& call, const Windows& windows, size_t axis, const Dim& in,
                         bool ceil_mode) {
  DimMath& math = call.math;
  const ShapeElement size = ShapeElement::of(in);
  const int64_t stride = windows.strides[axis];
  if (windows.same()) return math.floor_div(math.add(size, ShapeElement::of(stride - 1)), stride).dim();
  if (windows.kernel.empty()) return Dim{};
  const int64_t slack = windows.total_pad(axis) - windows.extent(axis);
  const ShapeElement room = math.add(size, ShapeElement::of(slack));
  if (room.known() && room.value < 0) {
    return inference_error("the window of {} at spatial dim {} is larger than the padded input of {}",
                           windows.extent(axis), axis, room.value + windows.extent(axis));
  }
  const bool ceil = ceil_mode && windows.auto_pad == "NOTSET";
  const ShapeElement steps = math.floor_div(math.add(room, ShapeElement::of(ceil ? stride - 1 : 0)), stride);
  ShapeElement count = math.add(steps, ShapeElement::of(1));
  if (ceil && count.known() && in.known() && (count.value - 1) * stride >= in.size + windows.pads[axis]) {
    count.value -= 1;
  }
  // Whether the last window counts cannot be said of a symbolic size.
  if (ceil && !count.known() && stride > 1) return Dim{};
  return count.dim();
}

Status check_channels(const InferenceCall& call, const Dims& in, const Dims& weights) {
  const int64_t groups = call.node.int_or("group", 1);
  if (groups < 1) return inference_error("attribute 'group' must be at least 1, is {}", groups);
  if (in[1].known() && weights[1].known() && in[1].size != weights[1].size * groups) {
    return inference_error("input 0 must have {} channels ({} per group, {} groups), has {}",
                           weights[1].size * groups, weights[1].size, groups, in[1].size);
  }
  return {};
}

// `filter`: the input with the weights.
Status conv_of(InferenceCall& call, size_t filter, ElementType element) {
  call.set(0, element);
  const Dims* in = call.dims(0);
  const Dims* weights = call.dims(filter);
  if (weights == nullptr) return {};
  if (in == nullptr) {
    // The result has as many dims as the weights.
    if (weights->size() < 3)
      return inference_error("input {} must have at least 3 dims, has {}", filter, weights->size());
    Dims out(weights->size());
    out[1] = (*weights)[0];
    call.set(0, element, std::move(out));
    return {};
  }
  BP_ASSIGN_OR_RETURN(const Windows windows, read_windows(call, in->size(), weights));
  BP_RETURN_IF_ERROR(check_channels(call, *in, *weights));
  Dims out{(*in)[0], (*weights)[0]};
  for (size_t i = 0; i < windows.spatial; ++i) {
    BP_ASSIGN_OR_RETURN(const Dim dim, window_count(call, windows, i, (*in)[i + 2], false));
    out.push_back(dim);
  }
  call.set(0, element, std::move(out));
  return {};
}

}  // namespace

Status conv(InferenceCall& call) { return conv_of(call, 1, call.element(0)); }

Status pool(InferenceCall& call) {
  const Dims* in = call.dims(0);
  call.set(0, call.element(0));
  call.set(1, ElementType::kInt64);
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const Windows windows, read_windows(call, in->size(), nullptr));
  const bool ceil_mode = call.node.int_or("ceil_mode", 0) != 0;
  Dims out{(*in)[0], (*in)[1]};
  for (size_t i = 0; i < windows.spatial; ++i) {
    BP_ASSIGN_OR_RETURN(const Dim dim, window_count(call, windows, i, (*in)[i + 2], ceil_mode));
    out.push_back(dim);
  }
  call.set(0, call.element(0), out);
  call.set(1, ElementType::kInt64, std::move(out));
  return {};
}

Status conv_transpose(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  const Dims* weights = call.dims(1);
  if (in == nullptr || weights == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const Windows windows, read_windows(call, in->size(), weights));
  BP_ASSIGN_OR_RETURN(const std::vector<int64_t> extra,
                      spatial_ints(call, "output_padding", windows.spatial, 0, 0));
  if ((*in)[1].known() && (*weights)[0].known() && (*in)[1].size != (*weights)[0].size) {
    return inference_error("input 0 must have {} channels, has {}", (*weights)[0].size, (*in)[1].size);
  }
  DimMath& math = call.math;
  Dims out{(*in)[0],
           math.mul(ShapeElement::of((*weights)[1]), ShapeElement::of(call.node.int_or("group", 1))).dim()};
  const std::vector<int64_t>* stated = call.node.ints("output_shape");
  // Some files repeat N and C in output_shape.
  const size_t skip = stated != nullptr && stated->size() == windows.spatial + 2 ? 2 : 0;
  for (size_t i = 0; i < windows.spatial; ++i) {
    const ShapeElement size = ShapeElement::of((*in)[i + 2]);
    if (stated != nullptr && stated->size() == windows.spatial + skip) {
      out.push_back(Dim::of((*stated)[i + skip]));
    } else if (windows.same()) {
      out.push_back(math.mul(size, ShapeElement::of(windows.strides[i])).dim());
    } else if (windows.kernel.empty()) {
      out.push_back({});
    } else {
      const int64_t rest = extra[i] + windows.extent(i) - windows.total_pad(i) - windows.strides[i];
      const ShapeElement dim =
          math.add(math.mul(size, ShapeElement::of(windows.strides[i])), ShapeElement::of(rest));
      if (dim.known() && dim.value < 0)
        return inference_error("spatial dim {} of the output would be {}", i, dim.value);
      out.push_back(dim.dim());
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

// x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias
Status qlinear_conv(InferenceCall& call) { return conv_of(call, 3, call.element(7)); }
Status conv_integer(InferenceCall& call) { return conv_of(call, 1, ElementType::kInt32); }

// The inverse of MaxPool's dims, or what input 2 says.
Status max_unpool(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  Dims out = *in;
  if (call.has(2)) {
    const auto stated = call.elements(2);
    if (stated && stated->size() != in->size()) {
      return inference_error("input 2 must have {} entries, has {}", in->size(), stated->size());
    }
    for (size_t i = 0; i < out.size(); ++i) out[i] = stated ? (*stated)[i].dim() : Dim{};
  } else {
    BP_ASSIGN_OR_RETURN(const Windows windows, read_windows(call, in->size(), nullptr));
    for (size_t i = 0; i < windows.spatial; ++i) {
      // (in - 1) * stride - pads + kernel
      const ShapeElement steps = call.math.add(ShapeElement::of((*in)[i + 2]), ShapeElement::of(-1));
      const ShapeElement span = call.math.mul(steps, ShapeElement::of(windows.strides[i]));
      out[i + 2] = call.math.add(span, ShapeElement::of(windows.kernel[i] - windows.total_pad(i))).dim();
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

// [N, C * prod(block), L] to [N, C, image...].
Status col2im(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  const auto image = call.elements(1);
  if (in == nullptr || !image) return {};
  if (in->size() != 3) return inference_error("input 0 must have 3 dims, has {}", in->size());
  Dims out{(*in)[0], Dim{}};
  if (const auto block = call.elements(2)) {
    ShapeElement area = ShapeElement::of(1);
    for (const ShapeElement& size : *block) area = call.math.mul(area, size);
    out[1] = call.math.exact_div(ShapeElement::of((*in)[1]), area).dim();
  }
  for (const ShapeElement& size : *image) out.push_back(size.dim());
  call.set(0, call.element(0), std::move(out));
  return {};
}

}  // namespace bp::inference
