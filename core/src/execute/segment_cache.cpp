// Hashing a key costs a few nanoseconds per word; a hit moves its entry to the front.
#include "execute/segment_cache.hpp"

namespace bp {

size_t SegmentCache::Hash::operator()(const SegmentKey& key) const noexcept {
  uint64_t hash = 0x9E3779B97F4A7C15u;
  for (const int64_t word : key) {
    hash ^= static_cast<uint64_t>(word);
    hash *= 0xD6E8FEB86659FD93u;
    hash ^= hash >> 32;
  }
  return hash;
}

std::shared_ptr<const SegmentInstance> SegmentCache::find(const SegmentKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  uses_.splice(uses_.begin(), uses_, found->second.use);
  return found->second.instance;
}

std::shared_ptr<const SegmentInstance> SegmentCache::add(SegmentKey key,
                                                         std::shared_ptr<const SegmentInstance> instance) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = entries_.try_emplace(std::move(key));
  if (!fresh) return entry->second.instance;
  ++settled_;
  uses_.push_front(&entry->first);
  entry->second = {instance, uses_.begin()};
  if (entries_.size() > capacity_) {
    // Erasing by iterator: the key that the list points to goes with the entry.
    const auto oldest = entries_.find(*uses_.back());
    uses_.pop_back();
    entries_.erase(oldest);
  }
  return instance;
}

std::shared_ptr<const SegmentInstance> SegmentCache::latest() const {
  const std::lock_guard lock(mutex_);
  return uses_.empty() ? nullptr : entries_.find(*uses_.front())->second.instance;
}

std::vector<std::shared_ptr<Instance>> SegmentCache::program_instances() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Instance>> all;
  for (const auto& [key, entry] : entries_)
    for (const SegmentItem& item : entry.instance->items)
      if (item.instance->info().serves_range) all.push_back(item.instance);
  return all;
}

uint64_t SegmentCache::settled_count() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

}  // namespace bp
