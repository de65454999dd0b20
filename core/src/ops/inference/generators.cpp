// ConstantOfShape and Range.
#include <cmath>
#include <cstring>

#include "ops/inference/families.hpp"

namespace bp::inference {

Status constant_of_shape(InferenceCall& call) {
  ElementType element = ElementType::kFloat32;
  if (const Attribute* value = call.node.find_attribute("value")) {
    if (const TensorPtr* tensor = std::get_if<TensorPtr>(&value->value); tensor != nullptr && *tensor) {
      element = (*tensor)->type;
    }
  }
  call.set(0, element);
  const auto shape = call.elements(0);
  if (!shape) return {};
  Dims out;
  for (size_t i = 0; i < shape->size(); ++i) {
    if ((*shape)[i].known() && (*shape)[i].value < 0)
      return inference_error("dim {} of the shape is {}", i, (*shape)[i].value);
    out.push_back((*shape)[i].dim());
  }
  call.set(0, element, std::move(out));
  return {};
}

namespace {

// A scalar operand as a double; exact for the integers that a length can need.
std::optional<double> scalar(const InferenceCall& call, size_t i) {
  if (const auto values = call.ints(i); values && values->size() == 1)
    return static_cast<double>(values->front());
  if (!call.has(i) || call.inputs[i].tensor == nullptr || call.inputs[i].tensor->count() != 1)
    return std::nullopt;
  const Tensor& tensor = *call.inputs[i].tensor;
  if (tensor.type == ElementType::kFloat64) {
    double value = 0;
    std::memcpy(&value, tensor.bytes.data(), sizeof(value));
    return value;
  }
  if (const auto values = call.floats(i)) return values->front();
  return std::nullopt;
}

}  // namespace

// max(ceil((limit - start) / delta), 0) elements.
Status range(InferenceCall& call) {
  Dim count;
  const auto start = scalar(call, 0);
  const auto limit = scalar(call, 1);
  const auto delta = scalar(call, 2);
  if (delta && *delta == 0) return inference_error("input 2 (delta) is 0");
  if (start && limit && delta) {
    const double exact = std::ceil((*limit - *start) / *delta);
    if (!(exact < 9.0e15))
      return inference_error("{} elements from {} to {} by {}", exact, *start, *limit, *delta);
    count = Dim::of(exact > 0 ? static_cast<int64_t>(exact) : 0);
  } else if (delta && *delta == 1) {
    const auto first = call.elements(0);
    const auto last = call.elements(1);
    if (first && last && first->size() == 1 && last->size() == 1) {
      count = call.math.sub(last->front(), first->front()).dim();
    }
  }
  call.set(0, call.element(0), {count});
  return {};
}

}  // namespace bp::inference
