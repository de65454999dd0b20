// Joining axes: two neighbours are one when every input steps over them as over one.
#include "kernels/broadcast.hpp"

#include <algorithm>

namespace bp::cpu {

bool broadcast_dims(const std::vector<Dims>& inputs, Dims& result) {
  size_t rank = 0;
  for (const Dims& dims : inputs) rank = std::max(rank, dims.size());
  result.assign(rank, 1);
  for (const Dims& dims : inputs)
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      int64_t& size = result[rank - dims.size() + axis];
      if (size == 1) {
        size = dims[axis];
      } else if (dims[axis] != 1 && dims[axis] != size) {
        return false;
      }
    }
  return true;
}

void collapse_axes(const Dims& output, const std::vector<Dims>& inputs, std::vector<int64_t>& sizes,
                   std::vector<std::vector<int64_t>>& steps) {
  const size_t rank = output.size();
  // Row-major steps of each input along the output's axes; 0 where it repeats.
  std::vector<std::vector<int64_t>> full(inputs.size(), std::vector<int64_t>(rank, 0));
  for (size_t input = 0; input < inputs.size(); ++input) {
    int64_t step = 1;
    const Dims& dims = inputs[input];
    for (size_t axis = dims.size(); axis-- > 0;) {
      if (dims[axis] != 1) full[input][rank - dims.size() + axis] = step;
      step *= dims[axis];
    }
  }
  sizes.clear();
  steps.assign(inputs.size(), {});
  for (size_t axis = 0; axis < rank; ++axis) {
    if (output[axis] == 1) continue;
    bool joins = !sizes.empty();
    for (size_t input = 0; input < inputs.size() && joins; ++input)
      joins = steps[input].back() == full[input][axis] * output[axis];
    if (joins) {
      sizes.back() *= output[axis];
      for (size_t input = 0; input < inputs.size(); ++input) steps[input].back() = full[input][axis];
    } else {
      sizes.push_back(output[axis]);
      for (size_t input = 0; input < inputs.size(); ++input) steps[input].push_back(full[input][axis]);
    }
  }
  if (sizes.empty()) {
    sizes.push_back(1);
    for (auto& list : steps) list.push_back(0);
  }
}

}  // namespace bp::cpu
