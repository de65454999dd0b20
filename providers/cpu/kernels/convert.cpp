// Loops for the types that C++ has arithmetic for; narrow floats go through blocks of float32.
#include "kernels/convert.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>

#include "instruction_set.hpp"
#include "kernels/convert_impl.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kBlock = 512;

// The float32 next to `value` whose last bit says whether anything was lost ("round to odd"): rounding that to
// fewer bits again gives what rounding once would have given.
float odd_float(double value) {
  const auto near = static_cast<float>(value);
  auto bits = std::bit_cast<uint32_t>(near);
  const double back = near;
  if (back == value || value != value) return near;
  if ((back > value) == (value > 0)) --bits;  // towards zero
  return std::bit_cast<float>(bits | 1u);
}

template <class From>
float rounded_once(From x) {
  if constexpr (std::is_integral_v<From> && sizeof(From) == 8) {
    // What float64 cannot hold goes into one bit that it can.
    constexpr auto kLow = static_cast<From>(0x7FF);
    constexpr From kMost = From{1} << 53;
    const bool wide = std::is_signed_v<From> ? x >= kMost || x <= static_cast<From>(-kMost) : x >= kMost;
    if (wide) x = static_cast<From>((x & static_cast<From>(~kLow)) | ((x & kLow) != 0 ? kLow + 1 : 0));
    return odd_float(static_cast<double>(x));
  } else if constexpr (std::is_same_v<From, double> || (std::is_integral_v<From> && sizeof(From) == 4)) {
    return odd_float(static_cast<double>(x));
  } else {
    return static_cast<float>(x);
  }
}

template <class To, class From>
To convert(From x) {
  using C = Compute<From>;
  const C value = static_cast<C>(x);
  if constexpr (std::is_same_v<To, bool>) {
    return value != C(0);
  } else if constexpr (std::is_floating_point_v<C> && std::is_integral_v<To>) {
    if constexpr (std::is_same_v<To, uint64_t>) {
      if (value > C(9.2e18) && value < C(1.8e19)) return static_cast<To>(value);
    }
    return truncated<To>(value);
  } else if constexpr (std::is_same_v<To, Half> || std::is_same_v<To, Bfloat16>) {
    return To(rounded_once(value));
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void convert_all(const std::byte* source, std::byte* target, int64_t count) {
  const auto* x = reinterpret_cast<const From*>(source);
  auto* y = reinterpret_cast<To*>(target);
  for (int64_t i = 0; i < count; ++i) y[i] = convert<To>(x[i]);
}

template <class From>
void load_all(const std::byte* source, std::byte* target, int64_t count) {
  const auto* x = reinterpret_cast<const From*>(source);
  auto* y = reinterpret_cast<float*>(target);
  for (int64_t i = 0; i < count; ++i) y[i] = rounded_once(static_cast<Compute<From>>(x[i]));
}

// The type with which a narrow integer computes, one to a byte.
Type as_byte(Type type) {
  if (type == Type::kInt4 || type == Type::kInt2) return Type::kInt8;
  if (type == Type::kUint4 || type == Type::kUint2) return Type::kUint8;
  return type;
}

// Bytes to what `type` holds of them: higher bits are discarded.
void wrap(Type type, std::byte* elements, int64_t count) {
  const uint32_t mask = (1u << element_bits(type)) - 1;
  const uint32_t sign = as_byte(type) == Type::kInt8 ? (mask + 1) / 2 : 0;
  auto* bytes = reinterpret_cast<uint8_t*>(elements);
  for (int64_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(((bytes[i] & mask) ^ sign) - sign);
}

bool is_narrow_float(Type type) { return (mask(type) & kNarrowFloats) != 0; }

}  // namespace

const ConvertLoops ConvertVariants::kPlain{find_wide_loop};

Conversion::Conversion(Type from, Type to, NarrowMode mode) : from_(from), to_(to), mode_(mode) {
  const Type read = as_byte(from);
  const Type written = as_byte(to);
  dispatch<kFixedSize>(read, [&]<class From>(Tag<From>) {
    load_ = load_all<From>;
    dispatch<kFixedSize>(written, [&]<class To>(Tag<To>) { direct_ = convert_all<From, To>; });
  });
  dispatch<kFixedSize>(written, [&]<class To>(Tag<To>) { store_ = convert_all<float, To>; });
  const auto widen = [](ConvertLoop& loop, Type x, Type y) {
    if (const ConvertLoop wide = best_variant<ConvertVariants>().find(x, y)) loop = wide;
  };
  widen(direct_, read, written);
  widen(load_, read, Type::kFloat32);
  widen(store_, Type::kFloat32, written);
}

void Conversion::store(const float* values, std::byte* target, int64_t count) const {
  if (is_narrow_float(to_)) return write_narrow(to_, values, target, count, mode_);
  store_(reinterpret_cast<const std::byte*>(values), target, count);
}

void Conversion::run(const std::byte* source, std::byte* target, int64_t count) const {
  if (direct_ != nullptr) {
    direct_(source, target, count);
  } else {
    const int64_t source_size = element_size(from_);
    const int64_t target_size = element_size(to_);
    float block[kBlock];
    for (int64_t begin = 0; begin < count; begin += kBlock) {
      const int64_t here = std::min(kBlock, count - begin);
      const std::byte* from = source + begin * source_size;
      if (is_narrow_float(from_)) {
        read_narrow(from_, from, block, here);
      } else {
        load_(from, reinterpret_cast<std::byte*>(block), here);
      }
      store(block, target + begin * target_size, here);
    }
  }
  if ((mask(to_) & kNarrowInts) != 0) wrap(to_, target, count);
}

}  // namespace bp::cpu
