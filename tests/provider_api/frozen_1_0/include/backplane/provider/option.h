/* Typed options: a provider lists what it knows, the host checks names, types, ranges and choices before it
 * passes values. An unknown name is an error of the host that names the nearest one; a provider sees only its
 * own. An option that is not passed has its default. */
#ifndef BACKPLANE_PROVIDER_OPTION_H
#define BACKPLANE_PROVIDER_OPTION_H

#include "base.h"

#define BP_OPTION_BOOL 1u   /* int_value 0 or 1 */
#define BP_OPTION_INT 2u    /* int_value, int_min <= it <= int_max */
#define BP_OPTION_DOUBLE 3u /* double_value, double_min <= it <= double_max */
#define BP_OPTION_STRING 4u /* string_value */
#define BP_OPTION_CHOICE 5u /* string_value, one of the choices */

/* Names with a meaning for all: the host sets them from the session where the provider lists them. */
#define BP_OPTION_NAME_DETERMINISTIC "deterministic" /* BOOL: same inputs, same bits, at any cost */

/* What an option is; listed by a provider (bp_provider::options), valid until the provider is closed. Only the
 * fields of its kind are read. */
typedef struct bp_option_info {
  uint32_t struct_size;
  uint32_t kind;  /* BP_OPTION_ */
  bp_string name; /* lower_snake_case, unique in the provider */
  bp_string text; /* one sentence for people */
  int64_t int_default;
  int64_t int_min;
  int64_t int_max;
  double double_default;
  double double_min;
  double double_max;
  bp_string string_default;
  bp_array choices; /* bp_string */
} bp_option_info;

/* An option's value; made by the host, valid for the call. */
typedef struct bp_option {
  uint32_t struct_size;
  uint32_t kind; /* as in bp_option_info */
  bp_string name;
  int64_t int_value;
  double double_value;
  bp_string string_value;
} bp_option;

#endif
