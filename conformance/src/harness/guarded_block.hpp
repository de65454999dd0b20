// Memory for one input, output or workspace in which every access outside shows: host memory lies before a page
// that nobody may touch, and what is around the slice holds a pattern that is looked at afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "provider/device.hpp"

namespace bp::conformance {

class GuardedBlock {
 public:
  // Of memory kind `kind`, aligned as the kind says and not more. `stream` NULL: a synchronous device.
  GuardedBlock(Device& device, const Stream* stream, uint32_t kind, uint64_t size_bytes,
               uint64_t alignment = 1);
  GuardedBlock(GuardedBlock&&) noexcept = default;
  GuardedBlock& operator=(GuardedBlock&&) noexcept = default;

  Slice slice() const noexcept;
  void write(std::span<const std::byte> bytes);
  void fill(uint8_t pattern);
  // The work that uses it is complete.
  std::vector<std::byte> read();
  // Empty, or where a byte around the slice was changed: "3 bytes behind it".
  std::string damage();

 private:
  struct Pages;  // host memory with its forbidden page
  void copy(const Slice& src, const Slice& dst, uint64_t size_bytes);
  void wait();

  Device* device_;
  const Stream* stream_;
  uint64_t size_;
  std::shared_ptr<Pages> pages_;
  std::shared_ptr<Buffer> buffer_;
  uint64_t offset_ = 0;  // of the slice in the pages or the buffer
  uint64_t whole_ = 0;
};

}  // namespace bp::conformance
