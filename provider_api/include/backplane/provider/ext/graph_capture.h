/* backplane.graph_capture, revision 1: recording the runs of several contexts on one stream as one replayable
 * unit, so that a whole segment costs one launch. */
#ifndef BACKPLANE_PROVIDER_EXT_GRAPH_CAPTURE_H
#define BACKPLANE_PROVIDER_EXT_GRAPH_CAPTURE_H

#include "../program.h"

#define BP_GRAPH_CAPTURE_REVISION 1u

typedef struct bp_capture_object* bp_capture;

typedef struct bp_graph_capture_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* Starts recording: work enqueued on `stream` from now on is recorded, not run. [serial per stream] */
  bp_status (*begin)(bp_stream stream);
  /* Ends recording. The caller releases the capture; bindings of the recorded contexts stay unchanged while it
   * lives. UNSUPPORTED when something that was enqueued cannot be recorded: nothing ran. [serial per stream] */
  bp_status (*end)(bp_stream stream, bp_capture* capture);
  /* Enqueues the recorded work. [serial per capture, serial per stream] */
  bp_status (*replay)(bp_capture capture, bp_stream stream);
  void (*release)(bp_capture capture); /* [any-thread] */
} bp_graph_capture_api;

#endif
