// The settled instances of one segment, by key. Bounded: the least recently used goes first.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "execute/segment_instance.hpp"

namespace bp {

// Space, rank and dims of every input, the space of every output, then the contents of every key value.
using SegmentKey = std::vector<int64_t>;

class SegmentCache {
 public:
  explicit SegmentCache(size_t capacity) : capacity_(capacity) {}

  // Null when the key was not settled yet. [any-thread]
  std::shared_ptr<const SegmentInstance> find(const SegmentKey& key);
  // Keeps the first of two that were settled at once. [any-thread]
  std::shared_ptr<const SegmentInstance> add(SegmentKey key, std::shared_ptr<const SegmentInstance> instance);
  // The one settled last, for reports; null when there is none. [any-thread]
  std::shared_ptr<const SegmentInstance> latest() const;
  // Instances of all programs, for reuse where they serve ranges. [any-thread]
  std::vector<std::shared_ptr<Instance>> program_instances() const;
  uint64_t settled_count() const;

 private:
  struct Hash {
    size_t operator()(const SegmentKey& key) const noexcept;
  };
  struct Entry {
    std::shared_ptr<const SegmentInstance> instance;
    std::list<const SegmentKey*>::iterator use;
  };
  size_t capacity_;
  mutable std::mutex mutex_;
  std::unordered_map<SegmentKey, Entry, Hash> entries_;
  std::list<const SegmentKey*> uses_;  // most recent first
  uint64_t settled_ = 0;
};

}  // namespace bp
