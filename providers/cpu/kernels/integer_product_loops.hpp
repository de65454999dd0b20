// The loops of integer_product.hpp, compiled once per instruction set. kRows * kColumns sums stay in registers.
#pragma once

#include <algorithm>

#include "kernels/integer_product.hpp"

namespace bp::cpu {

namespace {

template <int kRows, int kColumns>
void multiply_block(const IntegerProduct& p, int64_t row, int64_t column) {
  const int16_t* a[kRows];
  const int16_t* b[kColumns];
  for (int i = 0; i < kRows; ++i) a[i] = p.a + (row + i) * p.depth;
  for (int j = 0; j < kColumns; ++j) b[j] = p.b + (column + j) * p.depth;
  int32_t sums[kRows][kColumns] = {};
  for (int64_t k = 0; k < p.depth; ++k) {
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kColumns; ++j) sums[i][j] += int32_t{a[i][k]} * int32_t{b[j][k]};
    }
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) {
      p.sums[(row + i) * p.row_stride + (column + j) * p.column_stride] = sums[i][j];
    }
  }
}

template <int kRows, int kColumns>
void multiply_all(const IntegerProduct& p) {
  int64_t column = 0;
  for (; column + kColumns <= p.columns; column += kColumns) {
    int64_t row = 0;
    for (; row + kRows <= p.rows; row += kRows) multiply_block<kRows, kColumns>(p, row, column);
    for (; row < p.rows; ++row) multiply_block<1, kColumns>(p, row, column);
  }
  for (; column < p.columns; ++column) {
    int64_t row = 0;
    for (; row + kRows <= p.rows; row += kRows) multiply_block<kRows, 1>(p, row, column);
    for (; row < p.rows; ++row) multiply_block<1, 1>(p, row, column);
  }
}

}  // namespace

}  // namespace bp::cpu
