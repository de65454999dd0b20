/* Events: points in a stream that complete once, with success or with an error. What had been enqueued before
 * is then done, and its writes are seen by whoever waited. */
#ifndef BACKPLANE_PROVIDER_EVENT_H
#define BACKPLANE_PROVIDER_EVENT_H

#include "memory.h"

#define BP_EVENT_PENDING 0u
#define BP_EVENT_COMPLETE 1u

/* Handle types by which an event is handed to another provider; bp_device_info lists those that a device takes
 * and gives. Where two devices share none, the host waits, and the wait is a step of the plan. */
#define BP_EVENT_HANDLE_CUDA_EVENT 1u /* cudaEvent_t */
#define BP_EVENT_HANDLE_CL_EVENT 2u   /* cl_event */
#define BP_EVENT_HANDLE_SYNC_FD 3u    /* sync file descriptor of Linux */

/* Called once when an event completes, on a thread of the provider or its driver; never on the stack of the
 * call that registered it. `error` is NULL or the receiver's. The callback makes no call on the device and
 * blocks for nothing: it hands over to another thread. */
typedef void (*bp_event_callback)(void* user, bp_status error);

/* Mandatory unless all devices of the provider are BP_DEVICE_SYNCHRONOUS. */
typedef struct bp_event_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Frees an event, complete or not; work and waits that refer to it go on. NULL is ignored. Mandatory.
   * Since 1.0. [any-thread] */
  void (*release)(bp_event event);
  /* Waits until the event is complete, at most `timeout_ns` nanoseconds (BP_UNKNOWN: for ever). Returns the
   * error that the event carries, a new status object for each call. Status: TIMEOUT (still pending), whatever
   * the event carries. Mandatory. Since 1.0. [any-thread] */
  bp_status (*wait)(bp_event event, int64_t timeout_ns);
  /* Sets *state to BP_EVENT_PENDING or _COMPLETE without waiting; returns the error that a complete event
   * carries, *state being set all the same. Status: whatever the event carries. Mandatory. Since 1.0.
   * [any-thread] */
  bp_status (*poll)(bp_event event, uint32_t* state);
  /* Calls `callback` with `user` once the event is complete, also when it already is; `user` is kept until
   * then, the event may be released earlier. Status: OUT_OF_HOST_MEMORY. Optional: the host waits on a thread
   * of its own. Since 1.0. [any-thread] */
  bp_status (*on_complete)(bp_event event, bp_event_callback callback, void* user);
  /* Time at which a complete event completed, nanoseconds on the clock of sample_clock (device.h).
   * Status: UNSUPPORTED (imported events). Optional. Since 1.0. [any-thread] */
  bp_status (*timestamp)(bp_event event, uint64_t* device_ns);
  /* Hands the event over as a BP_EVENT_HANDLE_. The handle lives as long as the event; a file descriptor is the
   * receiver's to close. An error that the event carries does not travel with the handle: the host carries it.
   * Status: UNSUPPORTED (handle type). Optional. Since 1.0. [any-thread] */
  bp_status (*export_handle)(bp_event event, uint32_t handle_type, uint64_t* handle);
  /* Makes an event of `device` that completes with the foreign one; a descriptor is duplicated, any other
   * handle stays valid until the new event is released. Owner: the caller, until `release`. Status: UNSUPPORTED
   * (handle type, another context): the host waits instead. Optional. Since 1.0. [any-thread] */
  bp_status (*import_handle)(bp_device device, uint32_t handle_type, uint64_t handle, bp_event* event);
} bp_event_api;

#endif
