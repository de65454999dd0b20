// The constants of a view, acquired and released by id through the host table (bp_constants points here).
// Shared by the view and by the programs compiled from it, so that bytes are there until they are gone.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "backplane/provider/graph.h"
#include "backplane/status.hpp"
#include "graph/tensor.hpp"

namespace bp {

class ConstantStore {
 public:
  explicit ConstantStore(std::function<void(const Tensor&)> released = {}) : released_(std::move(released)) {}
  ConstantStore(const ConstantStore&) = delete;
  ConstantStore& operator=(const ConstantStore&) = delete;

  // Ids count from 0. Only while the view is built.
  uint64_t add(TensorPtr tensor);
  size_t size() const noexcept { return entries_.size(); }
  // nullptr for an unknown id.
  const Tensor* find(uint64_t id) const noexcept;

  // [any-thread]. Pointers in *tensor live as long as the store.
  Status acquire(uint64_t id, bp_tensor* tensor);
  Status release(uint64_t id);
  // Acquired and not released; for tests and for misbehaviour reports.
  uint64_t outstanding() const;

 private:
  struct Entry {
    TensorPtr tensor;
    uint64_t users = 0;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::function<void(const Tensor&)> released_;
};

// A bp_tensor over `tensor`, valid while it lives.
bp_tensor to_abi(const Tensor& tensor) noexcept;

}  // namespace bp
