#include "execute/idle_states.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "execute/segment_instance.hpp"

namespace bp {

Buffer IdleStates::take(uint32_t space, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  if (space >= spare_.size()) return {};
  auto& spare = spare_[space];
  const auto fits = std::find_if(spare.begin(), spare.end(),
                                 [&](const Buffer& arena) { return arena.size_bytes() >= size_bytes; });
  if (fits == spare.end()) return {};
  Buffer taken = std::move(*fits);
  spare.erase(fits);
  return taken;
}

uint64_t IdleStates::room_for(uint32_t space, uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  if (largest_.size() <= space) largest_.resize(space + 1);
  const bool grows = largest_[space] != 0 && size_bytes > largest_[space];
  largest_[space] = std::max(largest_[space], size_bytes);
  return grows && size_bytes <= UINT64_MAX / 2 ? size_bytes + size_bytes / 4 : size_bytes;
}

void IdleStates::give(std::vector<Buffer> arenas) noexcept {
  std::vector<Buffer> dropped;  // freed without the lock
  try {
    const std::lock_guard lock(mutex_);
    if (spare_.size() < arenas.size()) spare_.resize(arenas.size());
    for (size_t space = 0; space < arenas.size(); ++space) {
      if (!arenas[space]) continue;
      auto& spare = spare_[space];
      const auto larger = std::find_if(spare.begin(), spare.end(), [&](const Buffer& arena) {
        return arena.size_bytes() >= arenas[space].size_bytes();
      });
      spare.insert(larger, std::move(arenas[space]));
      if (spare.size() <= kSpareArenas) continue;
      dropped.push_back(std::move(spare.front()));
      spare.erase(spare.begin());
    }
  } catch (const std::bad_alloc&) {
    // What found no place is freed.
  }
}

void IdleStates::waits(const std::shared_ptr<const SegmentInstance>& instance) {
  std::shared_ptr<const SegmentInstance> oldest;
  {
    const std::lock_guard lock(mutex_);
    Waiting& waiting = waiting_[instance->segment];
    const auto same = [&](const auto& entry) {
      return !entry.owner_before(instance) && !instance.owner_before(entry);
    };
    if (!waiting.empty() && same(waiting.back())) return;
    std::erase_if(waiting, [&](const auto& entry) { return same(entry) || entry.expired(); });
    waiting.push_back(instance);
    if (waiting.size() <= kWaitingShapes) return;
    oldest = waiting.front().lock();
    waiting.erase(waiting.begin());
  }
  if (oldest == nullptr) return;
  std::vector<std::unique_ptr<RunState>> gone;  // ended without the lock; their arenas come back through give()
  {
    const std::lock_guard lock(oldest->mutex);
    gone.swap(oldest->free_states);
  }
}

}  // namespace bp
