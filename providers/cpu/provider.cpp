// Fills the table of tables.
#include "provider.hpp"

#include <omp.h>

#include "artifact.hpp"
#include "capability.hpp"
#include "options.hpp"
#include "program.hpp"

namespace bp::cpu {

namespace {

// The canonical level for which the operator rows were written.
constexpr uint32_t kCanonicalLevel = 28;

void close(bp_provider* provider) {
  delete static_cast<Provider*>(provider->self);
  // The caller's team. Those of other threads end with them; whoever else has a team here gets a new one.
  omp_pause_resource_all(omp_pause_soft);
}

}  // namespace

Provider::Provider(const bp_host* host) : device(host) {
  table.struct_size = BP_STRUCT_SIZE(bp_provider, close);
  table.abi_minor = 0;
  table.self = this;
  table.id = abi("backplane.cpu");
  table.version = abi(BP_CPU_VERSION);
  table.canonical_level = kCanonicalLevel;
  table.device = &kDeviceApi;
  table.capability = &kCapabilityApi;
  table.program = &kProgramApi;
  table.artifact = &kArtifactApi;
  const auto options = option_infos();
  table.options = {options.data(), options.size(), sizeof(bp_option_info)};
  table.close = close;
}

}  // namespace bp::cpu
