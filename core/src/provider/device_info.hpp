// What a device says of itself, copied out of the ABI's structs.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "backplane/provider/memory.h"

namespace bp {

enum class DeviceKind : uint32_t { kCpu = 1, kGpu = 2, kNpu = 3, kFpga = 4, kOther = 5 };
// "cpu", "gpu", "npu", "fpga", "other".
const char* device_kind_name(DeviceKind kind) noexcept;

inline constexpr uint32_t kHostMemory = BP_MEMORY_HOST;

struct MemoryKindInfo {
  uint32_t kind = kHostMemory;
  std::string name;
  bool host_visible = false;
  bool has_address = false;
  bool pinned = false;
  bool shared = false;
  bool map_only = false;                 // the address, if any, is the device's: the host needs Device::map
  uint64_t alignment = 1;                // bytes, power of two
  uint64_t granularity = 1;              // bytes
  uint64_t max_allocation = 0;           // bytes; 0: no limit known
  uint64_t total = 0;                    // bytes; 0: unknown
  std::vector<uint32_t> import_handles;  // BP_HANDLE_*
  std::vector<uint32_t> export_handles;

  // The host may read and write through a slice's address.
  bool host_addressable() const noexcept { return host_visible && has_address && !map_only; }
};

struct DeviceInfo {
  DeviceKind kind = DeviceKind::kOther;
  bool synchronous = false;    // no streams, no events: runs and copies are complete on return
  bool deterministic = false;  // same inputs, same bits, whatever the threads
  bool compile_only = false;   // absent hardware: compiles and saves, makes no contexts and no buffers
  uint32_t index = 0;          // position among the provider's devices
  std::string name;
  std::string vendor;
  std::string uuid;
  std::string driver;
  std::string fingerprint;
  std::vector<MemoryKindInfo> memory_kinds;  // never empty; the first is where the device wants its data
  std::vector<std::pair<std::string, std::string>> properties;
  uint64_t memory_bytes = 0;                   // 0: unknown
  std::vector<uint32_t> event_import_handles;  // BP_EVENT_HANDLE_*
  std::vector<uint32_t> event_export_handles;
  // For the cost model; 0: unknown.
  uint64_t copy_bytes_per_second = 0;
  uint64_t copy_latency_ns = 0;
  uint64_t launch_ns = 0;

  const MemoryKindInfo& preferred_memory() const noexcept { return memory_kinds.front(); }
  // nullptr when the device did not declare that kind.
  const MemoryKindInfo* find_memory(uint32_t memory_kind) const noexcept {
    for (const MemoryKindInfo& info : memory_kinds) {
      if (info.kind == memory_kind) return &info;
    }
    return nullptr;
  }
};

}  // namespace bp
