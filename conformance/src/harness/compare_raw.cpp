#include "harness/compare_raw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bp::conformance {
namespace {

template <class T>
T element(const RawTensor& tensor, uint64_t index) {
  T value;
  std::memcpy(&value, tensor.bytes.data() + index * sizeof value, sizeof value);
  return value;
}

double number(const RawTensor& tensor, uint64_t index) {
  switch (tensor.element_type) {
    case BP_TYPE_FLOAT32:
      return element<float>(tensor, index);
    case BP_TYPE_FLOAT64:
      return element<double>(tensor, index);
    case BP_TYPE_BFLOAT16: {
      const auto bits = static_cast<uint32_t>(element<uint16_t>(tensor, index)) << 16;
      float value = 0;
      std::memcpy(&value, &bits, sizeof value);
      return value;
    }
    case BP_TYPE_FLOAT16: {
      const uint16_t bits = element<uint16_t>(tensor, index);
      const int exponent = (bits >> 10) & 31;
      const int fraction = bits & 1023;
      const double size = exponent == 31  ? (fraction == 0 ? INFINITY : NAN)
                          : exponent == 0 ? std::ldexp(fraction, -24)
                                          : std::ldexp(1024 + fraction, exponent - 25);
      return bits & 0x8000 ? -size : size;
    }
    default:
      return NAN;
  }
}

bool is_float(uint32_t type) {
  return type == BP_TYPE_FLOAT32 || type == BP_TYPE_FLOAT64 || type == BP_TYPE_FLOAT16 ||
         type == BP_TYPE_BFLOAT16;
}

bool near(double a, double b, double scale) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::abs(a - b) <= 1e-3 * scale;
}

std::string differing_floats(const RawTensor& a, const RawTensor& b) {
  double scale = 0;
  for (uint64_t i = 0; i < a.count(); ++i) {
    const double size = std::abs(number(a, i));
    if (std::isfinite(size)) scale = std::max(scale, size);
  }
  for (uint64_t i = 0; i < a.count(); ++i) {
    if (!near(number(a, i), number(b, i), scale)) {
      return fmt::format("element {} is {} and {}", i, number(a, i), number(b, i));
    }
  }
  return "";
}

}  // namespace

std::string difference_of(const RawTensor& a, const RawTensor& b, Match match) {
  if (a.dims != b.dims || a.element_type != b.element_type || a.bytes.size() != b.bytes.size()) {
    return "the dims or types differ";
  }
  if (a.bytes == b.bytes) return "";
  if (match == Match::kNearly && is_float(a.element_type)) return differing_floats(a, b);
  const auto place = std::mismatch(a.bytes.begin(), a.bytes.end(), b.bytes.begin()).first - a.bytes.begin();
  const uint64_t index = static_cast<uint64_t>(place) * 8 / std::max<uint32_t>(bits_of(a.element_type), 1);
  if (is_float(a.element_type)) {
    return fmt::format("element {} is {:.9g} and {:.9g}", index, number(a, index), number(b, index));
  }
  return fmt::format("element {} differs", index);
}

std::string difference_of(const std::vector<RawTensor>& a, const std::vector<RawTensor>& b, Match match) {
  if (a.size() != b.size()) return "the numbers of outputs differ";
  for (size_t o = 0; o < a.size(); ++o) {
    if (const std::string difference = difference_of(a[o], b[o], match); !difference.empty()) {
      return fmt::format("output {}: {}", o, difference);
    }
  }
  return "";
}

}  // namespace bp::conformance
