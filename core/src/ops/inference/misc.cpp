// DFT and the optional-type operators.
#include "ops/inference/families.hpp"

namespace bp::inference {

// [batch..., signal..., 1 or 2] to [..., 2]; the transformed axis has dft_length entries, about half when
// one-sided.
Status dft(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  if (in->size() < 2) return inference_error("input 0 must have at least 2 dims, has {}", in->size());
  Dims out = *in;
  out.back() = Dim::of(2);
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
  }
  if (call.node.int_or("onesided", 0) != 0)
    length = call.math.add(call.math.floor_div(length, 2), ShapeElement::of(1));
  out[axis] = length.dim();
  call.set(0, call.element(0), std::move(out));
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
