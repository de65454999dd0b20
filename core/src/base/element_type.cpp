// Names and sizes of the element types: one table, indexed by ONNX's number.
#include "backplane/element_type.hpp"

#include <array>
#include <limits>

namespace bp {
namespace {

struct TypeInfo {
  std::string_view name;
  uint32_t bits;
};

constexpr std::array<TypeInfo, 27> kTypes{{
    {"undefined", 0},      {"float32", 32},  {"uint8", 8},        {"int8", 8},           {"uint16", 16},
    {"int16", 16},         {"int32", 32},    {"int64", 64},       {"string", 0},         {"bool", 8},
    {"float16", 16},       {"float64", 64},  {"uint32", 32},      {"uint64", 64},        {"complex64", 64},
    {"complex128", 128},   {"bfloat16", 16}, {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
    {"float8e5m2fnuz", 8}, {"uint4", 4},     {"int4", 4},         {"float4e2m1", 4},     {"float8e8m0", 8},
    {"uint2", 2},          {"int2", 2},
}};

const TypeInfo& info(ElementType type) noexcept {
  const auto index = static_cast<uint32_t>(type);
  return index < kTypes.size() ? kTypes[index] : kTypes[0];
}

}  // namespace

std::string_view element_type_name(ElementType type) noexcept { return info(type).name; }

uint32_t element_bits(ElementType type) noexcept { return info(type).bits; }

uint64_t storage_bytes(ElementType type, uint64_t count) noexcept {
  // Bits of 2^64 elements need more than 64 bits; a sum that does not fit is reported as the largest.
  __extension__ using Wide = unsigned __int128;
  const Wide bytes = (static_cast<Wide>(count) * info(type).bits + 7) / 8;
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return bytes > kMost ? kMost : static_cast<uint64_t>(bytes);
}

}  // namespace bp
