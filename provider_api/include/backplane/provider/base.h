/* Basic types of the provider ABI: version, strings, arrays, calling rules.
 *
 * Conventions that hold in every header of this folder:
 *  - Only fixed-width types cross. No enum, bool, long, size_t, bit-field or va_list.
 *  - `struct_size` is the first field of every growing struct: the offset of the end of the last
 *    field that the writer knows (BP_STRUCT_SIZE), not sizeof. A reader looks at a field only when
 *    struct_size covers it (BP_HAS_FIELD). Structs marked "frozen" have none and never change.
 *  - Arrays of structs cross as bp_array with the writer's stride; readers step by the stride.
 *  - Pointers that a caller passes are valid until the call returns unless the comment says longer.
 *  - Thread tags: [any-thread] may be called at any time from any thread; [serial per X] not
 *    concurrently on the same X.
 *  - Functions return bp_status (status.h): NULL is success, and the receiver owns what is not NULL.
 *  - A NULL optional function means "not implemented" and is never called.
 */
#ifndef BACKPLANE_PROVIDER_BASE_H
#define BACKPLANE_PROVIDER_BASE_H

#include <stddef.h>
#include <stdint.h>

#define BP_ABI_MAJOR 1u
/* The newest minor that these headers describe. */
#define BP_ABI_MINOR 0u

#if defined(__cplusplus)
#define BP_EXTERN_C extern "C"
#define BP_EXTERN_C_BEGIN extern "C" {
#define BP_EXTERN_C_END }
#else
#define BP_EXTERN_C extern
#define BP_EXTERN_C_BEGIN
#define BP_EXTERN_C_END
#endif

#if defined(__GNUC__)
#define BP_EXPORT __attribute__((visibility("default")))
#elif defined(_WIN32)
#define BP_EXPORT __declspec(dllexport)
#else
#define BP_EXPORT
#endif

/* struct_size of a struct whose last known field is `last`. */
#define BP_STRUCT_SIZE(type, last) ((uint32_t)(offsetof(type, last) + sizeof(((type*)0)->last)))
/* True when the writer of *(pointer) knew `field`. */
#define BP_HAS_FIELD(pointer, type, field) ((pointer)->struct_size >= BP_STRUCT_SIZE(type, field))

/* "No index", "no value", "omitted optional input". */
#define BP_NONE 0xFFFFFFFFu
/* Unknown 64-bit size, time or dimension. */
#define BP_UNKNOWN INT64_C(-1)

/* UTF-8 text, not terminated. Frozen. {NULL, 0} is the empty string. */
typedef struct bp_string {
  const char* data;
  uint64_t size; /* bytes */
} bp_string;

/* `count` elements, `stride` bytes apart, first one at `data`. Frozen. */
typedef struct bp_array {
  const void* data;
  uint64_t count;
  uint64_t stride; /* bytes from one element to the next, as the writer compiled it */
} bp_array;

/* Element `index` of a bp_array as `type`. */
#define BP_AT(type, array, index) \
  ((const type*)(const void*)((const unsigned char*)(array).data + (uint64_t)(index) * (array).stride))

#endif
