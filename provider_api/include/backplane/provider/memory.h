/* Memory kinds, buffers and slices.
 *
 * Kind 0 (BP_MEMORY_HOST) is ordinary host memory and belongs to the host: it is allocated by the
 * host, its slices have buffer NULL and an address. A device that lists kind 0 among its kinds takes
 * such slices directly; a provider whose devices use kind 0 only needs no memory table. Every other
 * kind is the device's own: its buffers are opaque handles made by this table.
 */
#ifndef BACKPLANE_PROVIDER_MEMORY_H
#define BACKPLANE_PROVIDER_MEMORY_H

#include "base.h"
#include "status.h"

typedef struct bp_device_object* bp_device;
typedef struct bp_buffer_object* bp_buffer;
typedef struct bp_stream_object* bp_stream;
typedef struct bp_event_object* bp_event;

#define BP_MEMORY_HOST 0u

/* bp_memory_kind_info::flags */
#define BP_MEMORY_HOST_VISIBLE 1u /* the host may read and write through the address, or after map */
#define BP_MEMORY_HAS_ADDRESS 2u  /* slices carry an address that kernels and offsets arithmetic use */
#define BP_MEMORY_PINNED 4u       /* host memory from which asynchronous copies run at full speed */
#define BP_MEMORY_SHARED 8u       /* host and device see one copy; no transfer is needed */
#define BP_MEMORY_MAP_ONLY 16u    /* the address, if any, is the device's: the host needs map and unmap */

typedef struct bp_memory_kind_info {
  uint32_t struct_size;
  uint32_t kind;           /* BP_MEMORY_HOST, or a number >= 1 chosen by the device */
  bp_string name;          /* "device", "pinned", ... */
  uint32_t flags;          /* BP_MEMORY_ flags */
  uint32_t reserved;       /* 0 */
  uint64_t alignment;      /* bytes, power of two, >= 1: of every slice that a program receives */
  uint64_t granularity;    /* bytes: sizes are rounded up to a multiple by the planner; >= 1 */
  uint64_t max_allocation; /* bytes, largest single buffer; 0: no limit known */
  uint64_t total;          /* bytes in all; 0: unknown */
  bp_array import_handles; /* uint32_t BP_HANDLE_ that import_memory takes for this kind; may be empty */
  bp_array export_handles; /* uint32_t BP_HANDLE_ that export_memory gives for this kind; may be empty */
} bp_memory_kind_info;

/* bp_memory_api::map access */
#define BP_MAP_READ 1u
#define BP_MAP_WRITE 2u

/* A range of memory. Frozen. address: where the kind has one it is the address of the first byte
 * (offset already added), else 0. buffer: NULL for BP_MEMORY_HOST. */
typedef struct bp_slice {
  bp_buffer buffer;
  uint64_t address;
  uint64_t offset; /* bytes from the start of the buffer; 0 for BP_MEMORY_HOST */
  uint64_t size;   /* bytes */
} bp_slice;

/* Handle types for import and export. The value is in bp_external_memory::handle. */
#define BP_HANDLE_HOST_POINTER 1u /* address of host memory */
#define BP_HANDLE_CUDA_POINTER 2u /* CUdeviceptr */
#define BP_HANDLE_CL_MEM 3u       /* cl_mem */
#define BP_HANDLE_FD 4u           /* POSIX file descriptor of exported memory (dma-buf, opaque fd) */

/* Who may touch imported or uploaded host data, and until when. */
#define BP_HOST_DATA_DURING_CALL 1u         /* the provider copies before the call returns */
#define BP_HOST_DATA_UNTIL_TRANSFER 2u      /* unchanged until an event recorded after the copy is complete */
#define BP_HOST_DATA_IMMUTABLE_ZERO_COPY 3u /* read in place until the buffer is released */
#define BP_HOST_DATA_MUTABLE_ZERO_COPY 4u   /* read and written in place until the buffer is released */

