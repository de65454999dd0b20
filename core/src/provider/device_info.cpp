#include "provider/device_info.hpp"

#include <fmt/format.h>

#include "provider/abi.hpp"
#include "provider/read_device_info.hpp"

namespace bp {
namespace {

constexpr uint32_t kMaxMemoryKinds = 64;
constexpr uint32_t kMaxProperties = 4096;
constexpr uint32_t kMaxHandles = 64;

bool read_handles(const bp_array& array, std::vector<uint32_t>* handles) {
  if (!is_array_of(array, sizeof(uint32_t), kMaxHandles)) return false;
  for (uint64_t i = 0; i < array.count; ++i) handles->push_back(element_at<uint32_t>(array, i));
  return true;
}

Status read_memory_kind(const ProviderCore& core, const bp_array& array, uint64_t index, MemoryKindInfo* info) {
  bp_memory_kind_info abi;
  if (!read_element(array, index, BP_STRUCT_SIZE(bp_memory_kind_info, export_handles), &abi)) {
    return core.misbehaves(fmt::format("memory kind {} of a device has a wrong struct_size", index));
  }
  if (!is_power_of_two(abi.alignment) || abi.granularity == 0) {
    return core.misbehaves(fmt::format("memory kind {} of a device has alignment {} and granularity {}",
                                       abi.kind, abi.alignment, abi.granularity));
  }
  info->kind = abi.kind;
  info->name = text_of(abi.name);
  info->host_visible = abi.kind == kHostMemory || (abi.flags & BP_MEMORY_HOST_VISIBLE) != 0;
  info->has_address = abi.kind == kHostMemory || (abi.flags & BP_MEMORY_HAS_ADDRESS) != 0;
  info->pinned = (abi.flags & BP_MEMORY_PINNED) != 0;
  info->map_only = abi.kind != kHostMemory && (abi.flags & BP_MEMORY_MAP_ONLY) != 0;
  info->shared = (abi.flags & BP_MEMORY_SHARED) != 0;
  info->alignment = abi.alignment;
  info->granularity = abi.granularity;
  info->max_allocation = abi.max_allocation;
  info->total = abi.total;
  if (!read_handles(abi.import_handles, &info->import_handles) ||
      !read_handles(abi.export_handles, &info->export_handles)) {
    return core.misbehaves(fmt::format("memory kind {} of a device has a malformed list of handles", abi.kind));
  }
  return {};
}

Status read_memory_kinds(const ProviderCore& core, const bp_array& array, DeviceInfo* info) {
  if (array.count == 0 ||
      !is_array_of(array, BP_STRUCT_SIZE(bp_memory_kind_info, export_handles), kMaxMemoryKinds)) {
    return core.misbehaves("a device's list of memory kinds is empty or malformed");
  }
  for (uint64_t i = 0; i < array.count; ++i) {
    MemoryKindInfo kind;
    BP_RETURN_IF_ERROR(read_memory_kind(core, array, i, &kind));
    if (info->find_memory(kind.kind) != nullptr) {
      return core.misbehaves(fmt::format("a device lists memory kind {} twice", kind.kind));
    }
    info->memory_kinds.push_back(std::move(kind));
  }
  return {};
}

}  // namespace

const char* device_kind_name(DeviceKind kind) noexcept {
  switch (kind) {
    case DeviceKind::kCpu:
      return "cpu";
    case DeviceKind::kGpu:
      return "gpu";
    case DeviceKind::kNpu:
      return "npu";
    case DeviceKind::kFpga:
      return "fpga";
    case DeviceKind::kOther:
      break;
  }
  return "other";
}

Result<DeviceInfo> read_device_info(const ProviderCore& core, bp_device handle, uint32_t index) {
  bp_device_info abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_device_info, launch_ns);
  BP_RETURN_IF_ERROR(core.call("describing a device", {}, [&] { return core.device.info(handle, &abi); }));

  DeviceInfo info;
  const bool known_kind = abi.kind >= BP_DEVICE_CPU && abi.kind <= BP_DEVICE_OTHER;
  if (!known_kind)
    core.host().log_misbehaviour(fmt::format("device {} is of the unknown kind {}", index, abi.kind));
  if (abi.index != index) {
    core.host().log_misbehaviour(
        fmt::format("device {} of its list says that its index is {}", index, abi.index));
  }
  info.kind = known_kind ? static_cast<DeviceKind>(abi.kind) : DeviceKind::kOther;
  info.synchronous = (abi.flags & BP_DEVICE_SYNCHRONOUS) != 0;
  info.deterministic = (abi.flags & BP_DEVICE_DETERMINISTIC) != 0;
  info.index = index;
  info.name = text_of(abi.name);
  info.vendor = text_of(abi.vendor);
  info.uuid = text_of(abi.uuid);
  info.driver = text_of(abi.driver);
  info.fingerprint = text_of(abi.fingerprint);
  info.compile_only = (abi.flags & BP_DEVICE_COMPILE_ONLY) != 0;
  info.memory_bytes = abi.memory_bytes;
  info.copy_bytes_per_second = abi.copy_bytes_per_second;
  info.copy_latency_ns = abi.copy_latency_ns;
  info.launch_ns = abi.launch_ns;
  if (!read_handles(abi.event_import_handles, &info.event_import_handles) ||
      !read_handles(abi.event_export_handles, &info.event_export_handles)) {
    return core.misbehaves("a device's list of event handles is malformed");
  }
  BP_RETURN_IF_ERROR(read_memory_kinds(core, abi.memory_kinds, &info));
  if (!is_array_of(abi.properties, sizeof(bp_property), kMaxProperties)) {
    return core.misbehaves("a device's list of properties is malformed");
  }
  for (uint64_t i = 0; i < abi.properties.count; ++i) {
    const auto property = element_at<bp_property>(abi.properties, i);
    info.properties.emplace_back(text_of(property.name), text_of(property.value));
  }
  return info;
}

}  // namespace bp
