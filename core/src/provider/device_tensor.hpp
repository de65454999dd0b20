// A buffer of a device behind a public Value.
#pragma once

#include <memory>
#include <string>

#include "base/value_impl.hpp"
#include "provider/device.hpp"

namespace bp {

class DeviceTensor final : public DeviceStorage {
 public:
  // Contents undefined. OUT_OF_DEVICE_MEMORY and the like.
  static Result<std::shared_ptr<DeviceTensor>> allocate(const std::shared_ptr<Device>& device,
                                                        uint32_t memory_kind, uint64_t size_bytes);
  // In place over memory that somebody else owns. UNSUPPORTED, UNIMPLEMENTED.
  static Result<std::shared_ptr<DeviceTensor>> import_memory(const std::shared_ptr<Device>& device,
                                                             uint32_t memory_kind,
                                                             const ExternalMemory& external);
  DeviceTensor(std::shared_ptr<Device> device, uint32_t memory_kind, Buffer buffer);

  const std::shared_ptr<Device>& device() const noexcept { return device_; }
  uint32_t memory_kind() const noexcept { return memory_kind_; }
  Slice slice(uint64_t size_bytes) const noexcept { return buffer_.slice(0, size_bytes); }

  const std::string& memory_name() const noexcept override { return name_; }
  Status read(void* to, uint64_t size_bytes) const override;
  Status write(const void* from, uint64_t size_bytes) override;
  Status copy_from(const DeviceStorage& source, uint64_t size_bytes) override;

 private:
  std::shared_ptr<Device> device_;
  uint32_t memory_kind_;
  Buffer buffer_;
  std::string name_;
};

// "OPENCL:0 device"; "host" for host memory.
std::string memory_name(const Device& device, uint32_t memory_kind);

}  // namespace bp
