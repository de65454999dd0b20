// Walking a tensor for a reduction: neighbouring axes of one kind are joined, so that what is left alternates
// between axes that stay and axes that go. f sees one output element's (or row's) worth of input at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "parallel.hpp"
#include "types.hpp"

namespace bp::cpu {

struct ReducePlan {
  // Axes that stay and axes that go, outermost first, joined: sizes and steps in elements of the input.
  std::vector<int64_t> kept_sizes, kept_steps;
  std::vector<int64_t> gone_sizes, gone_steps;
  int64_t outputs = 1;  // product of kept_sizes
  int64_t reduced = 1;  // elements that go into one output
  bool rows = false;    // the innermost axis stays: neighbouring outputs read neighbouring inputs
  Dims output_dims;     // with axes of size 1 where keepdims asks for them
};

// `axes`: non-negative, may be in any order; empty: every axis.
ReducePlan plan_reduce(const Dims& input, const std::vector<int64_t>& axes, bool keep_dims);

// Offset of output `index` in the input.
int64_t kept_offset(const ReducePlan& plan, int64_t index);

// g(offset, count, step) for each innermost run of the elements that go into the output at `base`.
template <class G>
void for_gone(const ReducePlan& plan, int64_t base, G&& g) {
  if (plan.gone_sizes.empty()) {
    g(base, int64_t{1}, int64_t{1});
    return;
  }
  const size_t inner = plan.gone_sizes.size() - 1;
  int64_t outer = 1;
  for (size_t axis = 0; axis < inner; ++axis) outer *= plan.gone_sizes[axis];
  for (int64_t index = 0; index < outer; ++index) {
    int64_t rest = index, offset = base;
    for (size_t axis = inner; axis-- > 0;) {
      offset += rest % plan.gone_sizes[axis] * plan.gone_steps[axis];
      rest /= plan.gone_sizes[axis];
    }
    g(offset, plan.gone_sizes[inner], plan.gone_steps[inner]);
  }
}

}  // namespace bp::cpu
