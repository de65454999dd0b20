// Lays the blocks of one segment out in arenas, one arena per memory space. Pure arithmetic.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/arena.hpp"

namespace bp {

// Memory that one value, workspace or staging area needs in a memory space, from step `first` to `last`.
struct Block {
  uint32_t space = 0;
  Interval interval;
};

struct SpaceTotal {
  uint64_t size_bytes = 0;
  uint64_t lower_bound_bytes = 0;  // largest sum of bytes alive at one step
};

struct Layout {
  std::vector<uint64_t> offsets;   // bytes in the arena of its space, one per block
  std::vector<SpaceTotal> spaces;  // by space
};

Layout plan_layout(std::span<const Block> blocks, uint32_t space_count);

}  // namespace bp
