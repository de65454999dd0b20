/* Events: points in a stream that complete once, with success or with an error. */
#ifndef BACKPLANE_PROVIDER_EVENT_H
#define BACKPLANE_PROVIDER_EVENT_H

#include "memory.h"

#define BP_EVENT_PENDING 0u
#define BP_EVENT_COMPLETE 1u

/* Handle types by which an event is handed to another provider. An unknown type means that the host waits. */
#define BP_EVENT_HANDLE_CUDA_EVENT 1u
#define BP_EVENT_HANDLE_CL_EVENT 2u
#define BP_EVENT_HANDLE_SYNC_FD 3u

/* Called once when an event completes; never on the stack of the call that registered it. `error` is NULL or
 * owned by the receiver. It may not call back into the device; it hands over to another thread. */
typedef void (*bp_event_callback)(void* user, bp_status error);

typedef struct bp_event_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Frees an event, complete or not. NULL is ignored. Mandatory. Since 1.0. [any-thread] */
  void (*release)(bp_event event);
  /* Waits until the event is complete or `timeout_ns` (BP_UNKNOWN: for ever) is over: TIMEOUT. Returns the
   * error that the event carries, a new status object for each call. Mandatory. Since 1.0. [any-thread] */
  bp_status (*wait)(bp_event event, int64_t timeout_ns);
  /* *state = BP_EVENT_PENDING or _COMPLETE, without waiting. The event's error as in `wait`. Mandatory.
   * Since 1.0. [any-thread] */
  bp_status (*poll)(bp_event event, uint32_t* state);
  /* Calls `callback` once the event is complete. Optional: the host waits on a thread of its own. Since 1.0.
   * [any-thread] */
  bp_status (*on_complete)(bp_event event, bp_event_callback callback, void* user);
  /* Device time at which the event completed, nanoseconds on the clock of sample_clock (device.h). Optional.
   * Since 1.0. [any-thread] */
  bp_status (*timestamp)(bp_event event, uint64_t* device_ns);
  /* Hands the event over as BP_EVENT_HANDLE_*; UNSUPPORTED for other types. Handles live as long as the event;
   * a file descriptor is the receiver's to close. Optional. Since 1.0. [any-thread] */
  bp_status (*export_handle)(bp_event event, uint32_t handle_type, uint64_t* handle);
  /* An event of `device` that completes with the foreign one; a descriptor is duplicated. Optional. Since 1.0.
   * [any-thread] */
  bp_status (*import_handle)(bp_device device, uint32_t handle_type, uint64_t handle, bp_event* event);
} bp_event_api;

#endif
