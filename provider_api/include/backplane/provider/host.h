/* The host table: everything that a provider may ask of the host. A provider imports no symbol of the host.
 * The table lives as long as the process. `host` in each call is bp_host itself. */
#ifndef BACKPLANE_PROVIDER_HOST_H
#define BACKPLANE_PROVIDER_HOST_H

#include "program.h"

#define BP_LOG_TRACE 0u
#define BP_LOG_DEBUG 1u
#define BP_LOG_INFO 2u
#define BP_LOG_WARNING 3u
#define BP_LOG_ERROR 4u
#define BP_LOG_HOST_MISBEHAVES 5u     /* the host broke a rule of the ABI */
#define BP_LOG_PROVIDER_MISBEHAVES 6u /* written by the host: a provider broke one */

/* One block of memory for plan_memory: alive from step `first` to step `last`, both included. */
typedef struct bp_interval {
  uint32_t struct_size;
  uint32_t first;
  uint32_t last;
  uint32_t reserved;  /* 0 */
  uint64_t size;      /* bytes */
  uint64_t alignment; /* bytes, power of two */
} bp_interval;

/* body(user, begin, end): the indices [begin, end). Must not throw or block on other calls of the same loop. */
typedef bp_status (*bp_loop_body)(void* user, uint64_t begin, uint64_t end);

typedef struct bp_bytes_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* user;
  bp_status (*write)(void* user, const void* data, uint64_t size);
} bp_bytes_sink;

/* graph_to_onnx flags */
#define BP_ONNX_EMBED_CONSTANTS 1u /* else constants become inputs of the written graph */

typedef struct bp_host {
  uint32_t struct_size;
  uint32_t abi_minor; /* the minor that this table speaks */
  bp_string name;     /* "backplane" */
  bp_string version;

  /* A new status object; `message` is copied; `provider_code` is the vendor's own number, 0: none. Never
   * returns NULL: out of memory gives a shared object that says so. Since 1.0. [any-thread] */
  bp_status (*status_create)(const struct bp_host* host, uint32_t code, bp_string message,
                             int64_t provider_code);
  uint32_t (*status_code)(const struct bp_host* host,
                          bp_status status); /* BP_STATUS_OK for NULL. [any-thread] */
  bp_string (*status_message)(const struct bp_host* host,
                              bp_status status); /* valid while the status is. [any-thread] */
  int64_t (*status_provider_code)(const struct bp_host* host, bp_status status); /* [any-thread] */
  void (*status_release)(const struct bp_host* host, bp_status status); /* NULL is ignored. [any-thread] */

  /* One line of log; copied. During open an ERROR line becomes the reason that the host reports. Since 1.0.
   * [any-thread] */
  void (*log)(const struct bp_host* host, uint32_t severity, bp_string message);
  /* Smallest severity that anybody listens to. Since 1.0. [any-thread] */
  uint32_t (*log_level)(const struct bp_host* host);

  /* A span of a run (bp_run_args::profile). Times are host monotonic, or device times of `device` (clock 1).
   * Since 1.0. [any-thread] */
  void (*trace_span)(const struct bp_host* host, bp_run_token token, bp_device device, bp_string name,
                     uint64_t begin_ns, uint64_t end_ns, uint32_t device_clock);

  /* 1 once the caller wants to stop. `cancel` NULL: 0. Since 1.0. [any-thread] */
  uint32_t (*cancel_requested)(const struct bp_host* host, bp_cancel cancel);
  /* Progress of a compile, 0 to 1. `progress` NULL: nothing. Since 1.0. [any-thread] */
  void (*report_progress)(const struct bp_host* host, bp_progress progress, double fraction, bp_string what);

  /* Runs body over [0, count) in pieces of at least `grain`, on the host's threads and the caller's; returns
   * the first error after all pieces ended. For compile; not for run. Since 1.0. [any-thread] */
  bp_status (*parallel_for)(const struct bp_host* host, uint64_t count, uint64_t grain, bp_loop_body body,
                            void* user);

  /* The core's planner: offsets[i] for interval i such that intervals alive at the same step do not overlap;
   * *total = bytes of the arena. `intervals`: bp_interval; `offsets` has room for all. Since 1.0. [any-thread]
   */
  bp_status (*plan_memory)(const struct bp_host* host, bp_array intervals, uint64_t* offsets, uint64_t* total);

  /* Bytes of a constant; they stay at *tensor until as many releases as acquires. At any time until the program
   * that was compiled from the view is released. The host may unmap in between. INVALID_ARGUMENT, IO.
   * Since 1.0. [any-thread] */
  bp_status (*constants_acquire)(const struct bp_host* host, bp_constants constants, uint64_t constant_id,
                                 bp_tensor* tensor);
  void (*constants_release)(const struct bp_host* host, bp_constants constants, uint64_t constant_id);

  /* Writes a view as an ONNX ModelProto, in pieces. Only during the call that received the view. Since 1.0.
   * [any-thread] */
  bp_status (*graph_to_onnx)(const struct bp_host* host, const bp_graph* graph, uint32_t flags,
                             const bp_bytes_sink* sink);

  /* Memory for output `output` (BP_OUTPUT_ALLOCATED) of the run `token`: dims (int64_t, `rank`), size in bytes
   * (and of the string bytes). *data and *string_bytes stay valid for the run. Only before `run` returns.
   * Since 1.0. [serial per run] */
  bp_status (*allocate_output)(const struct bp_host* host, bp_run_token token, uint32_t output,
                               const int64_t* dims, uint32_t rank, uint64_t size, uint64_t string_size,
                               bp_slice* data, bp_slice* string_bytes);

  /* The host's table of extension `id` (extension.h), NULL when it has none of that revision. Since 1.0.
   * [any-thread] */
  const void* (*get_extension)(const struct bp_host* host, bp_string id, uint32_t revision);
} bp_host;

#endif
