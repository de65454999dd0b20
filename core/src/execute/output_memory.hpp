// Memory of outputs that the session makes for its caller. What the caller gives up serves the next run, so
// that outputs whose dims grow from run to run do not touch fresh pages each time.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace bp {

class OutputMemory : public std::enable_shared_from_this<OutputMemory> {
 public:
  static constexpr uint64_t kLeastBytes = uint64_t{32} << 10;  // smaller pieces the allocator reuses well

  // What all outputs of a run need together: twice that is kept at most while nobody uses it. [any-thread]
  void expect(uint64_t run_bytes);
  // Aligned as Value's memory; comes back when the last owner is gone. Null when there is none left.
  // [any-thread]
  std::shared_ptr<void> take(uint64_t size_bytes);

  uint64_t idle_bytes() const;

 private:
  struct Block {
    uint64_t capacity = 0;
    std::shared_ptr<void> memory;
  };
  void give(Block block) noexcept;
  std::vector<Block> drop_surplus();  // with the lock held; the caller frees them without it

  mutable std::mutex mutex_;
  std::vector<Block> idle_;  // the latest last
  uint64_t idle_bytes_ = 0;
  uint64_t limit_bytes_ = 0;
};

}  // namespace bp
