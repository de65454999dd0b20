// The memory planner: lifetimes in, offsets out. Pure arithmetic; it allocates nothing on any device.
// Used by the core for values between partitions and offered to providers through the host table.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bp {

// A block of memory that is alive from step `first` to step `last`, both included.
struct Interval {
  uint32_t first = 0;
  uint32_t last = 0;
  uint64_t size = 0;       // bytes; 0 takes no room
  uint64_t alignment = 1;  // bytes, power of two
};

struct ArenaPlan {
  std::vector<uint64_t> offsets;  // bytes, one per interval
  uint64_t total = 0;             // bytes of the whole arena
};

// Offsets such that two intervals alive at the same step share no byte. Several orders of placing
// are tried and the smallest arena wins; it is deterministic. n log n above a few thousand intervals.
ArenaPlan plan_arena(std::span<const Interval> intervals);

// Largest sum of bytes alive at one step, sizes rounded up to their alignment: no arena is smaller.
uint64_t arena_lower_bound(std::span<const Interval> intervals);

}  // namespace bp
