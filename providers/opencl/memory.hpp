// Buffers: cl_mem without an address. A slice is a buffer and an offset; kernels get both.
#pragma once

#include "device.hpp"

namespace bp::opencl {

struct Buffer {
  ClMem memory;
  uint64_t base = 0;  // bytes, where the buffer starts in an imported cl_mem
  uint64_t size = 0;
};

// Where a slice of device memory lies; {nullptr, 0} for an empty one.
struct MemoryPlace {
  cl_mem memory = nullptr;
  uint64_t offset = 0;
  friend bool operator==(const MemoryPlace&, const MemoryPlace&) = default;
};

MemoryPlace place_of(const bp_slice& slice) noexcept;

extern const bp_memory_api kMemoryApi;

}  // namespace bp::opencl
