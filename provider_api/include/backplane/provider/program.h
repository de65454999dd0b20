/* From a partition to a run: program -> instance -> context.
 *
 *  program   a compiled partition; immutable; shared by threads; owns packed constants
 *  instance  a program specialized to concrete shapes (or a range of them); immutable; shared
 *  context   everything mutable: argument maps, captured graphs, kernel arguments; one run at a time
 *
 * The host leases a context for one run; the lease, workspace included, ends with the run's event. */
#ifndef BACKPLANE_PROVIDER_PROGRAM_H
#define BACKPLANE_PROVIDER_PROGRAM_H

#include "graph.h"
#include "memory.h"

typedef struct bp_program_object* bp_program;
typedef struct bp_instance_object* bp_instance;
typedef struct bp_context_object* bp_context;
/* Host-side tokens; asked through host.h. NULL is allowed: never cancelled, nobody listens. */
typedef struct bp_cancel_object* bp_cancel;
typedef struct bp_progress_object* bp_progress;
typedef struct bp_run_object* bp_run_token;

typedef struct bp_compile_args {
  uint32_t struct_size;
  uint32_t thread_count;     /* host threads that runs may use; >= 1 */
  const bp_graph* partition; /* valid for the call, its constants until the program is released */
  bp_array options;          /* bp_option */
  bp_cancel cancel;
  bp_progress progress;
} bp_compile_args;

/* What is known of one input or output when a program is specialized. */
typedef struct bp_tensor_spec {
  uint32_t struct_size;
  uint32_t element_type;
  bp_array dims; /* int64_t, >= 0; BP_UNKNOWN for dims that depend on data (outputs, and inputs after them) */
  const bp_tensor* value; /* contents of an input wanted with BP_WANT_VALUE_AT_SPECIALIZE; else NULL */
} bp_tensor_spec;

typedef struct bp_specialize_args {
  uint32_t struct_size;
  uint32_t thread_count; /* fixed here for all runs of the instance; >= 1 */
  bp_array inputs;       /* bp_tensor_spec, in the partition's order */
  bp_array outputs;      /* bp_tensor_spec */
  bp_cancel cancel;
  bp_progress progress;
} bp_specialize_args;

/* How an output with data-dependent dims comes out. */
#define BP_OUTPUT_FIXED 0u     /* dims are those of the spec */
#define BP_OUTPUT_BOUNDED 1u   /* at most `size_bytes`; true dims are written to the binding's dims slice */
#define BP_OUTPUT_ALLOCATED 2u /* allocated through the host's allocate_output before `run` returns */

typedef struct bp_output_info {
  uint32_t struct_size;
  uint32_t mode;             /* BP_OUTPUT_ */
  uint64_t size_bytes;       /* FIXED: exact; BOUNDED: upper bound; ALLOCATED: 0 */
  uint32_t in_place_input;   /* this output may use the memory of that input when the host wants; BP_NONE */
  uint32_t memory_kind;      /* kind in which it is written; BP_MEMORY_HOST for strings */
  uint32_t dims_memory_kind; /* BOUNDED: host-visible kind in which the true dims are written */
  uint32_t reserved;         /* 0 */
} bp_output_info;

/* Filled by the provider; arrays live as long as the instance. */
typedef struct bp_instance_info {
  uint32_t struct_size;
  uint32_t serves_range;    /* 1: also serves other dims inside `input_ranges`, passed at bind */
  uint64_t workspace_bytes; /* scratch memory of kind workspace_kind for one run */
  uint64_t workspace_alignment;
  uint32_t workspace_kind;
  uint32_t reserved;
  bp_array outputs;       /* bp_output_info, one per output */
  bp_array input_ranges;  /* bp_array of bp_dim per input, when serves_range */
  uint64_t context_bytes; /* device memory that each context holds for itself; for limits and reports */
} bp_instance_info;

