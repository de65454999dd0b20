// Copies go straight where one device sees both sides, else through host memory.
#include "provider/device_tensor.hpp"

#include <algorithm>
#include <utility>

namespace bp {

std::string memory_name(const Device& device, uint32_t memory_kind) {
  if (memory_kind == kHostMemory) return "host";
  const MemoryKindInfo* kind = device.info().find_memory(memory_kind);
  return device.label() + " " + (kind != nullptr ? kind->name : std::to_string(memory_kind));
}

DeviceTensor::DeviceTensor(std::shared_ptr<Device> device, uint32_t memory_kind, Buffer buffer)
    : device_(std::move(device)),
      memory_kind_(memory_kind),
      buffer_(std::move(buffer)),
      name_(bp::memory_name(*device_, memory_kind)) {}

Result<std::shared_ptr<DeviceTensor>> DeviceTensor::allocate(const std::shared_ptr<Device>& device,
                                                             uint32_t memory_kind, uint64_t size_bytes) {
  BP_ASSIGN_OR_RETURN(Buffer buffer, device->allocate(memory_kind, std::max<uint64_t>(size_bytes, 1)));
  return std::make_shared<DeviceTensor>(device, memory_kind, std::move(buffer));
}

Result<std::shared_ptr<DeviceTensor>> DeviceTensor::import_memory(const std::shared_ptr<Device>& device,
                                                                  uint32_t memory_kind,
                                                                  const ExternalMemory& external) {
  BP_ASSIGN_OR_RETURN(Buffer buffer, device->import_memory(memory_kind, external));
  return std::make_shared<DeviceTensor>(device, memory_kind, std::move(buffer));
}

Status DeviceTensor::read(void* to, uint64_t size_bytes) const {
  return device_->copy(nullptr, slice(size_bytes), host_slice(to, size_bytes), size_bytes,
                       HostData::kDuringCall);
}

Status DeviceTensor::write(const void* from, uint64_t size_bytes) {
  return device_->copy(nullptr, host_slice(from, size_bytes), slice(size_bytes), size_bytes,
                       HostData::kDuringCall);
}

Status DeviceTensor::copy_from(const DeviceStorage& source, uint64_t size_bytes) {
  // Every DeviceStorage is made here.
  const auto& other = static_cast<const DeviceTensor&>(source);
  if (other.device_ == device_)
    return device_->copy(nullptr, other.slice(size_bytes), slice(size_bytes), size_bytes,
                         HostData::kDuringCall);
  BP_ASSIGN_OR_RETURN(const Buffer between, Buffer::allocate_host(std::max<uint64_t>(size_bytes, 1), 64));
  BP_RETURN_IF_ERROR(other.read(between.data(), size_bytes));
  return write(between.data(), size_bytes);
}

}  // namespace bp
