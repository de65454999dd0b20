#include "execute/output_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>
#include <new>
#include <utility>

#include "base/value_impl.hpp"

namespace bp {
namespace {

// Room to grow: up to a quarter more.
uint64_t capacity_for(uint64_t size_bytes) {
  const uint64_t step = std::bit_floor(size_bytes) / 4;
  return size_bytes > UINT64_MAX - step ? size_bytes : (size_bytes + step - 1) / step * step;
}

}  // namespace

void OutputMemory::expect(uint64_t run_bytes) {
  std::vector<Block> dropped;
  {
    const std::lock_guard lock(mutex_);
    limit_bytes_ = 2 * run_bytes;
    dropped = drop_surplus();
  }
}

std::shared_ptr<void> OutputMemory::take(uint64_t size_bytes) {
  if (size_bytes < kLeastBytes) return allocate_aligned(size_bytes);
  Block block;
  {
    const std::lock_guard lock(mutex_);
    auto best = idle_.end();
    for (auto each = idle_.begin(); each != idle_.end(); ++each)
      if (each->capacity >= size_bytes && each->capacity / 2 <= size_bytes &&
          (best == idle_.end() || each->capacity < best->capacity))
        best = each;
    if (best != idle_.end()) {
      block = std::move(*best);
      idle_.erase(best);
      idle_bytes_ -= block.capacity;
    }
  }
  if (block.memory == nullptr) {
    block.capacity = capacity_for(size_bytes);
    block.memory = allocate_aligned(block.capacity);
    if (block.memory == nullptr) return nullptr;
  }
  void* address = block.memory.get();
  return {address, [pool = shared_from_this(), block](void*) mutable { pool->give(std::move(block)); }};
}

void OutputMemory::give(Block block) noexcept {
  std::vector<Block> dropped;
  try {
    const std::lock_guard lock(mutex_);
    const uint64_t capacity = block.capacity;
    idle_.push_back(std::move(block));
    idle_bytes_ += capacity;
    dropped = drop_surplus();
  } catch (const std::bad_alloc&) {
    // What found no place is freed.
  }
}

std::vector<OutputMemory::Block> OutputMemory::drop_surplus() {
  size_t count = 0;
  for (; count < idle_.size() && idle_bytes_ > limit_bytes_; ++count) idle_bytes_ -= idle_[count].capacity;
  if (count == 0) return {};
  const auto end = idle_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Block> dropped(std::make_move_iterator(idle_.begin()), std::make_move_iterator(end));
  idle_.erase(idle_.begin(), end);
  return dropped;
}

uint64_t OutputMemory::idle_bytes() const {
  const std::lock_guard lock(mutex_);
  return idle_bytes_;
}

}  // namespace bp
