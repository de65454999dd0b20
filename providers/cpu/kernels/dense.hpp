// Products with constant weights, and what follows them, in one pass: float32, bfloat16 pairs or bytes against
// panels of weights that are packed once for any number of rows. Nothing is made per shape. Only for processors
// with the instructions; dense_runs() tells.
//
// Numbers travel in groups of four bytes: one float32, two bfloat16 or four bytes that are neighbours in depth.
// A packed matrix is panels of kDenseColumns columns (the last as narrow as kDenseLanes permits), each one
// group of every column after the other; missing columns and depth are zeros.
#pragma once

#include <cstdint>

#include "parallel.hpp"

namespace bp::cpu {

enum class DenseType : uint8_t { kFloat32, kBfloat16, kBytes };  // kBytes: uint8 times int8, exact
enum class DenseFunction : uint8_t { kNone, kRelu, kGelu, kGeluTanh };

inline constexpr int64_t kDenseLanes = 16;
inline constexpr int64_t kDenseColumns = 48;
inline constexpr int64_t kDenseRows = 8;  // that one block takes

// From a sum to a result: bytes as floats (sum - zero * column_sum - row_sum * column_zero) * scale, then +
// bias, function, + residual.
struct DenseFinish {
  const float* bias = nullptr;  // one per column
  DenseFunction function = DenseFunction::kNone;
  const float* residual = nullptr;  // laid out as the result, which may lie over it
  float a_scale = 1;
  const float* scales = nullptr;  // of the columns, step 0: one for all
  int64_t scale_step = 0;
  int32_t zero = 0;
  const int32_t* column_sums = nullptr;
  const int32_t* row_sums = nullptr;  // with column_zeros, or none
  const int32_t* column_zeros = nullptr;
};

// Up to kDenseRows rows times one panel.
struct DenseBlock {
  const void* a;
  int64_t a_stride;  // bytes
  int64_t rows, groups, columns;
  const void* panel;
  const char* ahead;  // memory that is wanted next, and how much of it to fetch
  int64_t ahead_lines;
  float* dst;
  int64_t dst_stride;
  const DenseFinish* finish;  // already moved to this block's columns and rows
};

using DenseKernel = void (*)(const DenseBlock&);

bool dense_runs(DenseType type);
int64_t dense_groups(DenseType type, int64_t depth);
uint64_t dense_packed_bytes(DenseType type, int64_t depth, int64_t columns);
// `weights`: float, for kBytes int8_t; any strides, in elements, and any address.
void pack_dense(DenseType type, const void* weights, int64_t row_stride, int64_t column_stride, int64_t depth,
                int64_t columns, void* packed);

struct DenseProduct {
  DenseType type = DenseType::kFloat32;
  int64_t rows = 0, depth = 0, columns = 0;

  // a: rows of groups, `a_stride` bytes apart; bytes need a depth that is a multiple of four.
  void run(int threads, const void* a, int64_t a_stride, const void* packed, const DenseFinish& finish,
           float* dst) const;
};

// Rows of floats as rows of bfloat16 pairs, filled up with a zero.
void narrow_rows(int threads, const float* from, int64_t rows, int64_t depth, uint16_t* to);

// What the bytes of each row add up to.
void sum_rows(int threads, const uint8_t* a, int64_t rows, int64_t depth, int32_t* sums);

// One per instruction set.
void run_dense_float32(const DenseBlock& block);
void run_dense_bfloat16(const DenseBlock& block);
void run_dense_bytes(const DenseBlock& block);
void narrow_row_avx512(const float* from, int64_t count, uint16_t* to);

}  // namespace bp::cpu
