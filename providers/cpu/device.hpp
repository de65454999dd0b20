// The one device: the processor that the process runs on.
#pragma once

#include <string>
#include <vector>

#include "support.hpp"

namespace bp::cpu {

struct Device {
  explicit Device(const bp_host* table);

  const bp_host* host;
  std::string name;
  std::string vendor;
  std::string driver;
  std::string features;
  std::string fingerprint;
  bp_memory_kind_info memory{};
  bp_property property{};
  uint64_t memory_bytes = 0;
};

// What measurements hold for: processor, instruction sets, and the versions of what runs on it.
std::string processor_and_versions();

const bp_host* device_host(bp_device device);

extern const bp_device_api kDeviceApi;

}  // namespace bp::cpu
