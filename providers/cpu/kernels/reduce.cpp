// Joining axes for reductions.
#include "kernels/reduce.hpp"

#include <algorithm>

namespace bp::cpu {

ReducePlan plan_reduce(const Dims& input, const std::vector<int64_t>& axes, bool keep_dims) {
  const size_t rank = input.size();
  std::vector<bool> goes(rank, axes.empty());
  for (const int64_t axis : axes) goes[static_cast<size_t>(axis)] = true;
  std::vector<int64_t> steps(rank, 1);
  for (size_t axis = rank; axis-- > 1;) steps[axis - 1] = steps[axis] * input[axis];
  ReducePlan plan;
  bool joined_kind = false;
  bool any = false;
  for (size_t axis = 0; axis < rank; ++axis) {
    if (goes[axis]) {
      if (keep_dims) plan.output_dims.push_back(1);
    } else {
      plan.output_dims.push_back(input[axis]);
    }
    if (input[axis] == 1) continue;
    auto& sizes = goes[axis] ? plan.gone_sizes : plan.kept_sizes;
    auto& list = goes[axis] ? plan.gone_steps : plan.kept_steps;
    if (any && joined_kind == goes[axis]) {
      sizes.back() *= input[axis];
      list.back() = steps[axis];
    } else {
      sizes.push_back(input[axis]);
      list.push_back(steps[axis]);
    }
    any = true;
    joined_kind = goes[axis];
    plan.rows = !goes[axis];
  }
  for (const int64_t size : plan.kept_sizes) plan.outputs *= size;
  for (const int64_t size : plan.gone_sizes) plan.reduced *= size;
  return plan;
}

int64_t kept_offset(const ReducePlan& plan, int64_t index) {
  int64_t offset = 0;
  for (size_t axis = plan.kept_sizes.size(); axis-- > 0;) {
    offset += index % plan.kept_sizes[axis] * plan.kept_steps[axis];
    index /= plan.kept_sizes[axis];
  }
  return offset;
}

}  // namespace bp::cpu
