/* backplane.graph_capture, revision 1: recording the runs of several contexts on one stream as one replayable
 * unit, so that a whole segment costs one launch. Given by a provider's get_extension. A provider that captures
 * the runs of one context for itself needs no extension. */
#ifndef BACKPLANE_PROVIDER_EXT_GRAPH_CAPTURE_H
#define BACKPLANE_PROVIDER_EXT_GRAPH_CAPTURE_H

#include "../program.h"

#define BP_GRAPH_CAPTURE_REVISION 1u

typedef struct bp_capture_object* bp_capture;

typedef struct bp_graph_capture_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Starts recording: runs and copies enqueued on `stream` from now on are recorded, not run. Until `end` the
   * host records no event and waits for none on the stream. Status: UNSUPPORTED, DEVICE_LOST. Mandatory. Since
   * revision 1. [serial per stream] */
  bp_status (*begin)(bp_stream stream);
  /* Ends recording. The recorded contexts stay leased and their bindings unchanged while the capture lives.
   * Owner: the caller, until `release`. Status: UNSUPPORTED (something that was enqueued cannot be recorded:
   * nothing ran), OUT_OF_DEVICE_MEMORY, DEVICE_LOST. Mandatory. Since revision 1. [serial per stream] */
  bp_status (*end)(bp_stream stream, bp_capture* capture);
  /* Enqueues the recorded work on `stream`; the replay before is complete. Status: DEVICE_LOST. Mandatory.
   * Since revision 1. [serial per capture] [serial per stream] */
  bp_status (*replay)(bp_capture capture, bp_stream stream);
  /* Frees a capture whose last replay is complete. NULL is ignored. Mandatory. Since revision 1. [any-thread]
   */
  void (*release)(bp_capture capture);
} bp_graph_capture_api;

#endif
