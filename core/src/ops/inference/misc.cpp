// DFT, STFT, Dropout and the optional-type operators.
#include "ops/inference/families.hpp"

namespace bp::inference {

// [batch..., signal..., 1 or 2] to [..., 2]; the transformed axis has dft_length entries, about half when
// one-sided. The inverse of half a spectrum is real: [..., 1].
Status dft(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  if (in->size() < 2) return inference_error("input 0 must have at least 2 dims, has {}", in->size());
  const bool half = call.node.int_or("onesided", 0) != 0;
  const bool real_out = half && call.node.int_or("inverse", 0) != 0;
  Dims out = *in;
  out.back() = Dim::of(real_out ? 1 : 2);
  const auto axis_value = call.ints(2);
  if (call.has(2) && (!axis_value || axis_value->size() != 1)) {
    call.set(0, call.element(0), Dims(in->size()));
    return {};
  }
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.has(2) ? axis_value->front() : -2, in->size()));
  ShapeElement length = ShapeElement::of(out[axis]);
  if (call.has(1)) {
    const auto stated = call.elements(1);
    length = stated && stated->size() == 1 ? stated->front() : ShapeElement{};
  } else if (real_out) {
    length = call.math.mul(call.math.sub(length, ShapeElement::of(1)), ShapeElement::of(2));
  }
  if (half && !real_out) length = call.math.add(call.math.floor_div(length, 2), ShapeElement::of(1));
  out[axis] = length.dim();
  call.set(0, call.element(0), std::move(out));
  return {};
}

// signal [batch, length, 1 or 2], frame_step, window, frame_length: [batch, frames, bins, 2].
Status stft(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  if (in->size() < 2) return inference_error("input 0 must have at least 2 dims, has {}", in->size());
  const auto step = call.ints(1);
  ShapeElement length;
  if (call.has(3)) {
    const auto stated = call.elements(3);
    if (stated && stated->size() == 1) length = stated->front();
  } else if (call.dims(2) != nullptr && call.dims(2)->size() == 1) {
    length = ShapeElement::of(call.dims(2)->front());
  }
  Dims out{(*in)[0], Dim{}, Dim{}, Dim::of(2)};
  if (step && step->size() == 1 && step->front() > 0) {
    const ShapeElement room = call.math.sub(ShapeElement::of((*in)[1]), length);
    if (room.known() && room.value < 0) return inference_error("the frame is longer than the signal");
    out[1] = call.math.add(call.math.floor_div(room, step->front()), ShapeElement::of(1)).dim();
  }
  const bool half = call.node.int_or("onesided", 1) != 0;
  out[2] = (half ? call.math.add(call.math.floor_div(length, 2), ShapeElement::of(1)) : length).dim();
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status dropout(InferenceCall& call) {
  BP_RETURN_IF_ERROR(same_as_first(call));
  if (const Dims* dims = call.dims(0)) {
    call.set(1, ElementType::kBool, *dims);
  } else {
    call.set(1, ElementType::kBool);
  }
  return {};
}

Status dynamic_quantize_linear(InferenceCall& call) {
  if (const Dims* dims = call.dims(0)) {
    call.set(0, ElementType::kUint8, *dims);
  } else {
    call.set(0, ElementType::kUint8);
  }
  call.set(1, ElementType::kFloat32, {});
  call.set(2, ElementType::kUint8, {});
  return {};
}

Status optional_has_element(InferenceCall& call) {
  call.set(0, ElementType::kBool, {});
  return {};
}

Status optional_get_element(InferenceCall& call) {
  const ValueType& in = *call.inputs[0].type;
  if (call.outputs.empty()) return {};
  if (in.kind != ValueKind::kOptional) {
    call.outputs[0] = in;
  } else if (in.contained) {
    call.outputs[0] = *in.contained;
  }
  return {};
}

}  // namespace bp::inference
