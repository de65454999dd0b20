// Plain loops, and the choice between them and the wider ones.
#include "kernels/integer_product.hpp"

#include <algorithm>

#include "kernels/integer_product_loops.hpp"

namespace bp::cpu {

namespace {

using Multiply = void (*)(const IntegerProduct&);

Multiply choose() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    return multiply_avx512;
  }
  if (__builtin_cpu_supports("avx2")) return multiply_avx2;
#endif
  return multiply_plain;
}

template <class T>
void widen(const T* bytes, int64_t stride, int64_t count, int32_t zero, int64_t depth, int16_t* row) {
  if (stride == 1) {
    for (int64_t k = 0; k < count; ++k) row[k] = static_cast<int16_t>(bytes[k] - zero);
  } else {
    for (int64_t k = 0; k < count; ++k) row[k] = static_cast<int16_t>(bytes[k * stride] - zero);
  }
  std::fill(row + count, row + depth, int16_t{0});
}

}  // namespace

void multiply_plain(const IntegerProduct& product) { multiply_all<2, 4>(product); }

void multiply(const IntegerProduct& product) {
  static const Multiply chosen = choose();
  chosen(product);
}

void widen_row(const uint8_t* bytes, int64_t stride, int64_t count, int32_t zero, int64_t depth, int16_t* row) {
  widen(bytes, stride, count, zero, depth, row);
}

void widen_row(const int8_t* bytes, int64_t stride, int64_t count, int32_t zero, int64_t depth, int16_t* row) {
  widen(bytes, stride, count, zero, depth, row);
}

}  // namespace bp::cpu
