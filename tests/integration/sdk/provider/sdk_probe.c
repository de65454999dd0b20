/* Builds and links against the installed headers, and declines every host. */
#include <backplane/provider/provider.h>

uint32_t helper_that_stays_hidden(uint32_t host_min_minor);
uint32_t helper_that_stays_hidden(uint32_t host_min_minor) {
  return host_min_minor > BP_ABI_MINOR ? BP_STATUS_INCOMPATIBLE : BP_STATUS_UNSUPPORTED;
}

uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                             bp_provider** provider) {
  (void)host;
  (void)host_max_minor;
  *provider = NULL;
  return helper_that_stays_hidden(host_min_minor);
}
