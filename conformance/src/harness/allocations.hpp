// The host memory of this process under watch: the runner defines malloc and its kin, so that what a provider
// allocates goes through here.
#pragma once

#include <cstdint>
#include <string>

namespace bp::conformance {

// False under sanitizers, which have an allocator of their own.
bool can_watch_allocations() noexcept;

// While it lives, allocations of this thread are the runner's own: neither counted nor failed.
class OwnAllocations {
 public:
  OwnAllocations() noexcept;
  ~OwnAllocations();
  OwnAllocations(const OwnAllocations&) = delete;
  OwnAllocations& operator=(const OwnAllocations&) = delete;
};

// Counts the allocations of all threads while it lives.
class AllocationCount {
 public:
  AllocationCount() noexcept;
  ~AllocationCount();
  AllocationCount(const AllocationCount&) = delete;
  AllocationCount& operator=(const AllocationCount&) = delete;
  uint64_t count() const noexcept;
};

// While it lives, the n-th allocation that code of `library` or of libstdc++ asks for on any thread fails.
class AllocationFailure {
 public:
  AllocationFailure(const std::string& library, uint64_t n);
  ~AllocationFailure();
  AllocationFailure(const AllocationFailure&) = delete;
  AllocationFailure& operator=(const AllocationFailure&) = delete;
  // Whether there were n.
  bool happened() const noexcept;
};

}  // namespace bp::conformance
