// Uniform draws in pairs, then a loop of vectors over the pairs.
#include "kernels/normal_draws.hpp"

#include <cmath>

#include "kernels/lane_math.hpp"

namespace bp::cpu {

namespace {

template <class C>
void transform(const Philox& philox, uint64_t block, C* draws) {
  constexpr int64_t kPairs = kNormalDraws<C> / 2;
  C distance[kPairs], turn[kPairs];
  int64_t pair = 0;
  for (uint64_t i = 0; i < kNormalBlocks; ++i) {
    const Draws<C> uniform = uniform_draws<C>(philox(block + i));
    for (size_t at = 0; at < uniform.size(); at += 2, ++pair) {
      distance[pair] = uniform[at];
      turn[pair] = uniform[at + 1];
    }
  }
  // Loops of their own: side by side, sine and cosine would become one function that has no vectors.
  C radius[kPairs], cosine[kPairs], sine[kPairs];
  for (int64_t i = 0; i < kPairs; ++i) radius[i] = std::sqrt(C(-2) * lanes::log(C(1) - distance[i]));
  for (int64_t i = 0; i < kPairs; ++i) turn[i] *= C(6.283185307179586476925);
  for (int64_t i = 0; i < kPairs; ++i) cosine[i] = lanes::cos(turn[i]);
  for (int64_t i = 0; i < kPairs; ++i) sine[i] = lanes::sin(turn[i]);
  for (int64_t i = 0; i < kPairs; ++i) {
    draws[2 * i] = radius[i] * cosine[i];
    draws[2 * i + 1] = radius[i] * sine[i];
  }
}

}  // namespace

void normal_draws(const Philox& philox, uint64_t block, float* draws) { transform(philox, block, draws); }
void normal_draws(const Philox& philox, uint64_t block, double* draws) { transform(philox, block, draws); }

}  // namespace bp::cpu
