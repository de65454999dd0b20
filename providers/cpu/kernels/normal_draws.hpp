// Normally distributed numbers, of mean 0 and variance 1, by Box and Muller's transform of many draws at once.
#pragma once

#include <cstdint>

#include "kernels/philox.hpp"

namespace bp::cpu {

// Blocks of Philox that are transformed together.
inline constexpr int64_t kNormalBlocks = 32;
template <class C>
inline constexpr int64_t kNormalDraws = kNormalBlocks* kPerBlock<C>;

// The draws of the blocks from `block` on; draw i depends on key, stream and its own block alone.
void normal_draws(const Philox& philox, uint64_t block, float* draws);
void normal_draws(const Philox& philox, uint64_t block, double* draws);

// for_each_draw() with such numbers.
template <class C, class F>
void for_each_normal_draw(int threads, int64_t count, const Philox& philox, F f) {
  constexpr int64_t kPer = kNormalDraws<C>;
  constexpr int64_t kCost = 8;  // what a draw costs, in elements
  parallel_for(threads, (count + kPer - 1) / kPer, count * kCost, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      C draws[kPer];
      normal_draws(philox, static_cast<uint64_t>(group * kNormalBlocks), draws);
      const int64_t first = group * kPer;
      const int64_t here = count - first < kPer ? count - first : kPer;
      for (int64_t i = 0; i < here; ++i) f(first + i, draws[i]);
    }
  });
}

}  // namespace bp::cpu
