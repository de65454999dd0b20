/* Saved programs. The host wraps what a provider writes in an envelope (provider id and version, ABI, canonical
 * level, device fingerprint, driver, hash of graph and options, SHA-256 of header and code, a fast hash per
 * weight) and checks it before the provider sees a byte. */
#ifndef BACKPLANE_PROVIDER_ARTIFACT_H
#define BACKPLANE_PROVIDER_ARTIFACT_H

#include "program.h"

/* Takes the parts of one artefact; made by the host, valid for the call. All functions are there. An error is
 * to be returned from `save`. */
typedef struct bp_artifact_writer {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  void* user;        /* to be passed back */
  /* Writes the small header that check_artifact reads alone; exactly once; it may
   * be empty. Status: IO, OUT_OF_HOST_MEMORY. Since 1.0. [serial per writer] */
  bp_status (*write_header)(void* user, const void* data, uint64_t size);
  /* Appends to the code section. Status: IO, OUT_OF_HOST_MEMORY. Since 1.0. [serial per writer] */
  bp_status (*write_code)(void* user, const void* data, uint64_t size);
  /* Adds the weight `weight_id` (the provider's own number, each once), which will be mapped at a multiple of
   * `alignment` bytes (power of two, <= 4096). Status: IO, OUT_OF_HOST_MEMORY. Since 1.0. [serial per writer]
   */
  bp_status (*write_weight)(void* user, uint64_t weight_id, const void* data, uint64_t size,
                            uint64_t alignment);
  /* Adds the weight `weight_id` as a reference to constant `constant_id` of the compiled partition: nothing is
   * copied, and the reader finds it in the model file. Status: IO, UNSUPPORTED (the model is not a file: write
   * the bytes). Since 1.0. [serial per writer] */
  bp_status (*write_weight_reference)(void* user, uint64_t weight_id, uint64_t constant_id);
} bp_artifact_writer;

/* What the envelope says, for check_artifact; valid for the call. */
typedef struct bp_artifact_info {
  uint32_t struct_size;
  uint32_t canonical_level;
  bp_string provider_version;
  bp_string fingerprint; /* of the device that it was compiled for */
  bp_string driver;      /* of that device */
  const void* header;    /* the provider's header, verified; alignment 8 */
  uint64_t header_size;  /* bytes */
} bp_artifact_info;

#define BP_ARTIFACT_OPTIMAL 1u   /* load it */
#define BP_ARTIFACT_USABLE 2u    /* loads and is right; compiling anew may be faster */
#define BP_ARTIFACT_RECOMPILE 3u /* does not fit any more; compile anew */
#define BP_ARTIFACT_REFUSE 4u    /* damaged or of something else: an error */

/* Filled by the provider. */
typedef struct bp_artifact_answer {
  uint32_t struct_size;
  uint32_t kind;  /* BP_ARTIFACT_ */
  bp_string text; /* why; valid until the next call on the device from this thread */
} bp_artifact_answer;

/* Reads an artefact; made by the host, valid with all that it shows until the program is released. */
typedef struct bp_artifact_reader {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  void* user;        /* to be passed back */
  const void* header;
  uint64_t header_size; /* bytes */
  const void* code;     /* verified; alignment 8 */
  uint64_t code_size;   /* bytes */
  /* Gives a weight's bytes, mapped, verified at first touch; valid until the program is released. A reference
   * gives the constant's bytes, alignment 1. Status: NOT_FOUND, IO (damaged or gone). Since 1.0. [any-thread]
   */
  bp_status (*weight)(void* user, uint64_t weight_id, const void** data, uint64_t* size);
} bp_artifact_reader;

/* Optional as a whole: programs cannot be saved. */
typedef struct bp_artifact_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Writes a program, and whatever it has learned by specializing, to `writer`. The program goes on as before.
   * Status: UNSUPPORTED (this program cannot be saved), IO, OUT_OF_HOST_MEMORY, DEVICE_LOST. Mandatory in this
   * table. Since 1.0. [any-thread] */
  bp_status (*save)(bp_program program, const bp_artifact_writer* writer);
  /* Judges an artefact before its payload is loaded: BP_ARTIFACT_ and why. The caller sets answer->struct_size.
   * No device work. Status: none but the common ones; what does not fit is an answer. Mandatory in this table.
   * Since 1.0. [any-thread] */
  bp_status (*check_artifact)(bp_device device, const bp_artifact_info* info, bp_artifact_answer* answer);
  /* Makes a program from an artefact, equal to the one that was saved. `args` as in compile: the partition is
   * the same graph, its constants may be shared. Bytes that do not make sense give an error, never a crash.
   * Owner: the caller, until release_program. Status: INCOMPATIBLE, IO, OUT_OF_HOST_MEMORY,
   * OUT_OF_DEVICE_MEMORY, CANCELLED, DEVICE_LOST. Mandatory in this table. Since 1.0. [any-thread] */
  bp_status (*load)(bp_device device, const bp_compile_args* args, const bp_artifact_reader* reader,
                    bp_program* program);
} bp_artifact_api;

#endif
