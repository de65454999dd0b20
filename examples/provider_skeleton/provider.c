/* provider.h: the entry point, the only symbol that the library exports. No device is touched here, no thread
 * is started. */
#include "skeleton.h"

/* Your own tables by id and revision (extension.h). */
const void* get_extension(bp_provider* provider, bp_string id, uint32_t revision);
const void* get_extension(bp_provider* provider, bp_string id, uint32_t revision) {
  (void)provider, (void)id, (void)revision;
  return NULL;
}

/* Ends everything that was started, threads included. */
static void close_provider(bp_provider* provider) { free(provider); }

BP_EXPORT uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                       bp_provider** out) {
  *out = NULL;
  (void)host_max_minor;
  if (host_min_minor > 0) return BP_STATUS_INCOMPATIBLE; /* this provider speaks minor 0 */
  provider_object* provider = calloc(1, sizeof *provider);
  if (provider == NULL) {
    host->log(host, BP_LOG_ERROR, TEXT("mine: out of host memory"));
    return BP_STATUS_OUT_OF_HOST_MEMORY;
  }
  provider->host = host;
  provider->table = (bp_provider){.struct_size = BP_STRUCT_SIZE(bp_provider, close),
                                  .abi_minor = 0,
                                  .self = provider,
                                  .id = TEXT(PROVIDER_ID),
                                  .version = TEXT(PROVIDER_VERSION),
                                  .canonical_level = CANONICAL_LEVEL,
                                  .flags = BP_PROVIDER_MAY_UNLOAD,
                                  .device = &skeleton_device,
                                  .capability = &skeleton_capability,
                                  .program = &skeleton_program,
                                  .memory = NULL,   /* &skeleton_memory: memory of your own */
                                  .stream = NULL,   /* &skeleton_stream: asynchronous work; then drop */
                                  .event = NULL,    /* &skeleton_event:  BP_DEVICE_SYNCHRONOUS in device.c */
                                  .artifact = NULL, /* &skeleton_artifact: programs that can be saved */
                                  .options = {0},   /* bp_option_info: what users may set */
                                  .get_extension = NOT_YET(get_extension),
                                  .close = close_provider};
  *out = &provider->table;
  return BP_STATUS_OK;
}
