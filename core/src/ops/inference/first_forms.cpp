// Forms of opset 1 whose operands were attributes; newer forms are with their families.
#include "ops/inference/families.hpp"
#include "ops/old_type_names.hpp"

namespace bp::inference {

Status cast_by_name(InferenceCall& call) {
  const std::string name = call.node.string_or("to", "");
  const ElementType type = type_of_old_name(name);
  if (type == ElementType::kUndefined)
    return inference_error("attribute 'to' must be the name of an element type such as FLOAT, is '{}'", name);
  call.set(0, type);
  if (const Dims* dims = call.dims(0)) call.set(0, type, *dims);
  return {};
}

// The number of dims and the types are what the canonical form needs; sizes follow there.
Status rank_of_first(InferenceCall& call) {
  for (size_t i = 0; i < call.outputs.size(); ++i) {
    call.set(i, call.element(0));
    if (const Dims* dims = call.dims(0)) call.set(i, call.element(0), Dims(dims->size()));
  }
  return {};
}

Status reshape_by_attribute(InferenceCall& call) {
  call.set(0, call.element(0));
  if (const std::vector<int64_t>* shape = call.node.ints("shape")) {
    call.set(0, call.element(0), Dims(shape->size()));
  }
  return {};
}

Status dropout_with_like_mask(InferenceCall& call) {
  for (ValueType& output : call.outputs) output = *call.inputs[0].type;
  return {};
}

}  // namespace bp::inference
