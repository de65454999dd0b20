// Reading of constant operands, axis checks and broadcasting, shared by all inference functions.
#include "ops/inference/inference_call.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace bp {
namespace {

float from_half(uint16_t bits) {
  const float sign = (bits & 0x8000u) != 0 ? -1.0F : 1.0F;
  const int exponent = (bits >> 10) & 0x1F, fraction = bits & 0x3FF;
  if (exponent == 31) return sign * (fraction != 0 ? std::nanf("") : INFINITY);
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                               : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25));
}

}  // namespace

std::optional<std::vector<int64_t>> InferenceCall::ints(size_t i) const {
  if (!has(i)) return std::nullopt;
  if (inputs[i].tensor != nullptr) {
    std::vector<int64_t> values = inputs[i].tensor->to_int64();
    if (static_cast<int64_t>(values.size()) != inputs[i].tensor->count()) return std::nullopt;
    return values;
  }
  if (inputs[i].elements == nullptr) return std::nullopt;
  std::vector<int64_t> values;
  for (const ShapeElement& element : *inputs[i].elements) {
    if (!element.known()) return std::nullopt;
    values.push_back(element.value);
  }
  return values;
}

InferenceCall::IntOperand InferenceCall::int_operand(size_t i, const char* attribute) const {
  if (has(i)) return {true, ints(i)};
  if (const std::vector<int64_t>* list = node.ints(attribute)) return {true, *list};
  return {};
}

std::optional<std::vector<float>> InferenceCall::floats(size_t i) const {
  if (!has(i) || inputs[i].tensor == nullptr) return std::nullopt;
  const Tensor& tensor = *inputs[i].tensor;
  std::vector<float> values(static_cast<size_t>(tensor.count()));
  if (tensor.type == ElementType::kFloat32) {
    if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  } else if (tensor.type == ElementType::kFloat64) {
    for (size_t n = 0; n < values.size(); ++n) {
      double value = 0;
      std::memcpy(&value, tensor.bytes.data() + n * sizeof(double), sizeof(double));
      values[n] = static_cast<float>(value);
    }
  } else if (tensor.type == ElementType::kFloat16 || tensor.type == ElementType::kBfloat16) {
    for (size_t n = 0; n < values.size(); ++n) {
      uint16_t bits = 0;
      std::memcpy(&bits, tensor.bytes.data() + n * sizeof(bits), sizeof(bits));
      values[n] = tensor.type == ElementType::kFloat16
                      ? from_half(bits)
                      : std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
    }
  } else {
    return std::nullopt;
  }
  return values;
}

std::optional<ShapeElements> InferenceCall::elements(size_t i) const {
  if (!has(i)) return std::nullopt;
  if (inputs[i].elements != nullptr) return *inputs[i].elements;
  if (const auto values = ints(i)) {
    ShapeElements elements;
    for (const int64_t value : *values) elements.push_back(ShapeElement::of(value));
    return elements;
  }
  const Dims* shape = dims(i);
  if (shape == nullptr || shape->size() > 1) return std::nullopt;
  const int64_t count = element_count(*shape);
  if (count < 0 || count > 64) return std::nullopt;
  return ShapeElements(static_cast<size_t>(count));
}

Result<size_t> checked_axis(int64_t axis, size_t rank) {
  const auto signed_rank = static_cast<int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    return inference_error("axis must be in [{}, {}), is {}", -signed_rank, signed_rank, axis);
  }
  return static_cast<size_t>(axis < 0 ? axis + signed_rank : axis);
}

namespace {

// One dim of the result from two operands' dims.
Status join(Dim& into, const Dim& dim, size_t axis) {
  if (dim == Dim::of(1) || into == dim) return {};
  if (into == Dim::of(1)) {
    into = dim;
  } else if (into.known() && dim.known()) {
    return inference_error("dims {} and {} at axis {} of the result do not broadcast", into.size, dim.size,
                           axis);
  } else if (dim.known()) {
    into = dim;  // the other one must be 1 or this
  } else if (!into.known()) {
    into = Dim{};  // two different unknowns, either may be 1
  }
  return {};
}

}  // namespace

Result<Dims> broadcast_dims(std::span<const Dims* const> operands) {
  size_t rank = 0;
  for (const Dims* dims : operands) rank = std::max(rank, dims->size());
  Dims result(rank, Dim::of(1));
  for (const Dims* dims : operands) {
    for (size_t i = 0; i < dims->size(); ++i) {
      const size_t axis = rank - dims->size() + i;
      BP_RETURN_IF_ERROR(join(result[axis], (*dims)[i], axis));
    }
  }
  return result;
}

}  // namespace bp
