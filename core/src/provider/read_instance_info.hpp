// Checks and copies what a provider says of a specialized program.
#pragma once

#include "backplane/status.hpp"
#include "provider/program.hpp"
#include "provider/provider_core.hpp"

namespace bp {

Result<InstanceInfo> read_instance_info(const ProviderCore& core, const DeviceInfo& device,
                                        const SpecializeArgs& args, const bp_instance_info& abi);

}  // namespace bp
