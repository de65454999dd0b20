// Numpy broadcasting for any number of operands: neighbouring axes that all operands walk alike become one, and
// the innermost one is left to the caller as a plain loop.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "parallel.hpp"
#include "types.hpp"

namespace bp::cpu {

// The dims to which all of `inputs` broadcast; false when they do not.
bool broadcast_dims(const std::vector<Dims>& inputs, Dims& result);

// How one output of `dims` is walked with N inputs. Steps are in elements: 0 where an input repeats.
template <size_t N>
struct BroadcastPlan {
  std::vector<int64_t> sizes;                 // outer axes, outermost first
  std::array<std::vector<int64_t>, N> steps;  // per input and outer axis
  int64_t inner = 1;                          // elements of the innermost loop
  std::array<int64_t, N> inner_steps{};       // 0 or 1 each, mostly
  int64_t outer = 1;                          // product of sizes
};

void collapse_axes(const Dims& output, const std::vector<Dims>& inputs, std::vector<int64_t>& sizes,
                   std::vector<std::vector<int64_t>>& steps);

template <size_t N>
BroadcastPlan<N> plan_broadcast(const Dims& output, const std::array<Dims, N>& inputs) {
  BroadcastPlan<N> plan;
  std::vector<std::vector<int64_t>> steps;
  collapse_axes(output, std::vector<Dims>(inputs.begin(), inputs.end()), plan.sizes, steps);
  plan.inner = plan.sizes.back();
  plan.sizes.pop_back();
  for (size_t input = 0; input < N; ++input) {
    plan.inner_steps[input] = steps[input].back();
    steps[input].pop_back();
    plan.steps[input] = steps[input];
  }
  for (const int64_t size : plan.sizes) plan.outer *= size;
  return plan;
}

// f(offsets, out_offset, count): `count` elements of the output from `out_offset` on, inputs from `offsets`
// with plan.inner_steps.
template <size_t N, class F>
void for_broadcast(int threads, const BroadcastPlan<N>& plan, F&& f) {
  if (plan.outer == 1) {
    parallel_for(threads, plan.inner, plan.inner, [&](int64_t begin, int64_t end) {
      std::array<int64_t, N> offsets;
      for (size_t input = 0; input < N; ++input) offsets[input] = begin * plan.inner_steps[input];
      f(offsets, begin, end - begin);
    });
    return;
  }
  parallel_for(threads, plan.outer, plan.outer * plan.inner, [&](int64_t begin, int64_t end) {
    constexpr size_t kMaxAxes = 32;
    std::array<int64_t, kMaxAxes> index{};
    std::array<int64_t, N> offsets{};
    const size_t axes = plan.sizes.size();
    int64_t rest = begin;
    for (size_t axis = axes; axis-- > 0;) {
      index[axis] = rest % plan.sizes[axis];
      rest /= plan.sizes[axis];
      for (size_t input = 0; input < N; ++input) offsets[input] += index[axis] * plan.steps[input][axis];
    }
    for (int64_t row = begin; row < end; ++row) {
      f(offsets, row * plan.inner, plan.inner);
      for (size_t axis = axes; axis-- > 0;) {
        for (size_t input = 0; input < N; ++input) offsets[input] += plan.steps[input][axis];
        if (++index[axis] < plan.sizes[axis]) break;
        for (size_t input = 0; input < N; ++input) offsets[input] -= plan.sizes[axis] * plan.steps[input][axis];
        index[axis] = 0;
      }
    }
  });
}

}  // namespace bp::cpu
