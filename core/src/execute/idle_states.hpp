// What runs leave behind for the next ones. Of each segment only some shapes keep states that wait for their
// next run; memory of the others serves new shapes. So shapes that keep changing neither pile up arenas nor
// touch fresh pages at every run.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "provider/memory.hpp"

namespace bp {

struct Segment;
struct SegmentInstance;

class IdleStates {
 public:
  static constexpr size_t kWaitingShapes = 8;  // per segment
  static constexpr size_t kSpareArenas = 2;    // per memory space, the largest

  // An arena of at least `size_bytes` that nobody uses any more; empty where there is none. [any-thread]
  Buffer take(uint32_t space, uint64_t size_bytes);
  // What to allocate where nothing fits: more than was asked for where sizes grow, so that the next ones fit
  // too. [any-thread]
  uint64_t room_for(uint32_t space, uint64_t size_bytes);
  // Arenas, by space, of a state whose contexts are gone. [any-thread]
  void give(std::vector<Buffer> arenas) noexcept;
  // A state of `instance` waits from now on: the shape of its segment that waits longest, beyond so many, loses
  // its states. [any-thread]
  void waits(const std::shared_ptr<const SegmentInstance>& instance);

 private:
  using Waiting = std::vector<std::weak_ptr<const SegmentInstance>>;  // the latest last

  std::mutex mutex_;
  std::vector<std::vector<Buffer>> spare_;  // by space, the largest last
  std::vector<uint64_t> largest_;           // by space: size asked for
  std::unordered_map<const Segment*, Waiting> waiting_;
};

}  // namespace bp
