// Buffers of the device's memory kinds.
#pragma once

#include <cstddef>

#include "provider.hpp"

namespace broken {

// Bytes in this process, whatever the kind tells the host of them. Descriptors can be given of those that own
// one.
class Buffer {
 public:
  using Handle = bp_buffer;

  // New memory of `size` bytes.
  Buffer(uint32_t kind, uint64_t size);
  // Memory that the host keeps.
  Buffer(uint32_t kind, std::byte* bytes) : kind_(kind), bytes_(bytes) {}
  // Memory behind a descriptor, which is duplicated.
  Buffer(uint32_t kind, int descriptor, uint64_t offset, uint64_t size);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  uint32_t kind() const { return kind_; }
  std::byte* bytes() const { return bytes_; }
  // 0 where the kind has no address.
  uint64_t address() const { return kind_ == kPinnedMemory ? reinterpret_cast<uint64_t>(bytes_) : 0; }
  int descriptor() const { return descriptor_; }
  // Where the buffer lies in what the descriptor gives, and how long it is.
  uint64_t descriptor_offset() const { return descriptor_offset_; }
  uint64_t size() const { return size_; }

 private:
  void map_descriptor(uint64_t offset, uint64_t size);

  uint32_t kind_;
  std::byte* bytes_ = nullptr;
  int descriptor_ = -1;
  uint64_t descriptor_offset_ = 0;
  uint64_t size_ = 0;         // of memory that is not the host's
  uint64_t mapped_size_ = 0;  // 0: the host's
};

// The bytes that a slice is about.
std::byte* resolve(const bp_slice& slice);

// Bytes of all live buffers.
uint64_t used_bytes();

}  // namespace broken
