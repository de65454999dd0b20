/* The graph view: plain structs, read-only, valid for the call that received them.
 *
 * The view shows a whole graph (capability.h: query) or a cut partition (query_partition, compile). Every node
 * is in canonical form (docs/canon/): one form per operator at the view's canonical level, which is at most the
 * level that the provider was built for. Nodes stand in topological order. Indices of values and nodes are
 * positions in `values` and `nodes` of this view only. The host has checked the view: indices are in range,
 * names are unique, each value has one producer, attributes have the types that the operator's schema states.
 */
#ifndef BACKPLANE_PROVIDER_GRAPH_H
#define BACKPLANE_PROVIDER_GRAPH_H

#include "base.h"
#include "status.h"
#include "types.h"

/* Which field of bp_attribute holds the value. ONNX's numbers (AttributeProto.AttributeType). GRAPH and GRAPHS
 * do not occur: the host runs control flow itself. */
#define BP_ATTRIBUTE_FLOAT 1u
#define BP_ATTRIBUTE_INT 2u
#define BP_ATTRIBUTE_STRING 3u
#define BP_ATTRIBUTE_TENSOR 4u
#define BP_ATTRIBUTE_GRAPH 5u
#define BP_ATTRIBUTE_FLOATS 6u
#define BP_ATTRIBUTE_INTS 7u
#define BP_ATTRIBUTE_STRINGS 8u
#define BP_ATTRIBUTE_TENSORS 9u
#define BP_ATTRIBUTE_GRAPHS 10u

/* A tensor whose bytes are in host memory, valid as long as its holder. */
typedef struct bp_tensor {
  uint32_t struct_size;
  uint32_t element_type;    /* BP_TYPE_ */
  bp_array dims;            /* int64_t; empty: a scalar */
  const void* data;         /* contiguous elements, alignment 1. Strings: uint64 offsets[n + 1], aligned 8 */
  uint64_t size_bytes;      /* of data */
  const char* string_bytes; /* strings only */
  uint64_t string_size_bytes;
} bp_tensor;

/* One attribute; `kind` tells which field holds its value, the others are 0. */
typedef struct bp_attribute {
  uint32_t struct_size;
  uint32_t kind; /* BP_ATTRIBUTE_ */
  bp_string name;
  int64_t int_value;
  float float_value;
  uint32_t reserved; /* 0 */
  bp_string string_value;
  /* FLOATS: float; INTS: int64_t; STRINGS: bp_string; TENSOR (one element) and TENSORS: bp_tensor */
  bp_array list;
} bp_attribute;

/* bp_value::flags */
#define BP_VALUE_CONSTANT 1u        /* bytes at any time through constants_acquire(constant_id) */
#define BP_VALUE_VIEW_INPUT 2u      /* enters the view */
#define BP_VALUE_VIEW_OUTPUT 4u     /* leaves the view */
#define BP_VALUE_HOST_VALUE 8u      /* the host will know the contents when the program is specialized */
#define BP_VALUE_DATA_DEPENDENT 16u /* some dims depend on data and are known only after a run */

/* A value: an input of the view, a constant, or what a node gives. */
typedef struct bp_value {
  uint32_t struct_size;
  uint32_t flags;        /* BP_VALUE_ */
  bp_string name;        /* for messages; unique in the view */
  uint32_t element_type; /* BP_TYPE_, BP_TYPE_UNDEFINED when unknown or no tensor */
  uint32_t has_rank;     /* 0: rank unknown, dims empty */
  bp_array dims;         /* bp_dim */
  uint32_t producer;     /* node index, BP_NONE: enters the view or is constant */
  uint32_t reserved;     /* 0 */
  uint64_t constant_id;  /* with BP_VALUE_CONSTANT; unique under the view's `constants` */
  uint64_t size_bytes;   /* of a constant; 0 otherwise */
} bp_value;

/* An operator; outputs and inputs are values of the same view. */
typedef struct bp_node {
  uint32_t struct_size;
  int32_t since_version; /* opset version of this form of the operator */
  bp_string name;        /* for messages */
  bp_string domain;      /* empty: ai.onnx */
  bp_string op_type;
  bp_array inputs;     /* uint32_t value indices; BP_NONE: omitted optional input */
  bp_array outputs;    /* uint32_t value indices; BP_NONE: omitted optional output */
  bp_array attributes; /* bp_attribute; only those that the node states, see docs/canon for defaults */
} bp_node;

/* Host-side handle of the constants of a graph or partition; used with constants_acquire (host.h). */
typedef struct bp_constants_object* bp_constants;

/* The view itself. */
typedef struct bp_graph {
  uint32_t struct_size;
  uint32_t canonical_level; /* the opset that the canonical form of this view is built on */
  bp_string name;
  bp_array nodes;         /* bp_node, topological order */
  bp_array values;        /* bp_value */
  bp_array inputs;        /* uint32_t value indices, in binding order; constants are not among them */
  bp_array outputs;       /* uint32_t value indices, in binding order; never constants, never inputs */
  bp_constants constants; /* valid for the call; for compile and load until the program is released */
  const void* host_graph; /* opaque; for graph_to_onnx */
} bp_graph;

#endif
