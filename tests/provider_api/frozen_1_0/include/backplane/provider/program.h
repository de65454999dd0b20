/* From a partition to a run: program -> instance -> context.
 *
 *  program   a compiled partition; immutable; shared by threads; owns packed constants
 *  instance  a program specialized to concrete shapes (or a range of them); immutable; shared
 *  context   everything mutable: argument maps, captured graphs, kernel arguments; one run at a time
 *
 * The host leases a context for one run: bind, run, and then nothing until the run's event is complete. The
 * lease, workspace included, ends with that event (on a synchronous device with the return of run). Contexts
 * are released before their instance, instances before their program. */
#ifndef BACKPLANE_PROVIDER_PROGRAM_H
#define BACKPLANE_PROVIDER_PROGRAM_H

#include "graph.h"
#include "memory.h"

typedef struct bp_program_object* bp_program;
typedef struct bp_instance_object* bp_instance;
typedef struct bp_context_object* bp_context;
/* Host-side tokens; asked through host.h. NULL is allowed: never cancelled, nobody listens. Valid for the call;
 * in run until the run's event is complete. */
typedef struct bp_cancel_object* bp_cancel;
typedef struct bp_progress_object* bp_progress;
typedef struct bp_run_object* bp_run_token;

/* For compile and for artifact.h's load. */
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
  uint32_t element_type;  /* BP_TYPE_ */
  bp_array dims;          /* int64_t, >= 0; BP_UNKNOWN for dims of outputs that depend on data */
  const bp_tensor* value; /* contents of an input wanted with BP_WANT_VALUE_AT_SPECIALIZE; else NULL */
} bp_tensor_spec;

/* One set of shapes, complete. */
typedef struct bp_specialize_args {
  uint32_t struct_size;
  uint32_t thread_count; /* fixed here for all runs of the instance; >= 1 */
  bp_array inputs;       /* bp_tensor_spec, in the partition's order */
  bp_array outputs;      /* bp_tensor_spec */
  bp_cancel cancel;
  bp_progress progress;
} bp_specialize_args;

/* How an output comes out. */
#define BP_OUTPUT_FIXED 0u     /* dims are those of the spec (in a range: of the binding) */
#define BP_OUTPUT_BOUNDED 1u   /* at most `size_bytes`; true dims are written to the binding's actual_dims */
#define BP_OUTPUT_ALLOCATED 2u /* allocated through the host's allocate_output before `run` returns */

/* What an instance says of one output. */
typedef struct bp_output_info {
  uint32_t struct_size;
  uint32_t mode;           /* BP_OUTPUT_; string outputs are ALLOCATED */
  uint64_t size_bytes;     /* FIXED: exact, for the dims of the spec; BOUNDED: upper bound; ALLOCATED: 0 */
  uint32_t in_place_input; /* this output may use the memory of that input when the host donates it; BP_NONE */
  uint32_t memory_kind;    /* kind in which it is written; BP_MEMORY_HOST for strings */
  uint32_t dims_memory_kind; /* BOUNDED: host-visible kind in which the true dims are written */
  uint32_t reserved;         /* 0 */
} bp_output_info;

/* Filled by the provider; its arrays live as long as the instance. */
typedef struct bp_instance_info {
  uint32_t struct_size;
  uint32_t serves_range;        /* 1: also serves other dims inside `input_ranges`, passed at bind */
  uint64_t workspace_bytes;     /* scratch for one run, enough for all of input_ranges; 0: none */
  uint64_t workspace_alignment; /* bytes, power of two; 0 or 1: any */
  uint32_t workspace_kind;      /* memory kind of the workspace */
  uint32_t reserved;            /* 0 */
  bp_array outputs;             /* bp_output_info, one per output */
  bp_array input_ranges;  /* bp_array of bp_dim (min_size to max_size), one per input, with serves_range */
  uint64_t context_bytes; /* device memory that each context holds for itself; for limits and reports */
} bp_instance_info;

/* Where one input or output lies, and its dims. */
typedef struct bp_tensor_binding {
  uint32_t struct_size;
  uint32_t rank;
  bp_slice data;         /* strings: the offsets; ALLOCATED outputs: all zero; empty tensors: size 0 */
  bp_slice string_bytes; /* strings only */
  /* Actual dims, `rank` of them, valid until the next bind. They differ from the spec's only where the instance
   * serves a range. Not to be read for outputs that are not FIXED. */
  const int64_t* dims;
  /* BOUNDED outputs: int64_t[rank] of kind dims_memory_kind, written by the run, valid at its event. */
  bp_slice actual_dims;
} bp_tensor_binding;

/* Everything that a run reads and writes. */
typedef struct bp_binding {
  uint32_t struct_size;
  uint32_t reserved;  /* 0 */
  bp_array inputs;    /* bp_tensor_binding, in the partition's order; inputs are const */
  bp_array outputs;   /* bp_tensor_binding; the same memory as an input only where in_place_input allows it */
  bp_slice workspace; /* size >= workspace_bytes; all zero when none is needed; contents undefined */
} bp_binding;

