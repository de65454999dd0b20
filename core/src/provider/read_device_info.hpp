// Asks a device what it is, and checks the answer.
#pragma once

#include <cstdint>

#include "backplane/status.hpp"
#include "provider/device_info.hpp"
#include "provider/provider_core.hpp"

namespace bp {

// `index`: its position in the provider's list.
Result<DeviceInfo> read_device_info(const ProviderCore& core, bp_device handle, uint32_t index);

}  // namespace bp
