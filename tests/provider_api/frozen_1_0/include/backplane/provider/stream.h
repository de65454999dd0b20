/* Streams: ordered queues of work on a device. Work on one stream runs in the order of enqueueing; different
 * streams are ordered only by events.
 *
 * A device whose runs are synchronous (BP_DEVICE_SYNCHRONOUS) has no streams: every stream argument is NULL and
 * all work is complete when a call returns; its provider needs neither this table nor event.h's.
 *
 * If a run or a copy fails after it enqueued something, the stream is poisoned: outputs are undefined, `record`
 * still succeeds and its events carry the error, the provider writes nothing after the stream's last event, and
 * the host waits for that event before any buffer is used again, then releases the stream. */
#ifndef BACKPLANE_PROVIDER_STREAM_H
#define BACKPLANE_PROVIDER_STREAM_H

#include "memory.h"

#define BP_NATIVE_CUDA_STREAM 1u      /* cudaStream_t */
#define BP_NATIVE_CL_COMMAND_QUEUE 2u /* cl_command_queue */

/* Mandatory unless all devices of the provider are BP_DEVICE_SYNCHRONOUS. */
typedef struct bp_stream_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Makes a stream. Owner: the caller, until `release`. Status: OUT_OF_DEVICE_MEMORY, OUT_OF_HOST_MEMORY,
   * DEVICE_LOST. Mandatory. Since 1.0. [any-thread] */
  bp_status (*create)(bp_device device, bp_stream* stream);
  /* Frees a stream whose work is complete, poisoned or not. NULL is ignored. Mandatory. Since 1.0. [any-thread]
   */
  void (*release)(bp_stream stream);
  /* Makes an event that is complete once all work enqueued so far is. That work is submitted to the device:
   * nothing more is needed for the event to complete. Owner of the event: the caller (event.h: release).
   * Status: OUT_OF_HOST_MEMORY, OUT_OF_DEVICE_MEMORY. Mandatory. Since 1.0. [serial per stream] */
  bp_status (*record)(bp_stream stream, bp_event* event);
  /* Later work on `stream` starts after `event`, an event of any device of this provider, made or imported; the
   * host may release the event as soon as this returns. An event that carries an error poisons the stream with
   * it. Status: DEVICE_LOST. Mandatory. Since 1.0. [serial per stream] */
  bp_status (*wait_event)(bp_stream stream, bp_event event);
  /* Wraps a queue that somebody else owns (`native_type`: BP_NATIVE_) and keeps alive until `release`.
   * Status: UNSUPPORTED (type, another context). Optional. Since 1.0. [any-thread] */
  bp_status (*import_native)(bp_device device, uint32_t native_type, uint64_t handle, bp_stream* stream);
  /* The device's own queue behind a stream (BP_NATIVE_), valid while the stream lives; it stays the provider's.
   * Status: UNSUPPORTED (type). Optional. Since 1.0. [any-thread] */
  bp_status (*export_native)(bp_stream stream, uint32_t native_type, uint64_t* handle);
} bp_stream_api;

#endif
