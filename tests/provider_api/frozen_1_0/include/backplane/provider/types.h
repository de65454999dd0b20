/* Element types and dimensions.
 *
 * Tensors that cross are contiguous, row-major, little endian. Sub-byte types are packed low bits first:
 * element 2k of a 4-bit type is the low half of byte k; n elements take ceil(n * bits / 8) bytes and a slice
 * starts on a whole byte. Bool is one byte, 0 or 1. Complex types are (real, imaginary). A string tensor of n
 * elements is two slices in host memory: uint64 offsets[n + 1], aligned to 8, the first one 0; and UTF-8 bytes,
 * of which element i has [offsets[i], offsets[i + 1]). Sequences, optionals and maps never cross. */
#ifndef BACKPLANE_PROVIDER_TYPES_H
#define BACKPLANE_PROVIDER_TYPES_H

#include "base.h"

/* ONNX's numbers (onnx.proto, TensorProto.DataType). A later minor may add numbers: reject unknown ones with
 * BP_REASON_TYPE. */
#define BP_TYPE_UNDEFINED 0u
#define BP_TYPE_FLOAT32 1u
#define BP_TYPE_UINT8 2u
#define BP_TYPE_INT8 3u
#define BP_TYPE_UINT16 4u
#define BP_TYPE_INT16 5u
#define BP_TYPE_INT32 6u
#define BP_TYPE_INT64 7u
#define BP_TYPE_STRING 8u
#define BP_TYPE_BOOL 9u
#define BP_TYPE_FLOAT16 10u
#define BP_TYPE_FLOAT64 11u
#define BP_TYPE_UINT32 12u
#define BP_TYPE_UINT64 13u
#define BP_TYPE_COMPLEX64 14u
#define BP_TYPE_COMPLEX128 15u
#define BP_TYPE_BFLOAT16 16u
#define BP_TYPE_FLOAT8_E4M3FN 17u
#define BP_TYPE_FLOAT8_E4M3FNUZ 18u
#define BP_TYPE_FLOAT8_E5M2 19u
#define BP_TYPE_FLOAT8_E5M2FNUZ 20u
#define BP_TYPE_UINT4 21u
#define BP_TYPE_INT4 22u
#define BP_TYPE_FLOAT4_E2M1 23u
#define BP_TYPE_FLOAT8_E8M0 24u
#define BP_TYPE_UINT2 25u
#define BP_TYPE_INT2 26u

/* One dimension of a value in a graph view, in elements. Frozen. */
typedef struct bp_dim {
  int64_t size;      /* >= 0, or BP_UNKNOWN */
  int64_t min_size;  /* smallest size that will be asked for (shape ranges); equals size when known */
  int64_t max_size;  /* largest, BP_UNKNOWN when unbounded; equals size when known */
  uint32_t symbol;   /* 0: none. Equal symbols in one view mean equal sizes at every run */
  uint32_t reserved; /* 0 */
  int64_t opt_size;  /* size to tune for (shape ranges' "opt"), min_size <= it <= max_size; 0: none stated */
} bp_dim;

#endif