/* One run; valid for the call, its stream and tokens until the run's event is complete. */
typedef struct bp_run_args {
  uint32_t struct_size;
  uint32_t profile; /* 1: report spans through the host's trace_span */
  bp_stream stream; /* NULL on synchronous devices only */
  bp_cancel cancel;
  bp_run_token token; /* for allocate_output and trace_span */
} bp_run_args;

/* One step of an instance, for explain and profiles. */
typedef struct bp_step {
  uint32_t struct_size;
  uint32_t reserved;        /* 0 */
  bp_string name;           /* what it is: "conv+bias+relu" */
  bp_string implementation; /* which kernel: "jit:avx512_core" */
  bp_array nodes;           /* uint32_t node indices of the compiled partition that it covers */
  bp_string note;           /* layout, tuning, anything for people; may be empty */
} bp_step;

/* Takes the steps of one instance; made by the host, valid for the call. */
typedef struct bp_step_sink {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  void* user;        /* to be passed back */
  /* Reports one step, in order of execution; everything is copied before the call returns. Since 1.0.
   * [serial per sink] */
  void (*report)(void* user, const bp_step* step);
} bp_step_sink;

typedef struct bp_program_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Compiles a partition into *program. May use the host's parallel_for; reports progress; asks cancel at least
   * every 100 ms. Constants are acquired through host.h, now or later, until the program is released; packed
   * copies belong to the program. Dims that are BP_UNKNOWN here are known at specialize. Owner: the caller,
   * until release_program. Status: UNSUPPORTED (the device breaks its claim: the next one takes the nodes, and
   * the report says so), INVALID_MODEL, OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY, CANCELLED, IO (constants),
   * DEVICE_LOST. Mandatory. Since 1.0. [any-thread] */
  bp_status (*compile)(bp_device device, const bp_compile_args* args, bp_program* program);
  /* Frees a program. NULL is ignored. Mandatory. Since 1.0. [any-thread] */
  void (*release_program)(bp_program program);

  /* Fixes shapes: makes *instance for the dims and host values in `args`, and fills *info (struct_size is the
   * caller's). Zero-size dims are legal. May tune kernels, with cancel and progress as in compile; may be
   * called for several shapes at once. Owner: the caller, until release_instance. Status: UNSUPPORTED (this
   * program does not serve these shapes: the next device takes over), OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY,
   * CANCELLED, DEVICE_LOST. Mandatory. Since 1.0. [any-thread] */
  bp_status (*specialize)(bp_program program, const bp_specialize_args* args, bp_instance* instance,
                          bp_instance_info* info);
  /* Frees an instance. NULL is ignored. Mandatory. Since 1.0. [any-thread] */
  void (*release_instance)(bp_instance instance);

  /* Makes a context: allocates all that its runs will need beside workspace and outputs. Owner: the caller,
   * until release_context. Status: OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY (also "no more contexts": the host
   * goes on with those that it has), UNSUPPORTED (BP_DEVICE_COMPILE_ONLY), DEVICE_LOST. Mandatory. Since 1.0.
   * [any-thread] */
  bp_status (*create_context)(bp_instance instance, bp_context* context);
  /* Frees a context whose last run is complete. NULL is ignored. Mandatory. Since 1.0. [any-thread] */
  void (*release_context)(bp_context context);

  /* Fixes addresses and dims until the next bind; slices and dims stay valid that long, `binding` itself only
   * for the call. Slices are aligned as their kinds say. No run of the context is pending. Does no work on the
   * device and waits for nothing. After an error the context is unbound. Status: UNSUPPORTED (dims outside
   * input_ranges). Mandatory. Since 1.0. [serial per context] */
  bp_status (*bind)(bp_context context, const bp_binding* binding);
  /* Enqueues one run of the bound context on args->stream, and allocates nothing. On a synchronous device
   * outputs are complete on return. Runs of one binding may follow each other without a bind. The provider uses
   * its own threads, never the host's parallel_for. Looks at cancel where it can; CANCELLED promises that
   * nothing more is written after the stream's event. Status: CANCELLED, OUT_OF_DEVICE_MEMORY
   * (allocate_output), DEVICE_LOST. On an error after something was enqueued the stream is poisoned (stream.h)
   * and outputs are undefined; on a synchronous device outputs are undefined. Mandatory. Since 1.0. [serial per
   * context] [serial per stream] */
  bp_status (*run)(bp_context context, const bp_run_args* args);

  /* Reports the steps of an instance. Status: OUT_OF_HOST_MEMORY. Optional. Since 1.0. [any-thread] */
  bp_status (*describe)(bp_instance instance, const bp_step_sink* sink);
  /* Reports the spans of the context's last run (bp_run_args::profile = 1) through the host's trace_span, where
   * they are known only once the run's event is complete. The host calls it then, once, before the context is
   * used again; `token` is the run's. Status: DEVICE_LOST. Optional. Since 1.0. [serial per context] */
  bp_status (*report_spans)(bp_context context, bp_run_token token);
} bp_program_api;

#endif
