// Memory of a device, for tensors that stay there: inputs that are written once and read by many runs, outputs
// that the next run reads, memory that another library owns. Asked for at a session; values made here serve
// every session of the same environment.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backplane/export.hpp"
#include "backplane/status.hpp"
#include "backplane/value.hpp"

namespace bp {

// What another library calls a piece of memory. The names are those of the provider ABI (memory.h).
enum class MemoryHandle : uint32_t {
  kHostPointer = 1,
  kCudaPointer = 2,     // CUdeviceptr
  kClMem = 3,           // cl_mem
  kFileDescriptor = 4,  // of exported memory: dma-buf, opaque descriptor
};

class BP_API DeviceMemory {
 public:
  // "OPENCL:0 device"; "host" where the device works in ordinary host memory.
  const std::string& name() const noexcept;
  // "OPENCL:0".
  const std::string& device() const noexcept;
  bool is_host() const noexcept;

  // A tensor with memory of its own, contents undefined. INVALID_ARGUMENT (negative dims, strings),
  // OUT_OF_DEVICE_MEMORY, OUT_OF_HOST_MEMORY.
  Result<Value> tensor(ElementType type, std::vector<int64_t> dims) const;
  // A tensor with a copy of the elements of `source`, which lies on the host or on any device. Complete on
  // return.
  Result<Value> copy_of(const Value& source) const;
  // A tensor over memory that somebody else owns, who keeps it until the last copy of the Value is gone: used
  // in place, never copied. `offset_bytes` counts from the start of the memory behind `handle`. UNSUPPORTED
  // where the device does not take the handle; UNIMPLEMENTED where it takes none.
  Result<Value> wrap(ElementType type, std::vector<int64_t> dims, MemoryHandle handle_type, uint64_t handle,
                     uint64_t offset_bytes = 0) const;

  struct Impl;
  explicit DeviceMemory(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace bp
