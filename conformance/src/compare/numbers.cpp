// One description per float format serves decoding, encoding and distances.
#include "compare/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace bp::conformance {
namespace {

enum class Specials : uint8_t {
  kIeee,         // the largest exponent means infinity and NaN
  kAllOnesNan,   // only all ones is NaN, no infinity (E4M3FN)
  kNegZeroNan,   // only 0x80 is NaN, no infinity, no negative zero (FNUZ)
  kNone,         // every code is a number (E2M1)
  kPowersOfTwo,  // no sign, no mantissa, 0xFF is NaN (E8M0)
};

struct Format {
  int bits, mantissa, bias;
  Specials specials;
};

// Of float types narrower than 32 bits; bits 0 for others.
constexpr Format format_of(ElementType type) noexcept {
  switch (type) {
    case ElementType::kFloat16:
      return {16, 10, 15, Specials::kIeee};
    case ElementType::kBfloat16:
      return {16, 7, 127, Specials::kIeee};
    case ElementType::kFloat8E4M3FN:
      return {8, 3, 7, Specials::kAllOnesNan};
    case ElementType::kFloat8E4M3FNUZ:
      return {8, 3, 8, Specials::kNegZeroNan};
    case ElementType::kFloat8E5M2:
      return {8, 2, 15, Specials::kIeee};
    case ElementType::kFloat8E5M2FNUZ:
      return {8, 2, 16, Specials::kNegZeroNan};
    case ElementType::kFloat4E2M1:
      return {4, 1, 1, Specials::kNone};
    case ElementType::kFloat8E8M0:
      return {8, 0, 127, Specials::kPowersOfTwo};
    default:
      return {0, 0, 0, Specials::kIeee};
  }
}

double decode(const Format& format, uint32_t code) {
  if (format.specials == Specials::kPowersOfTwo)
    return code == 0xFF ? std::nan("") : std::ldexp(1.0, static_cast<int>(code) - format.bias);
  const uint32_t sign_bit = 1u << (format.bits - 1);
  const uint32_t magnitude = code & (sign_bit - 1);
  const double sign = (code & sign_bit) != 0 ? -1.0 : 1.0;
  const int exponent = static_cast<int>(magnitude >> format.mantissa);
  const int mantissa = static_cast<int>(magnitude & ((1u << format.mantissa) - 1));
  const int top = (1 << (format.bits - 1 - format.mantissa)) - 1;
  if (format.specials == Specials::kNegZeroNan && code == sign_bit) return std::nan("");
  if (format.specials == Specials::kAllOnesNan && magnitude == sign_bit - 1) return std::nan("");
  if (format.specials == Specials::kIeee && exponent == top)
    return mantissa != 0 ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - format.bias - format.mantissa);
  return sign * std::ldexp((1 << format.mantissa) + mantissa, exponent - format.bias - format.mantissa);
}

// The code of the largest finite number.
uint32_t largest_code(const Format& format) {
  const uint32_t top = (1u << (format.bits - 1)) - 1;
  switch (format.specials) {
    case Specials::kIeee:
      return top - (1u << format.mantissa);
    case Specials::kAllOnesNan:
      return top - 1;
    case Specials::kNegZeroNan:
    case Specials::kNone:
      return top;
    case Specials::kPowersOfTwo:
      return 0xFE;
  }
  return top;
}

uint32_t nan_code(const Format& format) {
  switch (format.specials) {
    case Specials::kIeee: {
      const uint32_t infinity = largest_code(format) + 1;
      return infinity | (1u << (format.mantissa - 1));
    }
    case Specials::kNegZeroNan:
      return 0x80;
    case Specials::kPowersOfTwo:
      return 0xFF;
    default:
      return (1u << (format.bits - 1)) - 1;
  }
}

