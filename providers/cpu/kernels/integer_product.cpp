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
    return __builtin_cpu_supports("avx512vnni") ? multiply_avx512_vnni : multiply_avx512;
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

template <class T>
void columns(const T* bytes, int64_t stride, int64_t count, const int32_t* zeros, int64_t rows, int64_t depth,
             int16_t* target) {
  if (rows == kSideBySide) {
    for (int64_t k = 0; k < count; ++k) {
      const T* line = bytes + k * stride;
      for (int64_t i = 0; i < kSideBySide; ++i)
        target[i * depth + k] = static_cast<int16_t>(line[i] - zeros[i]);
    }
    for (int64_t i = 0; i < rows; ++i)
      std::fill(target + i * depth + count, target + (i + 1) * depth, int16_t{0});
    return;
  }
  for (int64_t i = 0; i < rows; ++i) widen(bytes + i, stride, count, zeros[i], depth, target + i * depth);
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

void widen_columns(const uint8_t* bytes, int64_t stride, int64_t count, const int32_t* zeros, int64_t rows,
                   int64_t depth, int16_t* target) {
  columns(bytes, stride, count, zeros, rows, depth, target);
}

void widen_columns(const int8_t* bytes, int64_t stride, int64_t count, const int32_t* zeros, int64_t rows,
                   int64_t depth, int16_t* target) {
  columns(bytes, stride, count, zeros, rows, depth, target);
}

}  // namespace bp::cpu
