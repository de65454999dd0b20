/* The capability query: a verdict for every node, with every reason. Pure and repeatable: same view, same
 * options, same answer, and nothing of the device is taken. A claim binds: a node that was called supported
 * compiles and runs, alone as well as among others. */
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

/* One reason. All that apply are given, not the first. */
typedef struct bp_reason {
  uint32_t struct_size;
  uint32_t code;       /* BP_REASON_ */
  uint32_t input;      /* index among the node's inputs, BP_NONE: not about one input */
  uint32_t output;     /* index among the node's outputs, BP_NONE: not about one output */
  bp_string attribute; /* name, empty: not about an attribute */
  bp_string text;      /* a sentence: what is expected, what was found */
} bp_reason;

/* How a node wants an input. A value that is produced and used inside one partition is the provider's own
 * affair, except that nobody can give it at specialize: its producer and the node that wants it so are never in
 * one partition. Where nodes of a partition want the same input as DEVICE and as HOST it is bound as DEVICE; a
 * provider that cannot take that splits in query_partition. Constants are never bound: they are acquired
 * (host.h). */
#define BP_WANT_DEVICE 0u /* at run, in memory of the device's first kind */
#define BP_WANT_HOST 1u   /* at run, in host memory (BP_MEMORY_HOST); strings always */
/* As a value when specialized (Reshape's shape): bp_tensor_spec::value. Costs nothing with BP_VALUE_HOST_VALUE;
 * for any other value the host ends a segment and reads it back. At bind such an input may be all zero unless
 * another node wants it otherwise. */
#define BP_WANT_VALUE_AT_SPECIALIZE 2u
/* Constant, read at compile; where it is not constant the host counts the node as rejected. */
#define BP_WANT_CONSTANT 3u

/* The answer about one node. */
typedef struct bp_verdict {
  uint32_t struct_size;
  uint32_t kind;           /* BP_VERDICT_ */
  uint32_t node;           /* index in the view */
  uint32_t group;          /* nodes with the same number would be fused; BP_NONE: no hint */
  bp_array reasons;        /* bp_reason; at least one with REJECTED, none with SUPPORTED */
  bp_array input_wants;    /* uint32_t BP_WANT_, one per input; empty: all BP_WANT_DEVICE */
  int64_t cost_ns;         /* estimated time of one run on this device, BP_UNKNOWN */
  int64_t workspace_bytes; /* estimated, BP_UNKNOWN */
} bp_verdict;

/* Takes the verdicts of one query; made by the host, valid for the query. */
typedef struct bp_verdict_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* user; /* to be passed back */
  /* Reports one node, each exactly once, in any order. Everything reachable from `verdict` is copied before the
   * call returns. Since 1.0. [serial per sink] */
  void (*report)(void* user, const bp_verdict* verdict);
} bp_verdict_sink;

#define BP_PARTITION_ACCEPT 1u
#define BP_PARTITION_REJECT 2u
#define BP_PARTITION_SPLIT 3u /* would compile as two: nodes before split_node, and the rest */

/* The answer about a cut partition. */
typedef struct bp_partition_answer {
  uint32_t struct_size;
  uint32_t kind;        /* BP_PARTITION_ */
  uint32_t split_node;  /* SPLIT: index in the view's order, 0 < it < node count. REJECT: the node at fault,
                           BP_NONE */
  uint32_t reason_code; /* BP_REASON_, with REJECT and SPLIT */
  bp_string text;       /* why; valid until the next call on the device from this thread */
} bp_partition_answer;

typedef struct bp_capability_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Reports a verdict for every node of `graph`: a whole graph, canonical, inferred, with nodes that other
   * devices will take. `options`: bp_option, checked. May read constants and graph_to_onnx. A node that is not
   * reported counts as rejected, and the provider as misbehaving; on an error all nodes count as rejected with
   * its text. Status: OUT_OF_HOST_MEMORY, DEVICE_LOST. Mandatory. Since 1.0. [any-thread] */
  bp_status (*query)(bp_device device, const bp_graph* graph, bp_array options, const bp_verdict_sink* sink);
  /* Answers for a cut partition of supported nodes, once more, before compile: accept, reject, or split. The
   * caller sets answer->struct_size. Pure as query. A single node is never rejected here: query said it is
   * supported. Status: OUT_OF_HOST_MEMORY, DEVICE_LOST. Optional: NULL accepts all. Since 1.0. [any-thread] */
  bp_status (*query_partition)(bp_device device, const bp_graph* partition, bp_array options,
                               bp_partition_answer* answer);
} bp_capability_api;

#endif
