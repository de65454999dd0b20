// Buffers: memory of a device, or of the host, that is freed with its object.
#pragma once

#include <cstdint>
#include <memory>

#include "backplane/provider/memory.h"
#include "backplane/status.hpp"

namespace bp {

class Device;

// {buffer, address or 0, offset, size}; plain data as it crosses.
using Slice = bp_slice;

// A slice of host memory.
inline Slice host_slice(const void* data, uint64_t size_bytes) noexcept {
  return Slice{nullptr, reinterpret_cast<uint64_t>(data), 0, size_bytes};
}

// Until when a host source of a copy stays unchanged.
enum class HostData : uint32_t {
  kDuringCall = BP_HOST_DATA_DURING_CALL,
  kUntilTransfer = BP_HOST_DATA_UNTIL_TRANSFER,
  kImmutableZeroCopy = BP_HOST_DATA_IMMUTABLE_ZERO_COPY,
  kMutableZeroCopy = BP_HOST_DATA_MUTABLE_ZERO_COPY,
};

// What the host will do with mapped memory; kWrite alone may lose the old contents.
enum class MapAccess : uint32_t {
  kRead = BP_MAP_READ,
  kWrite = BP_MAP_WRITE,
  kReadWrite = BP_MAP_READ | BP_MAP_WRITE,
};

// Memory that somebody else owns.
struct ExternalMemory {
  uint32_t handle_type = BP_HANDLE_HOST_POINTER;  // BP_HANDLE_*
  uint64_t handle = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
  HostData host_data = HostData::kImmutableZeroCopy;  // meaningful with BP_HANDLE_HOST_POINTER
};

// Freed by its destructor; the work that uses it is complete by then.
class Buffer {
 public:
  Buffer() noexcept = default;
  Buffer(std::shared_ptr<Device> device, uint32_t memory_kind, bp_buffer handle, uint64_t address,
         uint64_t size_bytes) noexcept;
  // Host memory, kind 0. OUT_OF_HOST_MEMORY.
  static Result<Buffer> allocate_host(uint64_t size_bytes, uint64_t alignment);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() { reset(); }
  void reset() noexcept;

  explicit operator bool() const noexcept { return handle_ != nullptr || address_ != 0; }
  uint32_t memory_kind() const noexcept { return memory_kind_; }
  bp_buffer handle() const noexcept { return handle_; }
  uint64_t address() const noexcept { return address_; }  // 0 where the kind has none
  uint64_t size_bytes() const noexcept { return size_; }
  // `offset + size_bytes` <= size_bytes().
  Slice slice(uint64_t offset, uint64_t size_bytes) const noexcept {
    if (handle_ == nullptr) return Slice{nullptr, address_ + offset, 0, size_bytes};
    return Slice{handle_, address_ == 0 ? 0 : address_ + offset, offset, size_bytes};
  }
  Slice slice() const noexcept { return slice(0, size_); }
  // Host memory only.
  void* data() const noexcept { return reinterpret_cast<void*>(address_); }

 private:
  std::shared_ptr<Device> device_;  // nullptr: host memory of our own
  uint32_t memory_kind_ = BP_MEMORY_HOST;
  bp_buffer handle_ = nullptr;
  uint64_t address_ = 0;
  uint64_t size_ = 0;
};

}  // namespace bp
