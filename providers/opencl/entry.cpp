// The only exported symbol.
#include "provider.hpp"

uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                             bp_provider** provider) {
  using namespace bp::opencl;
  constexpr uint32_t kMinor = 0;
  *provider = nullptr;
  if (host_min_minor > kMinor || host_max_minor < kMinor) {
    host->log(host, BP_LOG_ERROR, abi("this provider speaks ABI 1.0 only, which the host does not"));
    return BP_STATUS_INCOMPATIBLE;
  }
  return bp::sdk::guard_open(Host(host), [&] { *provider = &(new Provider(host))->table; });
}
