// Products of float32 matrices by tiles in registers: what matrix products and convolutions end in.
#pragma once

#include <optional>

#include "expression.hpp"
#include "ops/op.hpp"

namespace bp::opencl {

// See kernels/product.cl for what the numbers mean.
struct ProductShape {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  int64_t batches = 1;
  int64_t a_tile = 0, a_row = 0, a_step = 0, a_batches = 1, a_batch = 0;
  int64_t b_panel = 0, b_step = 0, b_batch = 0;
  int64_t b_count = 0;  // elements behind b's first, where more must not be read (guard)
  bool guard = false;
  int64_t out_row = 0, out_batch = 0;
  bool gaps = false;
  int64_t gap_row = 1, gap_kept = 1, gap_rows = 1, gap_rows_kept = 1;
  int tile_rows = 8;
  int vectors = 2;  // of 16 columns

  int64_t tile_columns() const { return vectors * 16; }
  int64_t tiles() const { return (rows + tile_rows - 1) / tile_rows; }
  int64_t panels() const { return (columns + tile_columns() - 1) / tile_columns(); }
};

// Takes the tile that wastes least.
void choose_tile(ProductShape& shape);

class ProductRoot final : public Root {
 public:
  ProductShape shape;
  Ref a, b;
  std::optional<Ref> first;   // by row: what the sum starts with
  std::optional<Ref> shifts;  // by k: where b's row lies

  void emit(Specializer& specializer, const Expression& expression, Ref output) const override;
};

// Constant input `index`, [batches][rows, depth] with these strides, as tiles that lie one behind the other.
Ref pack_rows(Builder& b, size_t index, ProductShape& shape, int64_t row_stride, int64_t depth_stride);

}  // namespace bp::opencl
