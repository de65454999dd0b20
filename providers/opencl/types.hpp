// Element types: sizes, masks, and their names in OpenCL C.
#pragma once

#include <backplane/provider/types.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bp::opencl {

using Dims = std::vector<int64_t>;

enum class Type : uint32_t {
  kUndefined = BP_TYPE_UNDEFINED,
  kFloat32 = BP_TYPE_FLOAT32,
  kUint8 = BP_TYPE_UINT8,
  kInt8 = BP_TYPE_INT8,
  kUint16 = BP_TYPE_UINT16,
  kInt16 = BP_TYPE_INT16,
  kInt32 = BP_TYPE_INT32,
  kInt64 = BP_TYPE_INT64,
  kString = BP_TYPE_STRING,
  kBool = BP_TYPE_BOOL,
  kFloat16 = BP_TYPE_FLOAT16,
  kFloat64 = BP_TYPE_FLOAT64,
  kUint32 = BP_TYPE_UINT32,
  kUint64 = BP_TYPE_UINT64,
  kBfloat16 = BP_TYPE_BFLOAT16,
};

// IEEE binary16 and bfloat16 on the host: read only, for attributes and values at specialize.
struct Half {
  uint16_t bits = 0;
  operator float() const noexcept;
};
struct Bfloat16 {
  uint16_t bits = 0;
  operator float() const noexcept { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

// Bytes of one element; 0 for types that this provider does not know.
uint32_t element_size(Type type) noexcept;
std::string_view type_name(Type type) noexcept;  // "float32"

// A set of types, bit i for number i.
using TypeMask = uint64_t;
constexpr TypeMask mask(Type type) noexcept { return uint64_t{1} << (static_cast<uint32_t>(type) & 63u); }
template <class... Types>
constexpr TypeMask mask(Type first, Types... rest) noexcept {
  return mask(first) | mask(rest...);
}
inline constexpr TypeMask kFloat = mask(Type::kFloat32);
inline constexpr TypeMask kFloats = mask(Type::kFloat32, Type::kFloat64, Type::kFloat16, Type::kBfloat16);
inline constexpr TypeMask kSignedInts = mask(Type::kInt8, Type::kInt16, Type::kInt32, Type::kInt64);
inline constexpr TypeMask kUnsignedInts = mask(Type::kUint8, Type::kUint16, Type::kUint32, Type::kUint64);
inline constexpr TypeMask kInts = kSignedInts | kUnsignedInts;
inline constexpr TypeMask kIndices = mask(Type::kInt32, Type::kInt64);
inline constexpr TypeMask kNumbers = kFloats | kInts;
inline constexpr TypeMask kBool = mask(Type::kBool);
inline constexpr TypeMask kMovable = kNumbers | kBool;  // all that has element_size() > 0
std::string mask_names(TypeMask types);                 // "float32, int64"

constexpr bool in(Type type, TypeMask types) noexcept { return (mask(type) & types) != 0; }

// In OpenCL C: as it lies in memory ("half"), as arithmetic is done on it ("float"), and as an unsigned integer
// of the same size ("ushort"), for kernels that only move.
std::string_view storage_name(Type type) noexcept;
std::string_view compute_name(Type type) noexcept;
std::string_view bits_name(Type type) noexcept;

int64_t element_count(const Dims& dims) noexcept;
std::string dims_text(const Dims& dims);  // "[2,3]", "?" for unknown

}  // namespace bp::opencl
