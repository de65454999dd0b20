/* Devices: what a provider offers. Listing them does no device work beyond finding them; a device is
 * initialized when it is first used. Devices belong to the provider and live until it is closed. */
#ifndef BACKPLANE_PROVIDER_DEVICE_H
#define BACKPLANE_PROVIDER_DEVICE_H

#include "memory.h"

#define BP_DEVICE_CPU 1u
#define BP_DEVICE_GPU 2u
#define BP_DEVICE_NPU 3u
#define BP_DEVICE_FPGA 4u
#define BP_DEVICE_OTHER 5u

/* bp_device_info::flags */
#define BP_DEVICE_SYNCHRONOUS 1u   /* runs and copies are complete on return; no streams, no events */
#define BP_DEVICE_DETERMINISTIC 2u /* same inputs, same bits, whatever the threads */
#define BP_DEVICE_COMPILE_ONLY 4u  /* absent hardware: compiles and saves, makes no contexts and no buffers */

/* Filled by the provider; pointers stay valid until it is closed. */
typedef struct bp_device_info {
  uint32_t struct_size;
  uint32_t kind; /* BP_DEVICE_CPU ... */
  uint32_t flags;
  uint32_t index; /* position among the provider's devices: "CUDA:1" */
  bp_string name; /* "NVIDIA H200", "AMD EPYC 9555" */
  bp_string vendor;
  bp_string uuid;        /* stable across processes; empty when there is none */
  bp_string driver;      /* driver or runtime version */
  bp_string fingerprint; /* equal only where a saved program of the one runs on the other */
  bp_array memory_kinds; /* bp_memory_kind_info; at least one; the first is where the device wants its data */
  bp_array properties;   /* bp_property: compute units, features; for people */
  uint64_t memory_bytes; /* 0: unknown */
  bp_array event_import_handles; /* uint32_t BP_EVENT_HANDLE_ that import_handle takes; may be empty */
  bp_array event_export_handles; /* uint32_t BP_EVENT_HANDLE_ that export_handle gives; may be empty */
  /* For the partitioner's cost model; 0: unknown. */
  uint64_t copy_bytes_per_second; /* between host memory and the device */
  uint64_t copy_latency_ns;       /* of one small copy, enqueued and complete */
  uint64_t launch_ns;             /* fixed cost of running one partition */
} bp_device_info;

/* Something worth telling about a device. Frozen. */
typedef struct bp_property {
  bp_string name;
  bp_string value;
} bp_property;

typedef struct bp_device_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Two-call pattern: sets *count to the number of devices and fills the first min(capacity, *count) entries of
   * `devices`, which may be NULL with capacity 0. The same devices in the same order until close. Zero devices
   * is success; *no_device_reason (may be NULL; valid until close) then says why. `provider_self` is
   * bp_provider::self. Status: none but the common ones. Mandatory. Since 1.0. [any-thread] */
  bp_status (*list)(void* provider_self, uint32_t capacity, bp_device* devices, uint32_t* count,
                    bp_string* no_device_reason);
  /* Fills *info as far as info->struct_size, which the caller sets, covers it. The same answer until close.
   * Status: DEVICE_LOST. Mandatory. Since 1.0. [any-thread] */
  bp_status (*info)(bp_device device, bp_device_info* info);
  /* Reads the device's clock and the host's monotonic clock (CLOCK_MONOTONIC) at the same moment, as nearly as
   * the device can, in nanoseconds. Spans and event timestamps of the device are on this clock. Status:
   * DEVICE_LOST. Optional: the device reports host times. Since 1.0. [any-thread] */
  bp_status (*sample_clock)(bp_device device, uint64_t* device_ns, uint64_t* host_ns);
} bp_device_api;

#endif
