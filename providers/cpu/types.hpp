// Element types as C++ types: float16 and bfloat16 with conversions through float, sizes, masks, and dispatch
// from a run-time type to a template argument.
#pragma once

#include <backplane/provider/types.h>

#include <bit>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace bp::cpu {

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
  kFloat8E4M3FN = BP_TYPE_FLOAT8_E4M3FN,
  kFloat8E4M3FNUZ = BP_TYPE_FLOAT8_E4M3FNUZ,
  kFloat8E5M2 = BP_TYPE_FLOAT8_E5M2,
  kFloat8E5M2FNUZ = BP_TYPE_FLOAT8_E5M2FNUZ,
  kUint4 = BP_TYPE_UINT4,
  kInt4 = BP_TYPE_INT4,
  kFloat4E2M1 = BP_TYPE_FLOAT4_E2M1,
  kFloat8E8M0 = BP_TYPE_FLOAT8_E8M0,
  kUint2 = BP_TYPE_UINT2,
  kInt2 = BP_TYPE_INT2,
};

float half_to_float(uint16_t bits) noexcept;
uint16_t float_to_half(float value) noexcept;  // to nearest even

// IEEE binary16 in memory; arithmetic happens in float.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  Half(float value) noexcept : bits(float_to_half(value)) {}  // NOLINT: a number like any other
  operator float() const noexcept { return half_to_float(bits); }
};

struct Bfloat16 {
  uint16_t bits = 0;
  Bfloat16() = default;
  Bfloat16(float value) noexcept {  // NOLINT: a number like any other
    const auto raw = std::bit_cast<uint32_t>(value);
    if (value != value) {
      bits = static_cast<uint16_t>((raw >> 16) | 0x40u);
    } else {
      bits = static_cast<uint16_t>((raw + 0x7FFFu + ((raw >> 16) & 1u)) >> 16);  // to nearest even
    }
  }
  operator float() const noexcept { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

// An element of a string tensor inside this provider: it moves like any other element of sixteen bytes, its
// characters stay where they are (texts.hpp). All zero is the empty string.
struct Text {
  const char* data = nullptr;
  uint64_t size = 0;
  Text() = default;
  Text(const char* characters, uint64_t count) noexcept : data(characters), size(count) {}
  explicit Text(std::string_view view) noexcept : data(view.data()), size(view.size()) {}
  std::string_view view() const noexcept { return {data, size}; }
  friend bool operator==(Text a, Text b) noexcept { return a.view() == b.view(); }
  friend auto operator<=>(Text a, Text b) noexcept { return a.view() <=> b.view(); }
};

// The type in which arithmetic on T is done: float for the 16-bit floats, T itself otherwise.
template <class T>
using Compute = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, Bfloat16>, float, T>;

template <class T>
inline constexpr bool kIsFloat = std::is_floating_point_v<Compute<T>>;

// Bytes of one element as it lies between steps, where elements of less than a byte take a whole one (signed
// ones with their sign); a string counts as its Text. 0 for what this provider does not know.
uint32_t element_size(Type type) noexcept;
// Bits of one element as it crosses the ABI: 4 for int4.
uint32_t element_bits(Type type) noexcept;
uint64_t crossing_bytes(Type type, int64_t count) noexcept;
std::string_view type_name(Type type) noexcept;  // "float32"

// A set of types, bit i for number i.
using TypeMask = uint64_t;
constexpr TypeMask mask(Type type) noexcept { return uint64_t{1} << static_cast<uint32_t>(type); }
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
inline constexpr TypeMask kFixedSize = kNumbers | kBool;  // all but strings and narrow types
inline constexpr TypeMask kString = mask(Type::kString);
inline constexpr TypeMask kAny = kFixedSize | kString;  // what dispatch() knows
inline constexpr TypeMask kFloat8 =
    mask(Type::kFloat8E4M3FN, Type::kFloat8E4M3FNUZ, Type::kFloat8E5M2, Type::kFloat8E5M2FNUZ);
// Floats whose elements are codes in a byte: narrow.hpp reads and writes them.
inline constexpr TypeMask kNarrowFloats = kFloat8 | mask(Type::kFloat8E8M0, Type::kFloat4E2M1);
inline constexpr TypeMask kNarrowInts = mask(Type::kInt4, Type::kUint4, Type::kInt2, Type::kUint2);
inline constexpr TypeMask kNarrow = kNarrowFloats | kNarrowInts;
// Several elements to a byte where they cross the ABI.
inline constexpr TypeMask kPackedTypes = kNarrowInts | mask(Type::kFloat4E2M1);
inline constexpr TypeMask kNumeric = kFixedSize | kNarrow;
inline constexpr TypeMask kMovable = kNumeric | kString;  // all that has element_size() > 0
constexpr bool is_packed(Type type) noexcept { return (kPackedTypes & mask(type)) != 0; }
std::string mask_names(TypeMask types);  // "float32, int64"

template <class T>
struct Tag {
  using type = T;
};

// Calls f(Tag<T>{}) with the C++ type of `type`: for (Tag<T>) do [&]<class T>(Tag<T>) { ... }. Bools are bool.
// Only types in `kTypes` are instantiated; returns false for others.
template <TypeMask kTypes, class F>
bool dispatch(Type type, F&& f) {
  const auto one = [&]<Type kType, class T>() {
    if constexpr ((kTypes & mask(kType)) != 0) {
      if (type == kType) {
        f(Tag<T>{});
        return true;
      }
    }
    return false;
  };
  return one.template operator()<Type::kFloat32, float>() ||
         one.template operator()<Type::kFloat64, double>() || one.template operator()<Type::kFloat16, Half>() ||
         one.template operator()<Type::kBfloat16, Bfloat16>() ||
         one.template operator()<Type::kInt8, int8_t>() || one.template operator()<Type::kInt16, int16_t>() ||
         one.template operator()<Type::kInt32, int32_t>() || one.template operator()<Type::kInt64, int64_t>() ||
         one.template operator()<Type::kUint8, uint8_t>() ||
         one.template operator()<Type::kUint16, uint16_t>() ||
         one.template operator()<Type::kUint32, uint32_t>() ||
         one.template operator()<Type::kUint64, uint64_t>() || one.template operator()<Type::kBool, bool>() ||
         one.template operator()<Type::kString, Text>();
}

int64_t element_count(const Dims& dims) noexcept;
std::string dims_text(const Dims& dims);  // "[2,3]", "?" for unknown

}  // namespace bp::cpu
