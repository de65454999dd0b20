// Tables for reading, integer arithmetic on the bits for writing.
#include "narrow.hpp"

#include <array>
#include <bit>
#include <limits>

namespace bp::cpu {

namespace {

struct Format {
  int exponent_bits;
  int fraction_bits;
  int bias;
  uint32_t largest;   // code of the largest finite number
  uint32_t infinity;  // what is too large becomes without saturation; a NaN where there is no infinity
  uint32_t nan;
  bool negative_zero;  // false: the code of -0 is NaN
};

constexpr Format kE4M3FN{4, 3, 7, 0x7E, 0x7F, 0x7F, true};
constexpr Format kE4M3FNUZ{4, 3, 8, 0x7F, 0x80, 0x80, false};
constexpr Format kE5M2{5, 2, 15, 0x7B, 0x7C, 0x7E, true};
constexpr Format kE5M2FNUZ{5, 2, 16, 0x7F, 0x80, 0x80, false};
// No NaN: it becomes -0, as the standard's reference has it.
constexpr Format kE2M1{2, 1, 1, 0x7, 0x7, 0x8, true};

constexpr float power_of_two(int exponent) {
  float value = 1;
  for (; exponent > 0; --exponent) value *= 2;
  for (; exponent < 0; ++exponent) value /= 2;
  return value;
}

using Values = std::array<float, 256>;

template <Format kFormat>
constexpr Values values_of() {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr uint32_t kSign = 1u << (kFormat.exponent_bits + kFormat.fraction_bits);
  constexpr uint32_t kFraction = (1u << kFormat.fraction_bits) - 1;
  Values values{};
  for (uint32_t code = 0; code < 256; ++code) {
    const uint32_t magnitude = code & (kSign - 1);
    const uint32_t exponent = magnitude >> kFormat.fraction_bits;
    const auto fraction = static_cast<float>(magnitude & kFraction) / static_cast<float>(kFraction + 1);
    float value = exponent == 0 ? fraction * power_of_two(1 - kFormat.bias)
                                : (1 + fraction) * power_of_two(static_cast<int>(exponent) - kFormat.bias);
    const bool has_infinity = kFormat.infinity < kFormat.nan && kFormat.infinity != kFormat.largest;
    if (magnitude > kFormat.largest) value = kNan;
    if (has_infinity && magnitude == kFormat.infinity) value = std::numeric_limits<float>::infinity();
    if ((code & kSign) != 0) value = -value;
    if (!kFormat.negative_zero && code == kSign) value = kNan;
    values[code] = value;
  }
  return values;
}

constexpr Values powers() {
  Values values{};
  for (int code = 0; code < 255; ++code) values[static_cast<size_t>(code)] = power_of_two(code - 127);
  values[255] = std::numeric_limits<float>::quiet_NaN();
  return values;
}

constexpr Values kValuesE4M3FN = values_of<kE4M3FN>();
constexpr Values kValuesE4M3FNUZ = values_of<kE4M3FNUZ>();
constexpr Values kValuesE5M2 = values_of<kE5M2>();
constexpr Values kValuesE5M2FNUZ = values_of<kE5M2FNUZ>();
constexpr Values kValuesE2M1 = values_of<kE2M1>();
constexpr Values kValuesE8M0 = powers();

const Values& values_of(Type type) {
  switch (type) {
    case Type::kFloat8E4M3FN:
      return kValuesE4M3FN;
    case Type::kFloat8E4M3FNUZ:
      return kValuesE4M3FNUZ;
    case Type::kFloat8E5M2:
      return kValuesE5M2;
    case Type::kFloat8E5M2FNUZ:
      return kValuesE5M2FNUZ;
    case Type::kFloat4E2M1:
      return kValuesE2M1;
    default:
      return kValuesE8M0;
  }
}

constexpr uint32_t kFloatSign = 0x80000000u;
constexpr uint32_t kFloatInfinity = 0x7F800000u;
constexpr int kFloatFraction = 23;
constexpr int kFloatBias = 127;

template <Format kFormat>
void write(const float* values, uint8_t* codes, int64_t count, bool saturate) {
  constexpr int kShift = kFloatFraction - kFormat.fraction_bits;
  constexpr uint32_t kSmallest = uint32_t(kFloatBias + 1 - kFormat.bias) << kFloatFraction;  // normal number
  // Adding this lets the float unit round to a multiple of the smallest denormal.
  constexpr uint32_t kMagic = uint32_t(kFloatBias + 1 - kFormat.bias + kShift) << kFloatFraction;
  constexpr uint32_t kRebias = uint32_t(kFloatBias - kFormat.bias) << kFormat.fraction_bits;
  constexpr uint32_t kSign = 1u << (kFormat.exponent_bits + kFormat.fraction_bits);
  const uint32_t too_large = saturate ? kFormat.largest : kFormat.infinity;
  for (int64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<uint32_t>(values[i]);
    const uint32_t magnitude = bits & ~kFloatSign;
    const uint32_t half = (1u << (kShift - 1)) - 1 + ((magnitude >> kShift) & 1u);
    const uint32_t normal = ((magnitude + half) >> kShift) - kRebias;
    const uint32_t denormal =
        std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + std::bit_cast<float>(kMagic)) - kMagic;
    uint32_t code = magnitude < kSmallest ? denormal : normal;
    code = code > kFormat.largest ? too_large : code;
    const uint32_t sign = (bits & kFloatSign) != 0 ? kSign : 0;
    code = kFormat.negative_zero || (code != 0 && code != kFormat.nan) ? code | sign : code;
    code = magnitude > kFloatInfinity ? kFormat.nan | (kFormat.negative_zero ? sign : 0) : code;
    codes[i] = static_cast<uint8_t>(code);
  }
}

// Negative numbers are undefined: their sign is dropped.
uint8_t power_code(float value, NarrowMode mode) {
  constexpr uint8_t kNan = 0xFF;
  constexpr uint64_t kLargest = 254;
  constexpr int kFraction = 52;
  constexpr uint64_t kLeast = 1023 - 127;  // the exponent of code 0
  if (value != value) return kNan;
  // In float64 the smallest powers are normal numbers too.
  const uint64_t magnitude = std::bit_cast<uint64_t>(static_cast<double>(value)) & ~(uint64_t{1} << 63);
  const uint64_t fraction = magnitude & ((uint64_t{1} << kFraction) - 1);
  const bool up = mode.rounding == PowerRounding::kUp
                      ? fraction != 0
                      : mode.rounding == PowerRounding::kNearest && fraction >= uint64_t{1} << (kFraction - 1);
  const uint64_t exponent = (magnitude >> kFraction) + (up ? 1 : 0);
  if (exponent < kLeast) return mode.saturate ? 0 : kNan;
  if (exponent > kLeast + kLargest) return mode.saturate ? kLargest : kNan;
  return static_cast<uint8_t>(exponent - kLeast);
}

}  // namespace

