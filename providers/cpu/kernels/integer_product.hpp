// Matrix products of small integers with exact 32-bit sums. Both sides are rows of int16, from which the zero
// points are gone already: any mix of signed and unsigned bytes and of zero points is this one product.
#pragma once

#include <cstdint>

namespace bp::cpu {

// Rows are padded with zeros to a multiple of this many numbers.
inline constexpr int64_t kDepthStep = 32;
inline int64_t padded_depth(int64_t depth) { return (depth + kDepthStep - 1) / kDepthStep * kDepthStep; }

// sums[row * row_stride + column * column_stride] = a[row] . b[column]; rows of `depth` numbers, a multiple of
// kDepthStep, one behind the other. Sums wrap around at 32 bits, as the standard permits.
struct IntegerProduct {
  const int16_t* a = nullptr;
  const int16_t* b = nullptr;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  int32_t* sums = nullptr;
  int64_t row_stride = 0;
  int64_t column_stride = 0;
};

void multiply(const IntegerProduct& product);  // on the calling thread, by the widest instructions there are

// The same for one instruction set; chosen by multiply().
void multiply_plain(const IntegerProduct& product);
void multiply_avx2(const IntegerProduct& product);
void multiply_avx512(const IntegerProduct& product);
void multiply_avx512_vnni(const IntegerProduct& product);

// A row of bytes, `stride` apart, as int16 less the zero point, and zeros up to `depth`.
void widen_row(const uint8_t* bytes, int64_t stride, int64_t count, int32_t zero, int64_t depth, int16_t* row);
void widen_row(const int8_t* bytes, int64_t stride, int64_t count, int32_t zero, int64_t depth, int16_t* row);

// `rows` such rows whose numbers lie side by side, each with its own zero point: number k of row i is
// bytes[k * stride + i]. At most kSideBySide.
inline constexpr int64_t kSideBySide = 16;
void widen_columns(const uint8_t* bytes, int64_t stride, int64_t count, const int32_t* zeros, int64_t rows,
                   int64_t depth, int16_t* target);
void widen_columns(const int8_t* bytes, int64_t stride, int64_t count, const int32_t* zeros, int64_t rows,
                   int64_t depth, int16_t* target);

}  // namespace bp::cpu
