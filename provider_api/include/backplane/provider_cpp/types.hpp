// Names and sizes of the element types.
#ifndef BACKPLANE_PROVIDER_CPP_TYPES_HPP
#define BACKPLANE_PROVIDER_CPP_TYPES_HPP

#include <string_view>

#include "../provider/types.h"

namespace bp::sdk {

struct ElementType {
  std::string_view name;
  uint32_t bits;  // 0: no fixed size
};

// Name and size of a BP_TYPE_; {"unknown", 0} for numbers that these headers do not name.
[[nodiscard]] constexpr ElementType element_type(uint32_t type) {
  constexpr ElementType kTypes[] = {
      {"undefined", 0},      {"float32", 32},  {"uint8", 8},        {"int8", 8},           {"uint16", 16},
      {"int16", 16},         {"int32", 32},    {"int64", 64},       {"string", 0},         {"bool", 8},
      {"float16", 16},       {"float64", 64},  {"uint32", 32},      {"uint64", 64},        {"complex64", 64},
      {"complex128", 128},   {"bfloat16", 16}, {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
      {"float8e5m2fnuz", 8}, {"uint4", 4},     {"int4", 4},         {"float4e2m1", 4},     {"float8e8m0", 8},
      {"uint2", 2},          {"int2", 2},
  };
  return type < sizeof(kTypes) / sizeof(kTypes[0]) ? kTypes[type] : ElementType{"unknown", 0};
}

// Bytes of `count` elements; sub-byte types are packed. 0 for types without a fixed size.
[[nodiscard]] constexpr uint64_t size_bytes(uint32_t type, uint64_t count) {
  const uint64_t bits = element_type(type).bits;
  return bits >= 8 ? count * (bits / 8) : (count * bits + 7) / 8;
}

}  // namespace bp::sdk

#endif