void read_narrow(Type type, const std::byte* codes, float* values, int64_t count) {
  if ((mask(type) & kNarrowInts) != 0) {
    const auto* numbers = reinterpret_cast<const int8_t*>(codes);  // unsigned ones are below 16
    for (int64_t i = 0; i < count; ++i) values[i] = numbers[i];
    return;
  }
  const Values& table = values_of(type);
  const auto* indices = reinterpret_cast<const uint8_t*>(codes);
  for (int64_t i = 0; i < count; ++i) values[i] = table[indices[i]];
}

void write_narrow(Type type, const float* values, std::byte* target, int64_t count, NarrowMode mode) {
  auto* codes = reinterpret_cast<uint8_t*>(target);
  switch (type) {
    case Type::kFloat8E4M3FN:
      return write<kE4M3FN>(values, codes, count, mode.saturate);
    case Type::kFloat8E4M3FNUZ:
      return write<kE4M3FNUZ>(values, codes, count, mode.saturate);
    case Type::kFloat8E5M2:
      return write<kE5M2>(values, codes, count, mode.saturate);
    case Type::kFloat8E5M2FNUZ:
      return write<kE5M2FNUZ>(values, codes, count, mode.saturate);
    case Type::kFloat4E2M1:
      return write<kE2M1>(values, codes, count, true);
    default:
      for (int64_t i = 0; i < count; ++i) codes[i] = power_code(values[i], mode);
  }
}

}  // namespace bp::cpu
