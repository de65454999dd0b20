/* Basic types of the provider ABI: version, strings, arrays, calling rules.
 *
 * These rules hold in every header of this folder; docs/requirements.md numbers them and tells the consequence
 * of breaking each.
 *
 *  - Types: only fixed-width ones cross: no enum, bool, long, size_t, bit-field or va_list. Text is
 *    UTF-8 with a length. float and double are IEEE 754.
 *  - Growth: `struct_size` is the first field of every struct that may grow: the offset of the end of
 *    the last field that the writer knows (BP_STRUCT_SIZE), not sizeof. A reader looks at a field only
 *    where struct_size covers it (BP_HAS_FIELD). A struct that does not cover the fields of 1.0 gets
 *    INVALID_ARGUMENT; a table of functions covers at least the mandatory ones. Structs grow at the end
 *    only; in a new field zero means what its absence meant. Structs marked "frozen" have no
 *    struct_size and never change.
 *  - Filling: a struct that the callee fills is zeroed by the caller, who sets struct_size to what it
 *    knows; the callee writes no field beyond and leaves struct_size alone. `reserved` fields are
 *    written as 0, not read.
 *  - Arrays: arrays of structs cross as bp_array with the writer's stride; readers step by the stride,
 *    never by sizeof. `data` is aligned for the element type and may be NULL where count is 0.
 *  - Lifetime: what a caller passes is valid until the call returns unless the comment says longer.
 *  - Functions: a NULL optional function means "not implemented" and is never called; a NULL mandatory
 *    one is a refusal at load time. Nothing is thrown, longjmp'd or exited through a call.
 *  - Errors: a function that can fail returns a bp_status (status.h), NULL for success. Any such
 *    function may also answer INVALID_ARGUMENT (the call breaks a rule written here) and INTERNAL (a
 *    bug in the callee); "Status:" in a comment names what else a caller has to expect. On an error
 *    nothing was taken and no result was written, unless the comment says otherwise.
 *  - Threads: [any-thread] may be called at any time from any thread, also at once with itself. [serial
 *    per X]: the caller sees to it that no two such calls on the same X overlap; any thread may make
 *    them. A release function is called when no other call on its object is running.
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

/* struct_size of a struct whose last known field is `last`. Name the last field that your code fills or reads:
 * the value then stays right when newer headers add fields behind it. */
#define BP_STRUCT_SIZE(type, last) ((uint32_t)(offsetof(type, last) + sizeof(((type*)0)->last)))
/* True when the writer of *(pointer) knew `field`. */
#define BP_HAS_FIELD(pointer, type, field) ((pointer)->struct_size >= BP_STRUCT_SIZE(type, field))

/* "No index", "no value", "omitted optional input". */
#define BP_NONE 0xFFFFFFFFu
/* Unknown 64-bit size, time or dimension; no timeout. */
#define BP_UNKNOWN INT64_C(-1)

/* UTF-8 text, not terminated. {NULL, 0} is the empty string. Frozen. */
typedef struct bp_string {
  const char* data;
  uint64_t size; /* bytes */
} bp_string;

/* `count` elements, `stride` bytes apart, the first one at `data`. Frozen. */
typedef struct bp_array {
  const void* data;
  uint64_t count;
  uint64_t stride; /* bytes from one element to the next, as the writer compiled it */
} bp_array;

/* Element `index` of a bp_array as a `const type*`. */
#define BP_AT(type, array, index) \
  ((const type*)(const void*)((const unsigned char*)(array).data + (uint64_t)(index) * (array).stride))

#endif