uint32_t encode(const Format& format, double value) {
  if (std::isnan(value)) return nan_code(format);
  if (format.specials == Specials::kPowersOfTwo) {
    if (value <= 0) return 0;
    return static_cast<uint32_t>(std::clamp<double>(std::nearbyint(std::log2(value)) + format.bias, 0, 0xFE));
  }
  const uint32_t sign = std::signbit(value) ? 1u << (format.bits - 1) : 0;
  const double magnitude = std::abs(value);
  const uint32_t largest = largest_code(format);
  const double limit = decode(format, largest);
  const double step = decode(format, largest) - decode(format, largest - 1);
  if (magnitude >= limit + step / 2) {
    if (format.specials == Specials::kIeee) return sign | (largest + 1);
    return format.specials == Specials::kNone ? sign | largest : nan_code(format) | (sign & ~0x80u);
  }
  // Positive codes are ordered as their numbers are: the quantum of the value's binade gives the code.
  if (magnitude == 0) return format.specials == Specials::kNegZeroNan ? 0 : sign;
  int exponent = 0;
  std::frexp(magnitude, &exponent);  // magnitude in [2^(exponent-1), 2^exponent)
  const int lowest = 1 - format.bias;
  const int binade = std::max(exponent - 1, lowest);
  const double quanta = std::nearbyint(std::ldexp(magnitude, format.mantissa - binade));
  auto code = static_cast<uint32_t>(quanta) + (static_cast<uint32_t>(binade - lowest) << format.mantissa);
  code = std::min(code, largest);
  if (code == 0 && format.specials == Specials::kNegZeroNan) return 0;
  return sign | code;
}

template <class T>
T load(const Tensor& tensor, int64_t index) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + static_cast<size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void save(void* data, int64_t index, T value) {
  std::memcpy(static_cast<std::byte*>(data) + static_cast<size_t>(index) * sizeof(T), &value, sizeof(T));
}

uint32_t code_at(const Tensor& tensor, int64_t index, int bits) {
  if (bits == 16) return load<uint16_t>(tensor, index);
  if (bits == 8) return load<uint8_t>(tensor, index);
  const int64_t per_byte = 8 / bits;
  const auto shift = static_cast<uint32_t>(index % per_byte * bits);
  return (load<uint8_t>(tensor, index / per_byte) >> shift) & ((1u << bits) - 1);
}

void set_code(void* data, int64_t index, int bits, uint32_t code) {
  if (bits == 16) return save(data, index, static_cast<uint16_t>(code));
  if (bits == 8) return save(data, index, static_cast<uint8_t>(code));
  const int64_t per_byte = 8 / bits;
  const auto shift = static_cast<uint32_t>(index % per_byte * bits);
  const uint32_t mask = ((1u << bits) - 1) << shift;
  uint8_t& byte = static_cast<uint8_t*>(data)[index / per_byte];
  byte = static_cast<uint8_t>((byte & ~mask) | ((code << shift) & mask));
}

int64_t sign_extended(uint32_t code, int bits) {
  const auto value = static_cast<int64_t>(code);
  return (code >> (bits - 1)) != 0 ? value - (int64_t{1} << bits) : value;
}

}  // namespace

bool is_float_type(ElementType type) noexcept {
  return type == ElementType::kFloat32 || type == ElementType::kFloat64 || format_of(type).bits != 0;
}

bool is_integer_type(ElementType type) noexcept {
  switch (type) {
    case ElementType::kBool:
    case ElementType::kInt8:
    case ElementType::kInt16:
    case ElementType::kInt32:
    case ElementType::kInt64:
    case ElementType::kUint8:
    case ElementType::kUint16:
    case ElementType::kUint32:
    case ElementType::kUint64:
    case ElementType::kInt4:
    case ElementType::kUint4:
    case ElementType::kInt2:
    case ElementType::kUint2:
      return true;
    default:
      return false;
  }
}

