/* The entry point and the table of tables. Include this header to write a provider; docs/first_provider.md
 * starts with it. */
#ifndef BACKPLANE_PROVIDER_PROVIDER_H
#define BACKPLANE_PROVIDER_PROVIDER_H

#include "artifact.h"
#include "base.h"
#include "capability.h"
#include "device.h"
#include "event.h"
#include "extension.h"
#include "graph.h"
#include "host.h"
#include "memory.h"
#include "option.h"
#include "program.h"
#include "status.h"
#include "stream.h"
#include "types.h"

/* bp_provider::flags */
/* dlclose after close is safe: no thread, no thread-local destructor, no unique symbol is left. */
#define BP_PROVIDER_MAY_UNLOAD 1u

/* What bp_provider_open_v1 returns: made and owned by the provider, freed by `close`. Tables, strings and
 * options live until then. */
typedef struct bp_provider {
  uint32_t struct_size;
  uint32_t abi_minor; /* the minor that the provider answers with: host_min_minor <= it <= host_max_minor */
  void* self;         /* the provider's own pointer, for bp_device_api::list */
  bp_string id;       /* "com.acme.npu"; equals the manifest's */
  bp_string version;  /* "2.1.0" */
  uint32_t canonical_level; /* newest canonical level that the provider was built for */
  uint32_t flags;           /* BP_PROVIDER_ */

  const bp_device_api* device;         /* mandatory */
  const bp_capability_api* capability; /* mandatory */
  const bp_program_api* program;       /* mandatory */
  const bp_memory_api* memory;         /* mandatory unless all devices list BP_MEMORY_HOST only */
  const bp_stream_api* stream;         /* mandatory unless all devices are BP_DEVICE_SYNCHRONOUS */
  const bp_event_api* event;           /* as stream */
  const bp_artifact_api* artifact;     /* optional: programs cannot be saved */

  bp_array options; /* bp_option_info: what sessions may set for this provider; may be empty */

  /* The provider's table of extension `id`, NULL when it has none of that revision; it lives until close.
   * Optional. Since 1.0. [any-thread] */
  const void* (*get_extension)(struct bp_provider* provider, bp_string id, uint32_t revision);
  /* Ends everything that the provider started, threads included, and frees the provider. All objects of its
   * devices are released before; statuses may outlive it. Mandatory. Since 1.0. [serial per provider] */
  void (*close)(struct bp_provider* provider);
} bp_provider;

/* The only exported symbol; the major version is in its name. Makes *provider and answers with the newest minor
 * that both sides know. Does no device work, starts no thread and is quick; each call gives an independent
 * object. `host` lives as long as the process. Returns BP_STATUS_OK; BP_STATUS_INCOMPATIBLE when no minor in
 * [host_min_minor, host_max_minor] suits; or another BP_STATUS_ code after logging the reason at BP_LOG_ERROR.
 * On an error *provider is NULL. Since 1.0. [any-thread] */
typedef uint32_t (*bp_provider_open_fn)(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                        bp_provider** provider);
#define BP_PROVIDER_OPEN_SYMBOL "bp_provider_open_v1"

BP_EXTERN_C_BEGIN
BP_EXPORT uint32_t bp_provider_open_v1(const bp_host* host, uint32_t host_min_minor, uint32_t host_max_minor,
                                       bp_provider** provider);
BP_EXTERN_C_END

#endif
