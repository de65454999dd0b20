/* backplane.state, revision 1 (draft): tensors that grow in place from run to run, such as key-value caches: a
 * buffer with capacity greater than size, a donated input that is also the output, append in place. Given by a
 * provider's get_extension. A draft may change without notice. */
#ifndef BACKPLANE_PROVIDER_EXT_DRAFT_STATE_H
#define BACKPLANE_PROVIDER_EXT_DRAFT_STATE_H

#include "../../program.h"

#define BP_STATE_REVISION 1u

/* An input and an output of a partition that are one growing tensor. */
typedef struct bp_state_pair {
  uint32_t struct_size;
  uint32_t input;  /* index among the partition's inputs */
  uint32_t output; /* index among its outputs: input's data followed by what the run appends */
  uint32_t axis;   /* axis along which it grows */
} bp_state_pair;

typedef struct bp_state_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Lists the pairs that the program can append in place; two-call pattern as bp_device_api::list, the caller
   * sets each struct_size and the entries lie sizeof(bp_state_pair) apart. Status: none but the common ones.
   * Mandatory. Since revision 1. [any-thread] */
  bp_status (*pairs)(bp_program program, uint32_t capacity, bp_state_pair* pairs, uint32_t* count);
  /* Binds pair `pair` after `bind`: one slice with room for `capacity_elems` along the axis, of which
   * `used_elems` are filled. It replaces the bindings of the pair's input and output until the next bind.
   * Status: UNSUPPORTED. Mandatory. Since revision 1. [serial per context] */
  bp_status (*bind_state)(bp_context context, uint32_t pair, const bp_slice* slice, int64_t capacity_elems,
                          int64_t used_elems);
} bp_state_api;

#endif
