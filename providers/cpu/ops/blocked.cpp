// Dims of tensors in blocked layouts.
#include "ops/blocked.hpp"

namespace bp::cpu {

int64_t channel_block(Layout layout) noexcept {
  return layout == Layout::kBlocked16 ? 16 : layout == Layout::kBlocked8 ? 8 : 0;
}

Dims lying_dims(const Dims& dims, Layout layout) {
  if (layout == Layout::kPlain) return dims;
  const int64_t block = channel_block(layout);
  Dims lying = {dims[0]};
  if (block > 0) lying.push_back((dims[1] + block - 1) / block);
  lying.insert(lying.end(), dims.begin() + 2, dims.end());
  lying.push_back(block > 0 ? block : dims[1]);
  return lying;
}

size_t lying_axis(size_t axis, size_t rank, Layout layout) {
  if (layout != Layout::kChannelsLast || axis == 0) return axis;
  return axis == 1 ? rank - 1 : axis - 1;
}

Layout movable_layout(const Builder& b) {
  const size_t rank = b.input_dims(0).size();
  if (b.input_type(0) != Type::kFloat32 || rank < 3 || rank > 5) return Layout::kPlain;
  return b.layout_of(b.node().inputs[0]);
}

}  // namespace bp::cpu
