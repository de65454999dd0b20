/* stream.h: queues of work. Needed once a device is not BP_DEVICE_SYNCHRONOUS. */
#include "skeleton.h"

static bp_status create(bp_device device, bp_stream* stream) {
  (void)stream;
  return unimplemented(of_device(device)->host, "create stream");
}
static void release(bp_stream stream) { free(stream); }
static bp_status record(bp_stream stream, bp_event* event) {
  (void)event;
  return unimplemented(host_of(stream), "record");
}
static bp_status wait_event(bp_stream stream, bp_event event) {
  (void)event;
  return unimplemented(host_of(stream), "wait_event");
}

bp_status import_native(bp_device device, uint32_t native_type, uint64_t handle, bp_stream* stream);
bp_status import_native(bp_device device, uint32_t native_type, uint64_t handle, bp_stream* stream) {
  (void)native_type, (void)handle, (void)stream;
  return unimplemented(of_device(device)->host, "import_native");
}
bp_status export_native(bp_stream stream, uint32_t native_type, uint64_t* handle);
bp_status export_native(bp_stream stream, uint32_t native_type, uint64_t* handle) {
  (void)native_type, (void)handle;
  return unimplemented(host_of(stream), "export_native");
}

const bp_stream_api skeleton_stream = {.struct_size = BP_STRUCT_SIZE(bp_stream_api, export_native),
                                       .create = create,
                                       .release = release,
                                       .record = record,
                                       .wait_event = wait_event,
                                       .import_native = NOT_YET(import_native),
                                       .export_native = NOT_YET(export_native)};
