// Floats that 4 bits cannot hold: the standard leaves them open. The reference of opsets 21 to 23 rounds to the
// nearest integer and holds it within the type's range, that of opset 24 and later truncates and drops the
// higher bits; so the older form gets its rounding and its bounds written out.
#include "canonicalize/upgrade.hpp"

namespace bp::canonical {

Status cast_to_four_bits(Upgrade& upgrade) {
  const auto to = static_cast<ElementType>(upgrade.node().int_or("to", 0));
  if (to != ElementType::kInt4 && to != ElementType::kUint4) return {};
  const ValueType type = upgrade.input_type(0);
  const bool real =
      type.is_tensor() && (type.element == ElementType::kFloat32 || type.element == ElementType::kFloat64 ||
                           type.element == ElementType::kFloat16 || type.element == ElementType::kBfloat16);
  if (!real) return {};
  const bool negative = to == ElementType::kInt4;
  const ValueId low = upgrade.scalar_like("low", negative ? -8.0F : 0.0F, 0);
  const ValueId high = upgrade.scalar_like("high", negative ? 7.0F : 15.0F, 0);
  const ValueId whole = upgrade.add_node("Round", {upgrade.node().inputs[0]});
  upgrade.set_input(0, upgrade.add_node("Clip", {whole, low, high}));
  return {};
}

}  // namespace bp::canonical
