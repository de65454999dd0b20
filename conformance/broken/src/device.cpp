// What the device says of itself.
#include <time.h>

#include <array>
#include <cstring>

#include "check_struct.hpp"
#include "provider.hpp"

namespace broken {
namespace {

constexpr bp_string text(std::string_view view) { return {view.data(), view.size()}; }

constexpr uint32_t kHostPointer = BP_HANDLE_HOST_POINTER;
constexpr std::array<uint32_t, 2> kImports = {BP_HANDLE_HOST_POINTER, BP_HANDLE_FD};
constexpr uint32_t kDescriptor = BP_HANDLE_FD;
constexpr std::array<uint32_t, 2> kDescriptorAndCl = {BP_HANDLE_FD, BP_HANDLE_CL_MEM};
constexpr uint32_t kSyncDescriptor = BP_EVENT_HANDLE_SYNC_FD;
constexpr std::array<uint32_t, 2> kSyncDescriptorAndCl = {BP_EVENT_HANDLE_SYNC_FD, BP_EVENT_HANDLE_CL_EVENT};

bp_memory_kind_info memory_kind(uint32_t kind, std::string_view name, uint32_t flags, uint64_t alignment) {
  bp_memory_kind_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_memory_kind_info, export_handles);
  if (has(Fault::states_fields_it_does_not_have)) info.struct_size += 8;
  info.kind = kind;
  info.name = text(name);
  info.flags = flags;
  info.alignment = alignment;
  info.granularity = alignment;
  info.max_allocation = kind == BP_MEMORY_HOST ? 0 : uint64_t{1} << 30;
  return info;
}

bp_array host_kinds() {
  static const bp_memory_kind_info kind =
      memory_kind(BP_MEMORY_HOST, "host", BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS | BP_MEMORY_SHARED, 8);
  return {&kind, 1, sizeof kind};
}

bp_array device_kinds() {
  static const std::array<bp_memory_kind_info, 3> kinds = [] {
    std::array<bp_memory_kind_info, 3> list = {
        memory_kind(kDeviceMemory, "device", 0, kAlignment),
        memory_kind(kPinnedMemory, "pinned", BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS | BP_MEMORY_PINNED,
                    kAlignment),
        memory_kind(kMappedMemory, "mapped", BP_MEMORY_HOST_VISIBLE | BP_MEMORY_MAP_ONLY, kAlignment)};
    list[0].import_handles = {kImports.data(), kImports.size(), sizeof(uint32_t)};
    list[0].export_handles = {&kDescriptor, 1, sizeof(uint32_t)};
    if (has(Fault::lists_a_handle_it_cannot_give)) {
      list[0].export_handles = {kDescriptorAndCl.data(), kDescriptorAndCl.size(), sizeof(uint32_t)};
    }
    list[1].import_handles = {&kHostPointer, 1, sizeof(uint32_t)};
    return list;
  }();
  return {kinds.data(), kinds.size(), sizeof kinds[0]};
}

}  // namespace

void Provider::info(bp_device_info* info) const {
  static const bp_property property = {text("threads per stream"), text("1")};
  BROKEN_CHECK(info, bp_device_info, launch_ns);
  if (has(Fault::clears_a_newer_struct)) info->struct_size = BP_STRUCT_SIZE(bp_device_info, launch_ns);
  info->kind = BP_DEVICE_OTHER;
  info->flags = BP_DEVICE_DETERMINISTIC | (kSynchronous ? BP_DEVICE_SYNCHRONOUS : 0);
  info->index = 0;
  info->name = text("reference device");
  info->vendor = text("Backplane conformance");
  info->uuid = {};
  info->driver = text("1");
  info->fingerprint = bp::sdk::abi(fingerprint_);
  info->memory_kinds = kSynchronous ? host_kinds() : device_kinds();
  info->properties = {&property, 1, sizeof property};
  info->memory_bytes = uint64_t{4} << 30;
  info->event_import_handles = {};
  info->event_export_handles = {};
  if (!kSynchronous) info->event_export_handles = {&kSyncDescriptor, 1, sizeof(uint32_t)};
  if (has(Fault::lists_an_event_handle_it_cannot_give)) {
    info->event_export_handles = {kSyncDescriptorAndCl.data(), 2, sizeof(uint32_t)};
  }
  info->copy_bytes_per_second = 0;
  info->copy_latency_ns = 0;
  info->launch_ns = 0;
  // The fault: a field that only this provider's headers know, written into whatever lies behind the caller's.
  if (has(Fault::writes_past_its_struct)) {
    std::memset(reinterpret_cast<unsigned char*>(info) + BP_STRUCT_SIZE(bp_device_info, launch_ns), 0xEE, 8);
  }
}

uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

void Provider::sample_clock(uint64_t* device_ns, uint64_t* host_ns) const {
  check_pointer(device_ns, "device_ns");
  check_pointer(host_ns, "host_ns");
  *host_ns = monotonic_ns();
  *device_ns = *host_ns - clock_base_ns_;  // the device's clock starts at open
}

}  // namespace broken
