// Operators that put elements in another order of axes: Transpose, and DepthToSpace and SpaceToDepth, which are
// transposes between two reshapes.
#include <algorithm>

#include "kernels/strided_copy.hpp"
#include "ops/attention_group.hpp"
#include "ops/strided.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_transpose(Check& check) {
  check.required(0);
  check.types(0, kMovable);
}

// `from` permuted by `perm`, then seen as `to`.
void permuted(Builder& b, const Dims& from, const Dims& perm, const Dims* to) {
  const Dims strides = row_major_strides(from);
  Dims dims;
  Dims permuted_strides;
  for (const int64_t axis : perm) {
    dims.push_back(from[static_cast<size_t>(axis)]);
    permuted_strides.push_back(strides[static_cast<size_t>(axis)]);
  }
  strided_output(b, dims, permuted_strides, 0, to == nullptr ? dims : *to);
}

void build_transpose(Builder& b) {
  if (build_attention_group(b)) return;
  const Dims& from = b.input_dims(0);
  Dims perm;
  for (int64_t axis = b.rank(0); axis-- > 0;) perm.push_back(axis);
  perm = b.attributes().ints_or("perm", perm);
  Dims sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  bool is_permutation = sorted.size() == from.size();
  for (size_t i = 0; is_permutation && i < sorted.size(); ++i) {
    is_permutation = sorted[i] == static_cast<int64_t>(i);
  }
  if (!is_permutation) b.fail(text("perm ", dims_text(perm), " does not order ", from.size(), " axes"));
  permuted(b, from, perm, nullptr);
}

void check_depth(Check& check) {
  check.required(0);
  check.types(0, kMovable);
  check.rank_between(0, 4, 4);
}

int64_t block_size(Builder& b) {
  const int64_t block = b.attributes().int_or("blocksize", 0);
  if (block < 1) b.fail(text("blocksize must be at least 1, is ", block));
  return block;
}

void build_depth_to_space(Builder& b) {
  const Dims& from = b.input_dims(0);
  const int64_t block = block_size(b);
  const int64_t depth = from[1] / (block * block);
  if (depth * block * block != from[1]) {
    b.fail(text("channels ", from[1], " are not a multiple of blocksize^2 ", block * block));
  }
  const Dims to = {from[0], depth, from[2] * block, from[3] * block};
  if (b.attributes().string_or("mode", "DCR") == "DCR") {
    permuted(b, {from[0], block, block, depth, from[2], from[3]}, {0, 3, 4, 1, 5, 2}, &to);
  } else {
    permuted(b, {from[0], depth, block, block, from[2], from[3]}, {0, 1, 4, 2, 5, 3}, &to);
  }
}

void build_space_to_depth(Builder& b) {
  const Dims& from = b.input_dims(0);
  const int64_t block = block_size(b);
  const int64_t height = from[2] / block;
  const int64_t width = from[3] / block;
  if (height * block != from[2] || width * block != from[3]) {
    b.fail(text("height and width of ", dims_text(from), " must be multiples of blocksize ", block));
  }
  const Dims to = {from[0], from[1] * block * block, height, width};
  const bool depth_first = b.attributes().string_or("mode", "DCR") == "DCR";
  permuted(b, {from[0], from[1], height, block, width, block},
           depth_first ? std::vector<int64_t>{0, 3, 5, 1, 2, 4} : std::vector<int64_t>{0, 1, 3, 5, 2, 4}, &to);
}

void check_depth_mode(Check& check) {
  check_depth(check);
  check.string_attribute("mode", "DCR", {"DCR", "CRD"});
}

constexpr Row kRows[] = {
    {"Transpose", check_transpose, build_transpose},
    {"DepthToSpace", check_depth_mode, build_depth_to_space},
    {"SpaceToDepth", check_depth_mode, build_space_to_depth},
};

}  // namespace

std::span<const Row> transpose_rows() { return kRows; }

}  // namespace bp::cpu
