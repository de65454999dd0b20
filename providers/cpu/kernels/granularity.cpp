// Shapes of scales against the shape of what they scale.
#include "kernels/granularity.hpp"

#include "ops/op.hpp"

namespace bp::cpu {

Granularity read_granularity(Builder& b, size_t x, size_t scale, size_t zero_point) {
  const Dims& dims = b.input_dims(x);
  const Dims& scales = b.input_dims(scale);
  Granularity result;
  if (b.has_input(zero_point) && b.input_dims(zero_point) != scales &&
      (element_count(scales) != 1 || element_count(b.input_dims(zero_point)) != 1)) {
    b.fail(text("the zero point must have the scale's dims ", dims_text(scales), ", has ",
                dims_text(b.input_dims(zero_point))));
  }
  result.scale_count = element_count(scales);
  const int64_t block = b.attributes().int_or("block_size", 0);
  if (block < 0) b.fail(text("block_size must not be negative, is ", block));
  if (scales.empty() || (block == 0 && scales == Dims{1})) return result;

  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 1), b.rank(x)));
  const auto at = dims.begin() + static_cast<std::ptrdiff_t>(axis);
  result.extent = *at;
  result.inner = element_count(Dims(at + 1, dims.end()));
  if (block == 0) {
    if (scales != Dims{*at}) {
      b.fail(text("the scale must be one element or have dims [", *at, "], one for each index of axis ", axis,
                  " of ", dims_text(dims), "; it has ", dims_text(scales)));
    }
    result.block = 1;
    result.blocks = *at;
    return result;
  }
  Dims expected = dims;
  expected[axis] = (*at + block - 1) / block;
  if (scales != expected) {
    b.fail(text("the scale must have dims ", dims_text(expected), " for blocks of ", block, " along axis ",
                axis, " of ", dims_text(dims), ", has ", dims_text(scales)));
  }
  result.block = block;
  result.blocks = expected[axis];
  result.outer_shared = false;
  return result;
}

}  // namespace bp::cpu
