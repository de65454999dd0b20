// Values are held within the range before they are rounded, so that adding 1.5 * 2^23 rounds them to nearest
// even and leaves the integer in the low bits: loops that every vector unit has the instructions for.
#include "kernels/quantize.hpp"

#include <algorithm>
#include <bit>

namespace bp::cpu {

namespace {

constexpr int64_t kBlock = 512;
constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23
constexpr int32_t kRounderBits = 0x4B400000;

// The integer next to value + zero, which lies within [low, high].
inline int32_t quantized(float value, float zero, float low, float high) {
  value = value > low - zero ? value : low - zero;  // NaN: low
  value = value < high - zero ? value : high - zero;
  return std::bit_cast<int32_t>(value + kRounder) - kRounderBits + static_cast<int32_t>(zero);
}

template <class T>
void store(const float* values, const float* zero, int64_t step, IntegerRange range, T* codes, int64_t count) {
  const auto low = static_cast<float>(range.low);
  const auto high = static_cast<float>(range.high);
  if (step == 0) {
    const float one = *zero;
    for (int64_t i = 0; i < count; ++i) codes[i] = static_cast<T>(quantized(values[i], one, low, high));
  } else {
    for (int64_t i = 0; i < count; ++i) codes[i] = static_cast<T>(quantized(values[i], zero[i], low, high));
  }
}

}  // namespace

IntegerRange integer_range(Type type) noexcept {
  switch (type) {
    case Type::kInt8:
      return {-128, 127};
    case Type::kUint8:
      return {0, 255};
    case Type::kInt16:
      return {-32768, 32767};
    case Type::kUint16:
      return {0, 65535};
    case Type::kInt4:
      return {-8, 7};
    case Type::kUint4:
      return {0, 15};
    case Type::kInt2:
      return {-2, 1};
    default:
      return {0, 3};
  }
}

void store_quantized(Type type, const float* values, const float* zero, int64_t zero_step, std::byte* codes,
                     int64_t count) {
  const IntegerRange range = integer_range(type);
  if (element_size(type) == 2) {
    store(values, zero, zero_step, range, reinterpret_cast<uint16_t*>(codes), count);
  } else {
    store(values, zero, zero_step, range, reinterpret_cast<uint8_t*>(codes), count);
  }
}

void requantize(Type type, const int32_t* sums, const float* scale, int64_t step, float zero, std::byte* codes,
                int64_t count) {
  float values[kBlock];
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t here = std::min(kBlock, count - begin);
    const int32_t* from = sums + begin;
    if (step == 0) {
      const float one = *scale;
      for (int64_t i = 0; i < here; ++i) values[i] = static_cast<float>(from[i]) * one;
    } else {
      for (int64_t i = 0; i < here; ++i) values[i] = static_cast<float>(from[i]) * scale[begin + i];
    }
    store_quantized(type, values, &zero, 0, codes + begin * element_size(type), here);
  }
}

}  // namespace bp::cpu
