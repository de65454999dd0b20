// Operators whose output has the dims of one input, or of all inputs broadcast.
#include "ops/inference/families.hpp"

namespace bp::inference {
namespace {

Status broadcast_as(InferenceCall& call, ElementType element, size_t operands) {
  std::vector<const Dims*> shapes;
  for (size_t i = 0; i < operands; ++i) {
    if (call.dims(i) == nullptr) {
      call.set(0, element);
      return {};
    }
    shapes.push_back(call.dims(i));
  }
  BP_ASSIGN_OR_RETURN(Dims dims, broadcast_dims(shapes));
  call.set(0, element, std::move(dims));
  return {};
}

void same_dims_as(InferenceCall& call, ElementType element) {
  if (const Dims* dims = call.dims(0)) {
    call.set(0, element, *dims);
  } else {
    call.set(0, element);
  }
}

}  // namespace

Status same_as_first(InferenceCall& call) {
  if (!call.outputs.empty()) call.outputs[0] = *call.inputs[0].type;
  return {};
}

Status broadcast(InferenceCall& call) { return broadcast_as(call, call.element(0), call.inputs.size()); }
Status broadcast_to_bool(InferenceCall& call) {
  return broadcast_as(call, ElementType::kBool, call.inputs.size());
}
Status where(InferenceCall& call) { return broadcast_as(call, call.element(1), 3); }

Status same_dims_bool(InferenceCall& call) {
  same_dims_as(call, ElementType::kBool);
  return {};
}

Status cast(InferenceCall& call) {
  const auto to = static_cast<ElementType>(call.node.int_or("to", 0));
  if (element_type_name(to) == "undefined") {
    return inference_error("attribute 'to' must be an element type, is {}", call.node.int_or("to", 0));
  }
  same_dims_as(call, to);
  return {};
}

Status bit_cast(InferenceCall& call) {
  BP_RETURN_IF_ERROR(cast(call));
  const uint32_t from = element_bits(call.element(0)), to = element_bits(call.outputs[0].element);
  if (from != to) {
    return inference_error("attribute 'to' must be a type of {} bits like the input's, {} has {}", from,
                           element_type_name(call.outputs[0].element), to);
  }
  return {};
}

Status cast_like(InferenceCall& call) {
  same_dims_as(call, call.element(1));
  return {};
}

Status quantize_linear(InferenceCall& call) {
  // The zero point decides, then output_dtype, then uint8.
  const auto stated = static_cast<ElementType>(call.node.int_or("output_dtype", 0));
  ElementType element = stated == ElementType::kUndefined ? ElementType::kUint8 : stated;
  if (call.has(2)) {
    element = call.element(2);
    if (stated != ElementType::kUndefined && stated != element) {
      return inference_error("attribute 'output_dtype' says {}, the zero point is {}",
                             element_type_name(stated), element_type_name(element));
    }
  }
  same_dims_as(call, element);
  return {};
}

Status dequantize_linear(InferenceCall& call) {
  const auto stated = static_cast<ElementType>(call.node.int_or("output_dtype", 0));
  same_dims_as(call, stated == ElementType::kUndefined ? call.element(1) : stated);
  return {};
}

}  // namespace bp::inference
