/* Memory kinds, buffers and slices.
 *
 * Kind 0 (BP_MEMORY_HOST) is ordinary host memory and belongs to the host, which allocates it; its slices have
 * buffer NULL and an address. A device that lists kind 0 takes such slices directly, aligned as it says there;
 * a provider whose devices list nothing else needs no memory table. Every other kind is the device's own: a
 * number that the device chooses, buffers that are opaque handles made by this table.
 *
 * A provider receives only slices of kinds that its device lists. All others are imported or copied first, and
 * the host's report says which. Inputs wanted with BP_WANT_HOST are kind 0 on every device; where the device
 * does not list kind 0 they are aligned to the element's size. */
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
#define BP_MEMORY_HAS_ADDRESS 2u  /* slices carry an address, on which programs may do arithmetic */
#define BP_MEMORY_PINNED 4u       /* host memory from which asynchronous copies run at full speed */
#define BP_MEMORY_SHARED 8u       /* host and device see one copy; no transfer is needed */
#define BP_MEMORY_MAP_ONLY 16u    /* the address, if any, is the device's: the host needs map and unmap */

/* What the planner has to know of a memory kind. */
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

/* A range of memory. `address`: where the kind has one it is that of the first byte, `offset` already added,
 * else 0. `buffer`: NULL for BP_MEMORY_HOST. Two slices are the same memory when all fields but size are equal.
 * Frozen. */
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

/* Who may touch host data, and until when. The first two are for copies out of host memory, the others for
 * import_memory of BP_HANDLE_HOST_POINTER. */
#define BP_HOST_DATA_DURING_CALL 1u         /* read before the call returns; then the owner may change it */
#define BP_HOST_DATA_UNTIL_TRANSFER 2u      /* unchanged until an event recorded after the copy is complete */
#define BP_HOST_DATA_IMMUTABLE_ZERO_COPY 3u /* read in place until the buffer is released */
#define BP_HOST_DATA_MUTABLE_ZERO_COPY 4u   /* read and written in place until the buffer is released */

/* Memory that somebody else owns, or a handle to give to somebody else. */
typedef struct bp_external_memory {
  uint32_t struct_size;
  uint32_t handle_type; /* BP_HANDLE_ */
  uint64_t handle;      /* pointer, cl_mem or descriptor, widened */
  uint64_t offset;      /* bytes from the start of the external object */
  uint64_t size;        /* bytes */
  uint32_t host_data;   /* BP_HOST_DATA_..._ZERO_COPY with BP_HANDLE_HOST_POINTER; 0 otherwise */
  uint32_t reserved;    /* 0 */
} bp_external_memory;

/* Optional as a whole for providers whose devices list BP_MEMORY_HOST only. */
typedef struct bp_memory_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* Makes a buffer of `size` bytes (>= 1) of memory kind `kind`, aligned as the kind says, contents undefined.
   * `stream` NULL: usable at once everywhere; else usable in work enqueued on that stream from now on
   * (stream-ordered pools). *address becomes the buffer's address, 0 where the kind has none. May be called
   * from within a run of the same device (allocate_output): hold no lock there that this needs. Owner: the
   * caller, until `release`. Status: OUT_OF_DEVICE_MEMORY, OUT_OF_HOST_MEMORY, DEVICE_LOST. Mandatory.
   * Since 1.0. [any-thread] */
  bp_status (*allocate)(bp_device device, uint32_t kind, uint64_t size, bp_stream stream, bp_buffer* buffer,
                        uint64_t* address);
  /* Frees a buffer, made or imported. The host has waited for all work that uses it. NULL is ignored.
   * Mandatory. Since 1.0. [any-thread] */
  void (*release)(bp_device device, bp_buffer buffer);

  /* Copies `size` bytes (<= both slices' sizes) from *src to *dst after all work enqueued on `stream` before.
   * Each slice is BP_MEMORY_HOST or of this device, of any of its kinds; one of them may be of another device
   * of the same provider: UNSUPPORTED then makes the host go through host memory. The slices do not overlap.
   * `stream` NULL: complete on return, and the host has waited for earlier work on both. `host_data` (a host
   * source): BP_HOST_DATA_DURING_CALL or _UNTIL_TRANSFER; 0 otherwise. A host destination is read by nobody
   * until an event recorded after the copy is complete. Both slices' memory stays valid that long. Status:
   * UNSUPPORTED, OUT_OF_HOST_MEMORY (staging), DEVICE_LOST. Mandatory. Since 1.0. [serial per stream] */
  bp_status (*copy)(bp_device device, bp_stream stream, const bp_slice* src, const bp_slice* dst, uint64_t size,
                    uint32_t host_data);
  /* Sets `size` bytes of *dst to the low 8 bits of `byte`, in order on `stream` as copy does.
   * Status: DEVICE_LOST. Optional: the host copies instead. Since 1.0. [serial per stream] */
  bp_status (*fill)(bp_device device, bp_stream stream, const bp_slice* dst, uint64_t size, uint32_t byte);

  /* Makes a slice reachable by the host at *pointer until `unmap`, aligned as the kind says. `access`: BP_MAP_
   * flags; with BP_MAP_WRITE alone the old contents may be lost. All work that uses the slice is complete, and
   * none is enqueued until unmap. Status: OUT_OF_HOST_MEMORY, DEVICE_LOST. Mandatory with `unmap` for kinds
   * with BP_MEMORY_HOST_VISIBLE that have no address or are BP_MEMORY_MAP_ONLY. Since 1.0. [serial per buffer]
   */
  bp_status (*map)(bp_device device, const bp_slice* slice, uint32_t access, void** pointer);
  /* Ends a map: what the host wrote is there for work that is enqueued after the return. `slice` and `pointer`
   * as at map. Status: DEVICE_LOST. Mandatory where map is. Since 1.0. [serial per buffer] */
  bp_status (*unmap)(bp_device device, const bp_slice* slice, void* pointer);

  /* Wraps memory that somebody else owns as a buffer of kind `kind`; the owner keeps the memory until
   * `release`. A descriptor passed in is duplicated. *address as in allocate. Host memory is used in place; a
   * provider that would have to copy answers UNSUPPORTED, and the host copies. Owner: the caller, until
   * `release`. Status: UNSUPPORTED (handle type, alignment, another context), OUT_OF_HOST_MEMORY, DEVICE_LOST.
   * Optional: nothing is imported. Since 1.0. [any-thread] */
  bp_status (*import_memory)(bp_device device, uint32_t kind, const bp_external_memory* external,
                             bp_buffer* buffer, uint64_t* address);
  /* Fills *external (struct_size is the caller's) with a handle of type `handle_type` to a buffer's memory. The
   * handle is valid while the buffer lives; a descriptor is the receiver's to close.
   * Status: UNSUPPORTED (handle type). Optional: nothing is exported. Since 1.0. [any-thread] */
  bp_status (*export_memory)(bp_device device, bp_buffer buffer, uint32_t handle_type,
                             bp_external_memory* external);

  /* Bytes of `kind` in use by this process and free on the device; 0: unknown.
   * Status: DEVICE_LOST. Optional. Since 1.0. [any-thread] */
  bp_status (*usage)(bp_device device, uint32_t kind, uint64_t* used, uint64_t* available);
} bp_memory_api;

#endif
