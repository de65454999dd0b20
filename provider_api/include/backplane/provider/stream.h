/* Streams: ordered queues of work on a device. Work on one stream runs in the order of enqueueing;
 * different streams are ordered only by events.
 *
 * A device whose runs are synchronous (BP_DEVICE_SYNCHRONOUS) has no streams: every stream argument is NULL and
 * all work is complete when a call returns; its provider needs neither this table nor event.h's.
 *
 * If a run fails after it enqueued something, the stream is poisoned: its later events carry the error, the
 * provider writes nothing after the stream's last event, and the host waits for that event, then releases the
 * stream. */
#ifndef BACKPLANE_PROVIDER_STREAM_H
#define BACKPLANE_PROVIDER_STREAM_H

#include "memory.h"

#define BP_NATIVE_CUDA_STREAM 1u      /* cudaStream_t */
#define BP_NATIVE_CL_COMMAND_QUEUE 2u /* cl_command_queue */

typedef struct bp_stream_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Makes a stream; the caller frees it with `release`. Mandatory. Since 1.0. [any-thread] */
  bp_status (*create)(bp_device device, bp_stream* stream);
  /* Frees a stream whose work is complete. NULL is ignored. Mandatory. Since 1.0. [any-thread] */
  void (*release)(bp_stream stream);
  /* Makes an event that is complete once all work enqueued so far is; the caller frees it (event.h). The work
   * is submitted to the device: nothing more is needed for the event to complete. Mandatory. Since 1.0. [serial
   * per stream] */
  bp_status (*record)(bp_stream stream, bp_event* event);
  /* Later work on `stream` starts after `event`, an event of any device of this provider. If the event carries
   * an error, the stream is poisoned with it. Mandatory. Since 1.0. [serial per stream] */
  bp_status (*wait_event)(bp_stream stream, bp_event event);
  /* Wraps a queue that somebody else owns (BP_NATIVE_) and keeps alive until `release`. Optional. Since 1.0.
   * [any-thread] */
  bp_status (*import_native)(bp_device device, uint32_t native_type, uint64_t handle, bp_stream* stream);
  /* The device's own queue behind a stream, valid while the stream lives. Optional. Since 1.0. [any-thread] */
  bp_status (*export_native)(bp_stream stream, uint32_t native_type, uint64_t* handle);
} bp_stream_api;

#endif