typedef struct bp_external_memory {
  uint32_t struct_size;
  uint32_t handle_type; /* BP_HANDLE_ */
  uint64_t handle;      /* pointer, cl_mem or descriptor, widened */
  uint64_t offset;      /* bytes from the start of the external object */
  uint64_t size;        /* bytes */
  uint32_t host_data;   /* BP_HOST_DATA_, for BP_HANDLE_HOST_POINTER; 0 otherwise */
  uint32_t reserved;    /* 0 */
} bp_external_memory;

/* Optional as a whole for devices that list BP_MEMORY_HOST only. */
typedef struct bp_memory_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Makes a buffer of `size` bytes (>= 1) of memory kind `kind`, aligned as the kind says. `stream` may be
   * NULL; otherwise the memory may be used in work enqueued on it from now on (stream-ordered pools).
   * On success *address is the buffer's address, 0 when the kind has none.
   * The caller frees with `release`. OUT_OF_DEVICE_MEMORY, INVALID_ARGUMENT. Mandatory. Since 1.0. [any-thread]
   */
  bp_status (*allocate)(bp_device device, uint32_t kind, uint64_t size, bp_stream stream, bp_buffer* buffer,
                        uint64_t* address);
  /* Frees a buffer. The host has waited for all work that uses it. NULL is ignored. Mandatory. Since 1.0.
   * [any-thread] */
  void (*release)(bp_device device, bp_buffer buffer);

  /* Copies `size` bytes between two slices of this device or of BP_MEMORY_HOST, after all work enqueued on
   * `stream` before. The slices do not overlap. With stream NULL the copy is complete on return. `host_data`
   * tells how long a host source stays unchanged (BP_HOST_DATA_DURING_CALL or _UNTIL_TRANSFER). Mandatory.
   * Since 1.0. [serial per stream] */
  bp_status (*copy)(bp_device device, bp_stream stream, const bp_slice* src, const bp_slice* dst, uint64_t size,
                    uint32_t host_data);
  /* Sets `size` bytes of dst to `byte`. Optional: the host copies zeros. Since 1.0. [serial per stream] */
  bp_status (*fill)(bp_device device, bp_stream stream, const bp_slice* dst, uint64_t size, uint32_t byte);

  /* Makes a host-visible slice reachable by the host at *pointer until `unmap`. `access`: BP_MAP_ flags; with
   * BP_MAP_WRITE alone the old contents may be lost. All work that uses the slice is complete. Mandatory for
   * kinds with BP_MEMORY_HOST_VISIBLE that have no address or are BP_MEMORY_MAP_ONLY. Since 1.0. [serial per
   * buffer] */
  bp_status (*map)(bp_device device, const bp_slice* slice, uint32_t access, void** pointer);
  bp_status (*unmap)(bp_device device, const bp_slice* slice, void* pointer);

  /* Wraps memory that somebody else owns as a buffer of kind `kind`; the owner keeps it alive until `release`.
   * A descriptor passed in is duplicated by the provider. UNSUPPORTED for handle types or alignments that it
   * does not take: the host then copies, and its report says so. Optional. Since 1.0. [any-thread] */
  bp_status (*import_memory)(bp_device device, uint32_t kind, const bp_external_memory* external,
                             bp_buffer* buffer, uint64_t* address);
  /* Gives a handle of type `handle_type` to a buffer's memory; it is valid while the buffer lives. A descriptor
   * is the receiver's to close. UNSUPPORTED for other types. Optional. Since 1.0. [any-thread] */
  bp_status (*export_memory)(bp_device device, bp_buffer buffer, uint32_t handle_type,
                             bp_external_memory* external);

  /* Bytes in use and free on the device, 0 when unknown. Optional. Since 1.0. [any-thread] */
  bp_status (*usage)(bp_device device, uint32_t kind, uint64_t* used, uint64_t* available);
} bp_memory_api;

#endif
