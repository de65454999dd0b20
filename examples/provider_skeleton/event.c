/* event.h: points in a stream. Needed with stream.c. */
#include "skeleton.h"

static void release(bp_event event) { free(event); }
static bp_status wait(bp_event event, int64_t timeout_ns) {
  (void)timeout_ns;
  return unimplemented(host_of(event), "wait");
}
static bp_status poll(bp_event event, uint32_t* state) {
  (void)state;
  return unimplemented(host_of(event), "poll");
}

bp_status on_complete(bp_event event, bp_event_callback callback, void* user);
bp_status on_complete(bp_event event, bp_event_callback callback, void* user) {
  (void)callback, (void)user;
  return unimplemented(host_of(event), "on_complete");
}
bp_status timestamp(bp_event event, uint64_t* device_ns);
bp_status timestamp(bp_event event, uint64_t* device_ns) {
  (void)device_ns;
  return unimplemented(host_of(event), "timestamp");
}
bp_status export_handle(bp_event event, uint32_t handle_type, uint64_t* handle);
bp_status export_handle(bp_event event, uint32_t handle_type, uint64_t* handle) {
  (void)handle_type, (void)handle;
  return unimplemented(host_of(event), "export_handle");
}
bp_status import_handle(bp_device device, uint32_t handle_type, uint64_t handle, bp_event* event);
bp_status import_handle(bp_device device, uint32_t handle_type, uint64_t handle, bp_event* event) {
  (void)handle_type, (void)handle, (void)event;
  return unimplemented(of_device(device)->host, "import_handle");
}

const bp_event_api skeleton_event = {.struct_size = BP_STRUCT_SIZE(bp_event_api, import_handle),
                                     .release = release,
                                     .wait = wait,
                                     .poll = poll,
                                     .on_complete = NOT_YET(on_complete),
                                     .timestamp = NOT_YET(timestamp),
                                     .export_handle = NOT_YET(export_handle),
                                     .import_handle = NOT_YET(import_handle)};
