#include "ops/product.hpp"

#include <algorithm>
#include <cstring>

#include "specialize.hpp"

namespace bp::opencl {

void choose_tile(ProductShape& shape) {
  shape.tile_rows = shape.rows >= 5 ? 8 : shape.rows >= 3 ? 4 : shape.rows == 2 ? 2 : 1;
  const int64_t over = shape.columns % 32;
  shape.vectors = over > 0 && over <= 16 && shape.columns < 64 ? 1 : 2;
}

void ProductRoot::emit(Specializer& specializer, const Expression& expression, Ref output) const {
  Launch launch("product", "product");
  launch.define("BP_ROWS", shape.tile_rows).define("BP_VECTORS", shape.vectors);
  if (shifts) launch.define("BP_SHIFTS", 1);
  if (shape.guard) launch.define("BP_GUARD", 1);
  if (shape.gaps) launch.define("BP_GAPS", 1);
  launch.define("BP_START(m)", first ? "first[m]" : "0");
  launch.memory(a, sizeof(float)).memory(b, sizeof(float)).memory(output, expression.type());
  launch.memory(first.value_or(Ref{}), sizeof(float)).memory(shifts.value_or(Ref{}), sizeof(int32_t));
  for (const int64_t number :
       {shape.rows, shape.columns, shape.depth, shape.a_tile, shape.a_row, shape.a_step, shape.a_batches,
        shape.a_batch, shape.b_panel, shape.b_step, shape.b_batch, shape.b_count, shape.out_row,
        shape.out_batch, shape.gap_row, shape.gap_kept, shape.gap_rows, shape.gap_rows_kept}) {
    launch.integer(number);
  }
  finish_with(launch, expression);
  launch.work({shape.tiles(), shape.panels(), shape.batches}, {1, 1, 1});
  specializer.launch(std::move(launch));
}

Ref pack_rows(Builder& b, size_t index, ProductShape& shape, int64_t row_stride, int64_t depth_stride) {
  const int64_t tile = shape.tile_rows;
  const int64_t tiles = shape.tiles();
  const int64_t batch = tiles * tile * shape.depth;
  const int64_t from_batch = shape.a_batch;
  const std::string key = text("rows/", b.constant_id(index), "/", tile, "/", row_stride, "/", depth_stride,
                               "/", shape.rows, "/", shape.depth);
  const HostTensor& source = b.needed_value(index);
  const ProductShape plan = shape;
  shape.a_tile = tile * shape.depth;
  shape.a_row = 1;
  shape.a_step = tile;
  shape.a_batch = batch;
  const auto fill = [=, &source](std::byte* bytes) {
    const auto* from = static_cast<const std::byte*>(source.data);
    for (int64_t group = 0; group < plan.a_batches; ++group) {
      for (int64_t row = 0; row < plan.rows; ++row) {
        for (int64_t k = 0; k < plan.depth; ++k) {
          const int64_t to = group * batch + row / tile * tile * plan.depth + k * tile + row % tile;
          const int64_t at = group * from_batch + row * row_stride + k * depth_stride;
          std::memcpy(bytes + to * 4, from + at * 4, 4);
        }
      }
    }
  };
  return b.packed(key, static_cast<uint64_t>(batch * plan.a_batches) * sizeof(float), fill);
}

}  // namespace bp::opencl
