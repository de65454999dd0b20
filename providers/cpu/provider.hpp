// The provider object: its table and its device. One per bp_provider_open_v1.
#pragma once

#include "device.hpp"
#include "support.hpp"

namespace bp::cpu {

struct Provider {
  explicit Provider(const bp_host* host);
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  Device device;
  bp_provider table{};
};

}  // namespace bp::cpu
