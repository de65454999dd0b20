/* device.h: what there is to run on. */
#include "skeleton.h"

/* Finds devices; zero is success, with a reason in *no_device_reason. */
static bp_status list(void* self, uint32_t capacity, bp_device* devices, uint32_t* count,
                      bp_string* no_device_reason) {
  (void)no_device_reason;
  if (capacity > 0) devices[0] = (bp_device)self;
  *count = 1;
  return NULL;
}

/* Describes a device: one that computes in the host's memory and is done when a call returns. */
static bp_status info(bp_device device, bp_device_info* out) {
  static const bp_memory_kind_info kinds[] = {
      {.struct_size = BP_STRUCT_SIZE(bp_memory_kind_info, export_handles),
       .kind = BP_MEMORY_HOST,
       .name = TEXT_INIT("host"),
       .flags = BP_MEMORY_HOST_VISIBLE | BP_MEMORY_HAS_ADDRESS | BP_MEMORY_SHARED,
       .alignment = 64,
       .granularity = 1}};
  if (!BP_HAS_FIELD(out, bp_device_info, launch_ns)) {
    return fail(of_device(device)->host, BP_STATUS_INVALID_ARGUMENT,
                "info: bp_device_info lacks fields of minor 0");
  }
  out->kind = BP_DEVICE_OTHER;
  out->flags = BP_DEVICE_SYNCHRONOUS;
  out->name = TEXT("my device");
  out->vendor = TEXT("Example");
  out->fingerprint = TEXT("my-device-1");
  out->memory_kinds = (bp_array){kinds, 1, sizeof kinds[0]};
  return NULL; /* the host zeroed the rest */
}

bp_status sample_clock(bp_device device, uint64_t* device_ns, uint64_t* host_ns);
bp_status sample_clock(bp_device device, uint64_t* device_ns, uint64_t* host_ns) {
  (void)device_ns, (void)host_ns;
  return unimplemented(of_device(device)->host, "sample_clock");
}

const bp_device_api skeleton_device = {.struct_size = BP_STRUCT_SIZE(bp_device_api, sample_clock),
                                       .list = list,
                                       .info = info,
                                       .sample_clock = NOT_YET(sample_clock)};
