// The memories that a session moves values between: host memory, which is space 0 and shared by everyone, and
// each memory kind of each device.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "execute/idle_states.hpp"
#include "provider/device.hpp"

namespace bp {

inline constexpr uint32_t kHostSpace = 0;

struct MemorySpace {
  uint32_t device = kNoIndex;  // index in MemorySpaces::devices(); kNoIndex for host memory
  uint32_t kind = kHostMemory;
  std::string name;          // "host", "CUDA:0 device"
  uint64_t alignment = 64;   // bytes
  uint64_t granularity = 1;  // bytes
};

class MemorySpaces {
 public:
  explicit MemorySpaces(std::vector<std::shared_ptr<Device>> devices);

  const std::vector<std::shared_ptr<Device>>& devices() const noexcept { return devices_; }
  uint32_t count() const noexcept { return static_cast<uint32_t>(spaces_.size()); }
  const MemorySpace& space(uint32_t index) const noexcept { return spaces_[index]; }
  // The space of a device's memory kind; host memory for kind 0.
  uint32_t find(uint32_t device, uint32_t kind) const noexcept;
  // The space of memory kind `kind` of this very device; kNoIndex when the session does not use the device.
  uint32_t find(const Device& device, uint32_t kind) const noexcept;
  // Where the device wants its data.
  uint32_t preferred(uint32_t device) const noexcept;
  const std::shared_ptr<IdleStates>& idle() const noexcept { return idle_; }
  bool is_synchronous(uint32_t device) const noexcept { return devices_[device]->info().synchronous; }

 private:
  std::vector<std::shared_ptr<Device>> devices_;
  std::vector<MemorySpace> spaces_;
  std::shared_ptr<IdleStates> idle_ = std::make_shared<IdleStates>();
};

}  // namespace bp
