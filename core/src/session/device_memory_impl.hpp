// The inside of a DeviceMemory.
#pragma once

#include <memory>
#include <string>

#include "backplane/device_memory.hpp"
#include "provider/device_tensor.hpp"

namespace bp {

struct DeviceMemory::Impl {
  std::shared_ptr<Device> device;
  uint32_t memory_kind = kHostMemory;
  std::string name;

  static const Impl& of(const DeviceMemory& memory) noexcept { return *memory.impl_; }
};

}  // namespace bp
