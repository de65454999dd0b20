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

namespace {

struct TypeInfo {
  std::string_view name;
  uint32_t bits = 0;
};

// By ONNX's number. Strings have no bits of their own, complex numbers are not taken.
constexpr TypeInfo kTypes[] = {
    {"undefined"},         {"float32", 32},   {"uint8", 8},
    {"int8", 8},           {"uint16", 16},    {"int16", 16},
    {"int32", 32},         {"int64", 64},     {"string"},
    {"bool", 8},           {"float16", 16},   {"float64", 64},
    {"uint32", 32},        {"uint64", 64},    {"complex64"},
    {"complex128"},        {"bfloat16", 16},  {"float8e4m3fn", 8},
    {"float8e4m3fnuz", 8}, {"float8e5m2", 8}, {"float8e5m2fnuz", 8},
    {"uint4", 4},          {"int4", 4},       {"float4e2m1", 4},
    {"float8e8m0", 8},     {"uint2", 2},      {"int2", 2},
};

constexpr TypeInfo info(Type type) noexcept {
  const auto number = static_cast<size_t>(type);
  return number < std::size(kTypes) ? kTypes[number] : TypeInfo{"a type that is not known here"};
}

}  // namespace

uint32_t element_bits(Type type) noexcept { return info(type).bits; }

uint32_t element_size(Type type) noexcept {
  return type == Type::kString ? sizeof(Text) : (info(type).bits + 7) / 8;
}

uint64_t crossing_bytes(Type type, int64_t count) noexcept {
  return (static_cast<uint64_t>(count) * info(type).bits + 7) / 8;
}

std::string_view type_name(Type type) noexcept { return info(type).name; }

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
