// Values in the memory of a session's devices.
#include "backplane/device_memory.hpp"

#include <fmt/format.h>

#include "backplane/session.hpp"
#include "session/device_memory_impl.hpp"
#include "session/session_impl.hpp"

namespace bp {
namespace {

DeviceMemory make_memory(const std::shared_ptr<Device>& device, uint32_t memory_kind) {
  auto impl = std::make_shared<DeviceMemory::Impl>();
  impl->device = device;
  impl->memory_kind = memory_kind;
  impl->name = memory_name(*device, memory_kind);
  return DeviceMemory(std::move(impl));
}

Result<uint64_t> bytes_of(ElementType type, const std::vector<int64_t>& dims) {
  const int64_t count = checked_count(dims);
  if (count < 0 || element_bits(type) == 0)
    return Status(ErrorCode::kInvalidArgument,
                  "a tensor in a device's memory needs dims >= 0 and elements of a fixed size, found " +
                      tensor_type_string(type, dims));
  return storage_bytes(type, static_cast<uint64_t>(count));
}

}  // namespace

const std::string& DeviceMemory::name() const noexcept { return impl_->name; }
const std::string& DeviceMemory::device() const noexcept { return impl_->device->label(); }
bool DeviceMemory::is_host() const noexcept { return impl_->memory_kind == kHostMemory; }

Result<Value> DeviceMemory::tensor(ElementType type, std::vector<int64_t> dims) const {
  if (is_host()) return Value::tensor(type, std::move(dims));
  BP_ASSIGN_OR_RETURN(const uint64_t size, bytes_of(type, dims));
  BP_ASSIGN_OR_RETURN(auto storage, DeviceTensor::allocate(impl_->device, impl_->memory_kind, size));
  return device_value(type, std::move(dims), std::move(storage));
}

Result<Value> DeviceMemory::copy_of(const Value& source) const {
  if (!source.is_tensor())
    return Status(ErrorCode::kInvalidArgument,
                  "only a tensor can be copied to '" + name() + "', found " + source.type_string());
  BP_ASSIGN_OR_RETURN(Value copy, tensor(source.element_type(), source.dims()));
  BP_RETURN_IF_ERROR(copy.copy_from(source));
  return copy;
}

Result<Value> DeviceMemory::wrap(ElementType type, std::vector<int64_t> dims, MemoryHandle handle_type,
                                 uint64_t handle, uint64_t offset_bytes) const {
  BP_ASSIGN_OR_RETURN(const uint64_t size, bytes_of(type, dims));
  if (is_host()) {
    if (handle_type != MemoryHandle::kHostPointer)
      return Status(ErrorCode::kUnsupported,
                    "device " + device() + " works in host memory: expected a host pointer");
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a handle is a pointer, widened
    return Value::borrow(type, std::move(dims), reinterpret_cast<void*>(handle + offset_bytes), size);
  }
  ExternalMemory external;
  external.handle_type = static_cast<uint32_t>(handle_type);
  external.handle = handle;
  external.offset = offset_bytes;
  external.size = size;
  external.host_data = HostData::kMutableZeroCopy;
  BP_ASSIGN_OR_RETURN(auto storage, DeviceTensor::import_memory(impl_->device, impl_->memory_kind, external));
  return device_value(type, std::move(dims), std::move(storage));
}

std::vector<DeviceMemory> Session::device_memories() const {
  std::vector<DeviceMemory> all;
  for (const CompileDevice& device : impl_->settings().devices)
    all.push_back(make_memory(device.device, device.device->info().preferred_memory().kind));
  return all;
}

Result<DeviceMemory> Session::device_memory(const std::string& device) const {
  std::vector<std::string> names;
  for (const DeviceMemory& memory : device_memories()) {
    const std::string& label = memory.device();
    if (label == device || label.substr(0, label.rfind(':')) == device) return memory;
    names.push_back(label);
  }
  return Status(ErrorCode::kNotFound,
                fmt::format("the session has no device '{}'; it has {}", device, fmt::join(names, ", ")));
}

}  // namespace bp
