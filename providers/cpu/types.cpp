// Sizes, names and 16-bit float conversions of element types.
#include "types.hpp"

#include <string>

namespace bp::cpu {

float half_to_float(uint16_t bits) noexcept {
#if defined(__F16C__)
  return _cvtsh_ss(bits);
#else
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1Fu;
  const uint32_t fraction = bits & 0x3FFu;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  // Zero and denormals: fraction * 2^-24 is exact in float.
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
#endif
}

uint16_t float_to_half(float value) noexcept {
#if defined(__F16C__)
  return _cvtss_sh(value, 0);
#else
  const auto raw = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((raw >> 16) & 0x8000u);
  const uint32_t magnitude = raw & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<uint16_t>(sign | 0x7E00u | ((magnitude >> 13) & 0x3FFu));
  if (magnitude >= 0x477FF000u) return static_cast<uint16_t>(sign | 0x7C00u);  // rounds to infinity
  if (magnitude < 0x38800000u) {
    // Below 2^-14: adding 0.5 lets the float unit round to a multiple of 2^-24.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3F000000u));
  }
  const uint32_t rounded = magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u);
  return static_cast<uint16_t>(sign | (rounded >> 13));
#endif
}

uint32_t element_size(Type type) noexcept {
  switch (type) {
    case Type::kUint8:
    case Type::kInt8:
    case Type::kBool:
      return 1;
    case Type::kUint16:
    case Type::kInt16:
    case Type::kFloat16:
    case Type::kBfloat16:
      return 2;
    case Type::kFloat32:
    case Type::kInt32:
    case Type::kUint32:
      return 4;
    case Type::kFloat64:
    case Type::kInt64:
    case Type::kUint64:
      return 8;
    case Type::kString:
      return sizeof(Text);
    default:
      return 0;
  }
}

std::string_view type_name(Type type) noexcept {
  static constexpr std::string_view kNames[] = {
      "undefined", "float32", "uint8",   "int8",   "uint16", "int16",     "int32",      "int64",   "string",
      "bool",      "float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16"};
  const auto number = static_cast<size_t>(type);
  return number < std::size(kNames) ? kNames[number] : "a type below 16 bits";
}

std::string mask_names(TypeMask types) {
  std::string names;
  for (uint32_t number = 0; number < 64; ++number) {
    if ((types >> number & 1u) == 0) continue;
    if (!names.empty()) names += ", ";
    names += type_name(static_cast<Type>(number));
  }
  return names;
}

int64_t element_count(const Dims& dims) noexcept {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  return count;
}

std::string dims_text(const Dims& dims) {
  std::string result = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) result += ',';
    result += dims[i] < 0 ? "?" : std::to_string(dims[i]);
  }
  return result + "]";
}

}  // namespace bp::cpu
