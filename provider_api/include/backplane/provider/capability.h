/* The capability query: a verdict for every node, with every reason. Pure and repeatable: same view, same
 * options, same answer; no memory of the device is taken. */
#ifndef BACKPLANE_PROVIDER_CAPABILITY_H
#define BACKPLANE_PROVIDER_CAPABILITY_H

#include "graph.h"
#include "memory.h"

#define BP_VERDICT_SUPPORTED 1u
#define BP_VERDICT_REJECTED 2u

/* Why a node is rejected. */
#define BP_REASON_OPERATOR 1u        /* operator unknown to this device */
#define BP_REASON_NEWER_FORM 2u      /* given by the host: the node needs a newer canonical level */
#define BP_REASON_TYPE 3u            /* element type */
#define BP_REASON_RANK 4u            /* rank, or a size that no kernel takes */
#define BP_REASON_DYNAMIC_SHAPE 5u   /* a dimension must be known */
#define BP_REASON_ATTRIBUTE 6u       /* an attribute's value */
#define BP_REASON_NOT_CONSTANT 7u    /* an input must be constant */
#define BP_REASON_LAYOUT 8u          /* memory layout */
#define BP_REASON_MEMORY 9u          /* too large for the device */
#define BP_REASON_DEVICE_FEATURE 10u /* the device lacks an instruction, a precision, a library */
#define BP_REASON_POLICY 11u         /* an option forbids it */
#define BP_REASON_OTHER 12u

typedef struct bp_reason {
  uint32_t struct_size;
  uint32_t code;       /* BP_REASON_ */
  uint32_t input;      /* index among the node's inputs, BP_NONE: not about one input */
  uint32_t output;     /* index among the node's outputs, BP_NONE */
  bp_string attribute; /* name, empty: not about an attribute */
  bp_string text;      /* a sentence: what is expected, what was found */
} bp_reason;

/* How an input is wanted. */
#define BP_WANT_DEVICE 0u              /* in device memory at run */
#define BP_WANT_HOST 1u                /* in host memory (BP_MEMORY_HOST) at run */
#define BP_WANT_VALUE_AT_SPECIALIZE 2u /* as a value when specialized (Reshape's shape) */
#define BP_WANT_CONSTANT 3u            /* constant, read at compile */

typedef struct bp_verdict {
  uint32_t struct_size;
  uint32_t kind;           /* BP_VERDICT_ */
  uint32_t node;           /* index in the view */
  uint32_t group;          /* nodes with the same number would be fused; BP_NONE: no hint */
  bp_array reasons;        /* bp_reason; at least one with REJECTED, none with SUPPORTED */
  bp_array input_wants;    /* uint32_t BP_WANT_, one per input; empty: all BP_WANT_DEVICE */
  int64_t cost_ns;         /* estimated time on this device, BP_UNKNOWN */
  int64_t workspace_bytes; /* estimated, BP_UNKNOWN */
} bp_verdict;

/* Takes the verdicts of one query; made by the host. */
typedef struct bp_verdict_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* user;
  /* Reports one node. Everything reachable from `verdict` is copied before the call returns. Each node is
   * reported once. [serial per sink] */
  void (*report)(void* user, const bp_verdict* verdict);
} bp_verdict_sink;

#define BP_PARTITION_ACCEPT 1u
#define BP_PARTITION_REJECT 2u
#define BP_PARTITION_SPLIT 3u /* would compile as two: nodes before split_node, and the rest */

typedef struct bp_partition_answer {
  uint32_t struct_size;
  uint32_t kind;        /* BP_PARTITION_ */
  uint32_t split_node;  /* index in the view's order, 0 < split_node < node count, with SPLIT */
  uint32_t reason_code; /* BP_REASON_, with REJECT and SPLIT */
  bp_string text;       /* why; valid until the next call on the device from this thread */
} bp_partition_answer;

typedef struct bp_capability_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Reports a verdict for every node of `graph` (a whole graph, canonical, inferred; rejected nodes of other
   * devices included). `options`: bp_option, checked. Device memory is not touched. A node that is not reported
   * counts as rejected, and the provider as misbehaving. Mandatory. Since 1.0. [any-thread] */
  bp_status (*query)(bp_device device, const bp_graph* graph, bp_array options, const bp_verdict_sink* sink);
  /* The cut partition, once more, before compile: accept, reject, or split. The host fills answer->struct_size.
   * Optional: NULL accepts all. Since 1.0. [any-thread] */
  bp_status (*query_partition)(bp_device device, const bp_graph* partition, bp_array options,
                               bp_partition_answer* answer);
} bp_capability_api;

#endif
