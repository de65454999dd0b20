/* memory.h: memory that is not the host's own. Needed once info lists a kind beside BP_MEMORY_HOST. */
#include "skeleton.h"

static bp_status allocate(bp_device device, uint32_t kind, uint64_t size, bp_stream stream, bp_buffer* buffer,
                          uint64_t* address) {
  (void)kind, (void)size, (void)stream, (void)buffer, (void)address;
  return unimplemented(of_device(device)->host, "allocate");
}
static void release(bp_device device, bp_buffer buffer) {
  (void)device;
  free(buffer);
}
static bp_status copy(bp_device device, bp_stream stream, const bp_slice* src, const bp_slice* dst,
                      uint64_t size, uint32_t host_data) {
  (void)stream, (void)src, (void)dst, (void)size, (void)host_data;
  return unimplemented(of_device(device)->host, "copy");
}

bp_status fill(bp_device device, bp_stream stream, const bp_slice* dst, uint64_t size, uint32_t byte);
bp_status fill(bp_device device, bp_stream stream, const bp_slice* dst, uint64_t size, uint32_t byte) {
  (void)stream, (void)dst, (void)size, (void)byte;
  return unimplemented(of_device(device)->host, "fill");
}
bp_status map(bp_device device, const bp_slice* slice, uint32_t access, void** pointer);
bp_status map(bp_device device, const bp_slice* slice, uint32_t access, void** pointer) {
  (void)slice, (void)access, (void)pointer;
  return unimplemented(of_device(device)->host, "map");
}
bp_status unmap(bp_device device, const bp_slice* slice, void* pointer);
bp_status unmap(bp_device device, const bp_slice* slice, void* pointer) {
  (void)slice, (void)pointer;
  return unimplemented(of_device(device)->host, "unmap");
}
bp_status import_memory(bp_device device, uint32_t kind, const bp_external_memory* external, bp_buffer* buffer,
                        uint64_t* address);
bp_status import_memory(bp_device device, uint32_t kind, const bp_external_memory* external, bp_buffer* buffer,
                        uint64_t* address) {
  (void)kind, (void)external, (void)buffer, (void)address;
  return unimplemented(of_device(device)->host, "import_memory");
}
bp_status export_memory(bp_device device, bp_buffer buffer, uint32_t handle_type, bp_external_memory* external);
bp_status export_memory(bp_device device, bp_buffer buffer, uint32_t handle_type,
                        bp_external_memory* external) {
  (void)buffer, (void)handle_type, (void)external;
  return unimplemented(of_device(device)->host, "export_memory");
}
bp_status usage(bp_device device, uint32_t kind, uint64_t* used, uint64_t* available);
bp_status usage(bp_device device, uint32_t kind, uint64_t* used, uint64_t* available) {
  (void)kind, (void)used, (void)available;
  return unimplemented(of_device(device)->host, "usage");
}

const bp_memory_api skeleton_memory = {.struct_size = BP_STRUCT_SIZE(bp_memory_api, usage),
                                       .allocate = allocate,
                                       .release = release,
                                       .copy = copy,
                                       .fill = NOT_YET(fill),
                                       .map = NOT_YET(map),
                                       .unmap = NOT_YET(unmap),
                                       .import_memory = NOT_YET(import_memory),
                                       .export_memory = NOT_YET(export_memory),
                                       .usage = NOT_YET(usage)};
