/* Saved programs. The host wraps what a provider writes in an envelope (provider id and version, ABI, canonical
 * level, device fingerprint, driver, hash of graph and options, SHA-256 of header and code, a fast hash per
 * weight). */
#ifndef BACKPLANE_PROVIDER_ARTIFACT_H
#define BACKPLANE_PROVIDER_ARTIFACT_H

#include "program.h"

/* Takes the parts of one artefact; made by the host. */
typedef struct bp_artifact_writer {
  uint32_t struct_size;
  uint32_t reserved;
  void* user;
  /* A small header that check_artifact reads alone. Once. */
  bp_status (*write_header)(void* user, const void* data, uint64_t size);
  /* Appends to the code section. */
  bp_status (*write_code)(void* user, const void* data, uint64_t size);
  /* Adds a weight section entry under `weight_id`, aligned to `alignment` in the file (power of two, <= 4096).
   */
  bp_status (*write_weight)(void* user, uint64_t weight_id, const void* data, uint64_t size,
                            uint64_t alignment);
  /* Refers to a constant of the model file instead of copying it. */
  bp_status (*write_weight_reference)(void* user, uint64_t weight_id, uint64_t constant_id);
} bp_artifact_writer;

/* What the envelope says, for check_artifact. */
typedef struct bp_artifact_info {
  uint32_t struct_size;
  uint32_t canonical_level;
  bp_string provider_version;
  bp_string fingerprint; /* of the device that it was compiled for */
  bp_string driver;
  const void* header; /* the provider's header, verified */
  uint64_t header_size;
} bp_artifact_info;

#define BP_ARTIFACT_OPTIMAL 1u   /* load it */
#define BP_ARTIFACT_USABLE 2u    /* loads and is right; compiling anew may be faster */
#define BP_ARTIFACT_RECOMPILE 3u /* does not fit any more; compile anew */
#define BP_ARTIFACT_REFUSE 4u    /* damaged or of something else: an error */

typedef struct bp_artifact_answer {
  uint32_t struct_size;
  uint32_t kind;  /* BP_ARTIFACT_ */
  bp_string text; /* why; valid until the next call from this thread */
} bp_artifact_answer;

/* Reads an artefact; made by the host, valid until the program is released. */
typedef struct bp_artifact_reader {
  uint32_t struct_size;
  uint32_t reserved;
  void* user;
  const void* header;
  uint64_t header_size;
  const void* code; /* verified */
  uint64_t code_size;
  /* A weight's bytes, mapped; verified at first touch. NOT_FOUND, IO (damaged). [any-thread] */
  bp_status (*weight)(void* user, uint64_t weight_id, const void** data, uint64_t* size);
} bp_artifact_reader;

typedef struct bp_artifact_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Writes a program. Mandatory in this table. Since 1.0. [any-thread] */
  bp_status (*save)(bp_program program, const bp_artifact_writer* writer);
  /* Judges an artefact before its payload is loaded. Mandatory in this table. Since 1.0. [any-thread] */
  bp_status (*check_artifact)(bp_device device, const bp_artifact_info* info, bp_artifact_answer* answer);
  /* Loads a program; equal to the one that was saved. `args` as in compile (the partition is the same graph).
   * Bytes that do not make sense give an error, never a crash. Mandatory in this table. Since 1.0. [any-thread]
   */
  bp_status (*load)(bp_device device, const bp_compile_args* args, const bp_artifact_reader* reader,
                    bp_program* program);
} bp_artifact_api;

#endif
