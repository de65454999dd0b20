// Random numbers by counting: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// 2011). Block `n` of a stream is a function of key, stream and n alone, so that threads may draw in any order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "parallel.hpp"

namespace bp::cpu {

class Philox {
 public:
  using Block = std::array<uint32_t, 4>;

  Philox(uint64_t key, uint64_t stream) noexcept : key_(key), stream_(stream) {}

  Block operator()(uint64_t block) const noexcept {
    Block c{low(block), high(block), low(stream_), high(stream_)};
    uint32_t k0 = low(key_);
    uint32_t k1 = high(key_);
    for (int round = 0; round < kRounds; ++round) {
      const uint64_t a = uint64_t{0xD2511F53} * c[0];
      const uint64_t b = uint64_t{0xCD9E8D57} * c[2];
      c = {high(b) ^ c[1] ^ k0, low(b), high(a) ^ c[3] ^ k1, low(a)};
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    return c;
  }

 private:
  static constexpr int kRounds = 10;
  static uint32_t low(uint64_t value) noexcept { return static_cast<uint32_t>(value); }
  static uint32_t high(uint64_t value) noexcept { return static_cast<uint32_t>(value >> 32); }

  uint64_t key_;
  uint64_t stream_;
};

// Numbers of type C (float or double) from one block.
template <class C>
inline constexpr int kPerBlock = sizeof(C) == 4 ? 4 : 2;
template <class C>
using Draws = std::array<C, kPerBlock<C>>;

// In [0, 1): 24 or 53 bits.
template <class C>
Draws<C> uniform_draws(const Philox::Block& block) noexcept {
  if constexpr (sizeof(C) == 4) {
    Draws<C> draws;
    for (size_t i = 0; i < draws.size(); ++i) draws[i] = static_cast<C>(block[i] >> 8) * 0x1p-24f;
    return draws;
  } else {
    const auto wide = [&](size_t i) { return (uint64_t{block[i + 1]} << 32 | block[i]) >> 11; };
    return {static_cast<C>(wide(0)) * 0x1p-53, static_cast<C>(wide(2)) * 0x1p-53};
  }
}

// f(i, draw) for `count` elements; draw i is the same whatever the threads are.
template <class C, class Make, class F>
void for_each_draw(int threads, int64_t count, const Philox& philox, Make make, F f) {
  constexpr int64_t kPer = kPerBlock<C>;
  constexpr int64_t kCost = 8;  // what a draw costs, in elements
  parallel_for(threads, (count + kPer - 1) / kPer, count * kCost, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const Draws<C> draws = make(philox(static_cast<uint64_t>(block)));
      const int64_t first = block * kPer;
      for (int64_t lane = 0; lane < kPer && first + lane < count; ++lane)
        f(first + lane, draws[static_cast<size_t>(lane)]);
    }
  });
}

}  // namespace bp::cpu
