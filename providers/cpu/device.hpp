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

const bp_host* device_host(bp_device device);

extern const bp_device_api kDeviceApi;

}  // namespace bp::cpu
