/* The host table: everything that a provider may ask of the host. A provider imports no symbol of the host. The
 * table lives as long as the process; `host` in each call is the table itself. All functions are there (minor 0
 * knows every one); those that a later minor adds are looked at through BP_HAS_FIELD. */
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
  uint32_t last;      /* >= first */
  uint32_t reserved;  /* 0 */
  uint64_t size;      /* bytes; 0 is legal */
  uint64_t alignment; /* bytes, power of two */
} bp_interval;

/* body(user, begin, end): does the indices [begin, end), called from several threads at once. Throws nothing,
 * and waits for no other piece of the same loop. A status that it returns becomes the host's. Since 1.0. */
typedef bp_status (*bp_loop_body)(void* user, uint64_t begin, uint64_t end);

/* Takes bytes in pieces; made by the provider, valid for the call. */
typedef struct bp_bytes_sink {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  void* user;        /* to be passed back */
  /* Takes the next `size` bytes, which are valid for the call. An error ends the writing and is returned to the
   * caller. Status: any. Mandatory. Since 1.0. [serial per sink] */
  bp_status (*write)(void* user, const void* data, uint64_t size);
} bp_bytes_sink;

/* graph_to_onnx flags */
/* Constants are initializers; else they become inputs of the written graph, after the view's own. */
#define BP_ONNX_EMBED_CONSTANTS 1u

typedef struct bp_host {
  uint32_t struct_size;
  uint32_t abi_minor; /* the minor that this table speaks */
  bp_string name;     /* "backplane" */
  bp_string version;

  /* Makes a status object with a BP_STATUS_ code (not OK), a copy of `message`, and the vendor's own number
   * `provider_code`, 0: none. Never NULL: out of memory gives a shared object that says so. Owner: the caller,
   * who returns it or releases it. Since 1.0. [any-thread] */
  bp_status (*status_create)(const struct bp_host* host, uint32_t code, bp_string message,
                             int64_t provider_code);
  /* The BP_STATUS_ code; BP_STATUS_OK for NULL. Since 1.0. [any-thread] */
  uint32_t (*status_code)(const struct bp_host* host, bp_status status);
  /* The message, valid while the status is; empty for NULL. Since 1.0. [any-thread] */
  bp_string (*status_message)(const struct bp_host* host, bp_status status);
  /* The vendor's own number; 0 for NULL. Since 1.0. [any-thread] */
  int64_t (*status_provider_code)(const struct bp_host* host, bp_status status);
  /* Frees a status. NULL is ignored. Since 1.0. [any-thread] */
  void (*status_release)(const struct bp_host* host, bp_status status);

  /* Logs one line at a BP_LOG_ severity; the text is copied. During open an ERROR line becomes the reason that
   * the host reports. Since 1.0. [any-thread] */
  void (*log)(const struct bp_host* host, uint32_t severity, bp_string message);
  /* The smallest severity that anybody listens to: spare the formatting below. Since 1.0. [any-thread] */
  uint32_t (*log_level)(const struct bp_host* host);

  /* Records a span of the profiled run `token`: what `device` did between two times in nanoseconds, on the
   * host's monotonic clock (device_clock 0, `device` may be NULL) or on the device's (device_clock 1, see
   * sample_clock). `name` is copied. From the start of run until the run's event is complete, or within
   * report_spans. Since 1.0. [any-thread] */
  void (*trace_span)(const struct bp_host* host, bp_run_token token, bp_device device, bp_string name,
                     uint64_t begin_ns, uint64_t end_ns, uint32_t device_clock);

  /* 1 once the caller wants to stop, else 0. `cancel` NULL: 0. Cheap enough for every step of a loop.
   * Since 1.0. [any-thread] */
  uint32_t (*cancel_requested)(const struct bp_host* host, bp_cancel cancel);
  /* Tells the progress of a compile or specialize: `fraction` from 0 to 1, never falling; `what` is copied.
   * `progress` NULL: nothing. Since 1.0. [any-thread] */
  void (*report_progress)(const struct bp_host* host, bp_progress progress, double fraction, bp_string what);

  /* Runs body over [0, count) in pieces of at least `grain` indices, on the host's threads and the caller's;
   * returns the first error after all pieces ended. Loops may nest. Pieces that have
   * not begun when one fails are skipped.
   * For compile and specialize; not for run. Status: whatever body returns. Since 1.0. [any-thread] */
  bp_status (*parallel_for)(const struct bp_host* host, uint64_t count, uint64_t grain, bp_loop_body body,
                            void* user);

  /* Plans an arena with the core's own planner: offsets[i] (bytes, aligned as asked) for interval i such that
   * intervals alive at the same step do not overlap; *total = bytes of the arena. `intervals`: bp_interval;
   * `offsets` has room for all. Pure: the same intervals give the same offsets. Status: OUT_OF_HOST_MEMORY.
   * Since 1.0. [any-thread] */
  bp_status (*plan_memory)(const struct bp_host* host, bp_array intervals, uint64_t* offsets, uint64_t* total);

  /* Gives the bytes of constant `constant_id` (bp_value) of a view: fills *tensor, whose struct_size the caller
   * sets. The bytes stay where *tensor says until as many releases as acquires; the host may unmap them in
   * between, and show them elsewhere the next time. Alignment 1. For the view of a query: during the call. For
   * that of compile or load: at any time until the program is released. Status: IO (the file is gone or too
   * short), OUT_OF_HOST_MEMORY. Since 1.0. [any-thread] */
  bp_status (*constants_acquire)(const struct bp_host* host, bp_constants constants, uint64_t constant_id,
                                 bp_tensor* tensor);
  /* Ends one acquire. Since 1.0. [any-thread] */
  void (*constants_release)(const struct bp_host* host, bp_constants constants, uint64_t constant_id);

  /* Writes a view as an ONNX ModelProto, in pieces, in order: opset imports as the canonical level says, names
   * of values as in the view, `flags`: BP_ONNX_. Only during the call that received the view. Protobuf ends at
   * 2 GiB: larger constants are acquired, not embedded. Status: UNSUPPORTED (more than 2 GiB), IO (constants),
   * whatever the sink returns. Since 1.0. [any-thread] */
  bp_status (*graph_to_onnx)(const struct bp_host* host, const bp_graph* graph, uint32_t flags,
                             const bp_bytes_sink* sink);

  /* Gives memory for output `output` (BP_OUTPUT_ALLOCATED) of the run `token`: `dims` (int64_t, `rank` of them)
   * are its true dims, `size` the bytes of *data (strings: of the offsets), `string_size` those of
   * *string_bytes (0 and NULL unless strings). Memory of the kind that bp_output_info states; it stays the
   * host's and valid until the run's event and beyond. Once per output and run, only before `run` returns; the
   * host may call the provider's `allocate` meanwhile. Status: OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY.
   * Since 1.0. [serial per run] */
  bp_status (*allocate_output)(const struct bp_host* host, bp_run_token token, uint32_t output,
                               const int64_t* dims, uint32_t rank, uint64_t size, uint64_t string_size,
                               bp_slice* data, bp_slice* string_bytes);

  /* The host's table of extension `id` (extension.h), NULL when it has none of that revision. The table lives
   * as long as the process. Since 1.0. [any-thread] */
  const void* (*get_extension)(const struct bp_host* host, bp_string id, uint32_t revision);
} bp_host;

#endif
