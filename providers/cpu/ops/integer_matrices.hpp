// What MatMulInteger and QLinearMatMul share: shapes, zero points, and the way through oneDNN.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ops/quantized_output.hpp"

namespace bp::cpu {

// Positions of the node's inputs.
struct MatrixInputs {
  size_t a = 0;
  size_t a_zero = 2;
  size_t b = 1;
  size_t b_zero = 3;
};

// a: [a_batches, rows, depth], b: [b_batches, depth, columns], out: one matrix for each entry of a_of.
struct Matrices {
  int64_t rows = 1;
  int64_t columns = 1;
  int64_t depth = 1;
  int64_t a_batches = 1;
  int64_t b_batches = 1;
  std::vector<int64_t> a_of;  // per matrix of the output: which of a's, which of b's
  std::vector<int64_t> b_of;
  Dims dims;

  int64_t count() const { return static_cast<int64_t>(a_of.size()); }
};

Matrices read_matrices(Builder& b, const MatrixInputs& at);

// One zero point, one per row (column), or one per row (column) of every matrix.
struct RowZeros {
  ZeroPoint zero;
  int64_t rows = 1;

  int32_t at(const Call& call, int64_t batch, int64_t row) const {
    return zero.at(call, zero.count == rows ? row : batch * rows + row);
  }
};

// Throws where the zero points fit neither form; `what` is rows or columns.
RowZeros row_zeros(Builder& b, size_t input, int64_t rows, int64_t batches, std::string_view what);

// Sums of a matrix product that lack a's zero points, row by row with them.
struct RawSums {
  size_t raw = 0;
  size_t of_columns = 0;
  int64_t columns = 0;
  RowZeros zeros;

  void row(const Call& call, int64_t line, int32_t* sums) const {
    const int32_t zero = zeros.at(call, line / zeros.rows, line % zeros.rows);
    const int32_t* from = call.in<int32_t>(raw) + line * columns;
    const int32_t* b_sums = call.in<int32_t>(of_columns);
    for (int64_t i = 0; i < columns; ++i) sums[i] = from[i] - zero * b_sums[i];
  }
};

struct OnednnProduct {
  Builder::Ref raw;      // sums without a's zero points
  Builder::Ref columns;  // what the columns of b add up to
};

// Adds the product where oneDNN has exact code for it: one matrix b of constant, signed numbers without zero
// points. Otherwise adds nothing and returns false.
bool onednn_product(Builder& b, const MatrixInputs& at, const Matrices& shape, OnednnProduct* product);
// The operands of the step that finishes it.
RawSums raw_sums(Builder& b, OwnStep& step, const MatrixInputs& at, const Matrices& shape,
                 const OnednnProduct& product);

}  // namespace bp::cpu
