/* What the files of the provider share. One file per header of the ABI; every function of the ABI is there, and
 * answers UNIMPLEMENTED where nothing has been written yet. */
#ifndef SKELETON_H
#define SKELETON_H

#include <backplane/provider/provider.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PROVIDER_ID "com.example.mine" /* as in manifest.json */
#define PROVIDER_VERSION "1.0.0"
#define CANONICAL_LEVEL 22 /* the newest level in docs/canon that you have read */

/* The provider object; the host's bp_provider* points to its first member. It is also its only device. */
typedef struct provider_object {
  bp_provider table;
  const bp_host* host;
} provider_object;

static inline provider_object* of_device(bp_device device) { return (provider_object*)(void*)device; }

/* A literal as a bp_string; TEXT_INIT in initializers. */
#define TEXT_INIT(literal) \
  { literal, sizeof(literal) - 1 }
#define TEXT(literal) ((bp_string)TEXT_INIT(literal))

/* A status with a text: what was expected, what was found, where. */
static inline bp_status fail(const bp_host* host, uint32_t code, const char* text) {
  return host->status_create(host, code, (bp_string){text, strlen(text)}, 0);
}

/* Every object that you hand out begins with the host's table: there is no other way to a status. */
static inline const bp_host* host_of(const void* object) { return *(const bp_host* const*)object; }

/* For entries that are still empty. */
static inline bp_status unimplemented(const bp_host* host, const char* entry) {
  return fail(host, BP_STATUS_UNIMPLEMENTED, entry);
}

/* An optional function that is still empty is NULL in its table, so that the host does not plan with it. Write
 * the function, then replace NOT_YET(f) by f. */
#define NOT_YET(function) (sizeof(&(function)) ? 0 : 0)

/* device.c */
extern const bp_device_api skeleton_device;
/* capability.c */
extern const bp_capability_api skeleton_capability;
/* program.c */
extern const bp_program_api skeleton_program;
/* memory.c, stream.c, event.c, artifact.c: in use once provider.c names them */
extern const bp_memory_api skeleton_memory;
extern const bp_stream_api skeleton_stream;
extern const bp_event_api skeleton_event;
extern const bp_artifact_api skeleton_artifact;

/* operators.c: one verdict. Fills `reasons` (room for MAX_REASONS) and returns how many apply; 0: supported.
 * Texts have to live until the host has copied the verdict: `text` has room for TEXT_SIZE bytes. */
#define MAX_REASONS 8
#define TEXT_SIZE 256
uint64_t judge_node(const bp_graph* graph, const bp_node* node, bp_reason* reasons, char* text);

#endif
