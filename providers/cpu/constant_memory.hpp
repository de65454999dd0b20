// Memory that lives as long as its owner: pieces are cut from chunks that grow, so that weights, which are read
// from end to end at every run, lie in few huge pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace bp::cpu {

class ConstantMemory {
 public:
  // 64-byte aligned, not initialized. Throws bad_alloc. [any-thread]
  std::byte* take(uint64_t size_bytes);

 private:
  struct Release {
    void operator()(std::byte* bytes) const noexcept;
  };
  std::byte* add_chunk(uint64_t size_bytes, uint64_t alignment);

  std::mutex mutex_;
  std::vector<std::unique_ptr<std::byte[], Release>> chunks_;
  std::byte* next_ = nullptr;  // in the chunk that pieces are cut from
  uint64_t left_ = 0;
  uint64_t taken_ = 0;  // by all pieces so far: chunks grow with it
};

}  // namespace bp::cpu