/* Where one input or output lies. */
typedef struct bp_tensor_binding {
  uint32_t struct_size;
  uint32_t rank;
  bp_slice data;         /* strings: the offsets; ALLOCATED outputs: all zero */
  bp_slice string_bytes; /* strings only */
  const int64_t*
      dims; /* actual dims, `rank` of them, valid until the next bind: differ from the spec's only in ranges */
  bp_slice
      actual_dims; /* BOUNDED outputs: host-visible int64_t[rank], written by the run, valid at its event */
} bp_tensor_binding;

typedef struct bp_binding {
  uint32_t struct_size;
  uint32_t reserved;
  bp_array inputs;    /* bp_tensor_binding, in order; inputs are const */
  bp_array outputs;   /* bp_tensor_binding; never alias inputs unless the host donates (in_place_input) */
  bp_slice workspace; /* size >= workspace_bytes; zero size when none is needed */
} bp_binding;

typedef struct bp_run_args {
  uint32_t struct_size;
  uint32_t profile; /* 1: report spans through the host's trace service */
  bp_stream stream; /* NULL on synchronous devices */
  bp_cancel cancel;
  bp_run_token token; /* for allocate_output and trace_span */
} bp_run_args;

/* One step of an instance, for explain and profiles. */
typedef struct bp_step {
  uint32_t struct_size;
  uint32_t reserved;
  bp_string name;           /* what it is: "conv+bias+relu" */
  bp_string implementation; /* which kernel: "jit:avx512_core" */
  bp_array nodes;           /* uint32_t node indices of the compiled partition that it covers */
  bp_string note;           /* layout, tuning, anything for people; may be empty */
} bp_step;

typedef struct bp_step_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* user;
  /* Reports one step, in order of execution; everything is copied before the call returns. [serial per sink] */
  void (*report)(void* user, const bp_step* step);
} bp_step_sink;

typedef struct bp_program_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Compiles a partition. The caller releases the program. May use the host's parallel_for, reports progress,
   * asks cancel at least every 100 ms: CANCELLED. UNSUPPORTED, INVALID_MODEL, OUT_OF_*. Mandatory. Since 1.0.
   * [any-thread] */
  bp_status (*compile)(bp_device device, const bp_compile_args* args, bp_program* program);
  /* Frees a program; its instances are released before. NULL is ignored. Mandatory. Since 1.0. [any-thread] */
  void (*release_program)(bp_program program);

  /* Fixes shapes. UNSUPPORTED for shapes that this program does not serve: the next device takes over. The host
   * sets info->struct_size. The caller releases the instance. Mandatory. Since 1.0. [any-thread] */
  bp_status (*specialize)(bp_program program, const bp_specialize_args* args, bp_instance* instance,
                          bp_instance_info* info);
  void (*release_instance)(
      bp_instance instance); /* contexts are released before. Mandatory. Since 1.0. [any-thread] */

  /* Makes a context. The caller releases it. Mandatory. Since 1.0. [any-thread] */
  bp_status (*create_context)(bp_instance instance, bp_context* context);
  void (*release_context)(
      bp_context context); /* its last run is complete. Mandatory. Since 1.0. [any-thread] */

  /* Fixes addresses until the next bind; slices stay valid that long. Does no work on the device. Mandatory.
   * Since 1.0. [serial per context] */
  bp_status (*bind)(bp_context context, const bp_binding* binding);
  /* Enqueues one run of the bound context and allocates nothing. On a synchronous device outputs are complete
   * on return. CANCELLED when `cancel` says so. Mandatory. Since 1.0. [serial per context, serial per stream]
   */
  bp_status (*run)(bp_context context, const bp_run_args* args);

  /* Reports the steps of an instance. Optional. Since 1.0. [any-thread] */
  bp_status (*describe)(bp_instance instance, const bp_step_sink* sink);
  /* Reports the spans of the context's last run (bp_run_args::profile = 1) through the host's trace_span, where
   * they are known only once the run's event is complete. The host calls it then, once, before the context is
   * used again. Optional. Since 1.0. [serial per context] */
  bp_status (*report_spans)(bp_context context, bp_run_token token);
} bp_program_api;

#endif