int64_t integer_at(const Tensor& tensor, int64_t index) {
  switch (tensor.type) {
    case ElementType::kBool:
      return load<uint8_t>(tensor, index) != 0 ? 1 : 0;
    case ElementType::kInt8:
      return load<int8_t>(tensor, index);
    case ElementType::kInt16:
      return load<int16_t>(tensor, index);
    case ElementType::kInt32:
      return load<int32_t>(tensor, index);
    case ElementType::kInt64:
      return load<int64_t>(tensor, index);
    case ElementType::kUint8:
      return load<uint8_t>(tensor, index);
    case ElementType::kUint16:
      return load<uint16_t>(tensor, index);
    case ElementType::kUint32:
      return load<uint32_t>(tensor, index);
    case ElementType::kUint64:
      return static_cast<int64_t>(load<uint64_t>(tensor, index));
    case ElementType::kInt4:
      return sign_extended(code_at(tensor, index, 4), 4);
    case ElementType::kUint4:
      return code_at(tensor, index, 4);
    case ElementType::kInt2:
      return sign_extended(code_at(tensor, index, 2), 2);
    case ElementType::kUint2:
      return code_at(tensor, index, 2);
    default:
      return 0;
  }
}

double real_at(const Tensor& tensor, int64_t index) {
  if (tensor.type == ElementType::kFloat32) return load<float>(tensor, index);
  if (tensor.type == ElementType::kFloat64) return load<double>(tensor, index);
  if (const Format format = format_of(tensor.type); format.bits != 0)
    return decode(format, code_at(tensor, index, format.bits));
  if (tensor.type == ElementType::kUint64) return static_cast<double>(load<uint64_t>(tensor, index));
  return static_cast<double>(integer_at(tensor, index));
}

void store_real(ElementType type, void* data, int64_t index, double value) {
  if (type == ElementType::kFloat64) return save(data, index, value);
  if (type == ElementType::kFloat32) return save(data, index, static_cast<float>(value));
  if (const Format format = format_of(type); format.bits != 0)
    return set_code(data, index, format.bits, encode(format, value));
  store_integer(type, data, index, static_cast<int64_t>(value));
}

void store_integer(ElementType type, void* data, int64_t index, int64_t value) {
  switch (type) {
    case ElementType::kBool:
      return save<uint8_t>(data, index, value != 0 ? 1 : 0);
    case ElementType::kInt8:
    case ElementType::kUint8:
      return save(data, index, static_cast<uint8_t>(value));
    case ElementType::kInt16:
    case ElementType::kUint16:
      return save(data, index, static_cast<uint16_t>(value));
    case ElementType::kInt32:
    case ElementType::kUint32:
      return save(data, index, static_cast<uint32_t>(value));
    case ElementType::kInt64:
    case ElementType::kUint64:
      return save(data, index, value);
    case ElementType::kInt4:
    case ElementType::kUint4:
      return set_code(data, index, 4, static_cast<uint32_t>(value) & 0xF);
    case ElementType::kInt2:
    case ElementType::kUint2:
      return set_code(data, index, 2, static_cast<uint32_t>(value) & 0x3);
    default:
      return;
  }
}

double rounded_to(ElementType type, double value) {
  if (type == ElementType::kFloat64) return value;
  if (type == ElementType::kFloat32) return static_cast<float>(value);
  if (const Format format = format_of(type); format.bits != 0) return decode(format, encode(format, value));
  return value;
}

double largest_of(ElementType type) {
  if (type == ElementType::kFloat64) return std::numeric_limits<double>::max();
  if (type == ElementType::kFloat32) return std::numeric_limits<float>::max();
  const Format format = format_of(type);
  return format.bits == 0 ? 0 : decode(format, largest_code(format));
}

double smallest_normal_of(ElementType type) {
  if (type == ElementType::kFloat64) return std::numeric_limits<double>::min();
  if (type == ElementType::kFloat32) return std::numeric_limits<float>::min();
  const Format format = format_of(type);
  return format.bits == 0 ? 1 : std::ldexp(1.0, 1 - format.bias);
}

double epsilon_of(ElementType type) {
  if (type == ElementType::kFloat64) return std::numeric_limits<double>::epsilon();
  if (type == ElementType::kFloat32) return std::numeric_limits<float>::epsilon();
  const Format format = format_of(type);
  return format.bits == 0 ? 0 : std::ldexp(1.0, -format.mantissa);
}

double ulp_at(ElementType type, double value) {
  if (!is_float_type(type)) return 1;
  const double magnitude = std::min(std::max(std::abs(value), smallest_normal_of(type)), largest_of(type));
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  return std::ldexp(epsilon_of(type), exponent - 1);
}

}  // namespace bp::conformance
