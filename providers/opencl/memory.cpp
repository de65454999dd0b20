// Allocates, imports and copies. Copies on a stream are enqueued; without one they are complete on return.
#include "memory.hpp"

#include <cstring>

#include "stream.hpp"

namespace bp::opencl {

namespace {

Device& unwrap(bp_device device) { return sdk::from_handle<Device>(device); }

void* host_pointer(const bp_slice& slice) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(slice.address));
}

void expect_kind(uint32_t kind) {
  if (kind == kDeviceMemory) return;
  throw Error(BP_STATUS_INVALID_ARGUMENT,
              text("expected memory kind ", kDeviceMemory, ", which the device lists, found ", kind));
}

void give(std::unique_ptr<Buffer> made, bp_buffer* buffer, uint64_t* address) {
  *buffer = reinterpret_cast<bp_buffer>(made.release());
  *address = 0;
}

bp_status allocate(bp_device handle, uint32_t kind, uint64_t size, bp_stream, bp_buffer* buffer,
                   uint64_t* address) {
  Device& device = unwrap(handle);
  return guard(device.host(), [&] {
    expect_kind(kind);
    if (device.traits().max_allocation != 0 && size > device.traits().max_allocation) {
      throw Error(
          BP_STATUS_OUT_OF_DEVICE_MEMORY,
          text("a buffer of ", size, " bytes; the device's largest has ", device.traits().max_allocation));
    }
    device.context();
    auto made = std::make_unique<Buffer>();
    made->memory = device.make_buffer(size);
    made->size = size;
    device.bytes_in_use += size;
    give(std::move(made), buffer, address);
  });
}

void release(bp_device handle, bp_buffer buffer) {
  auto* gone = reinterpret_cast<Buffer*>(buffer);
  if (gone == nullptr) return;
  unwrap(handle).bytes_in_use -= gone->size;
  delete gone;
}

// Enqueues the copy on `queue`; `wait` is for the queue of complete calls.
void enqueue_copy(Device& device, cl_command_queue queue, const bp_slice& src, const bp_slice& dst, size_t size,
                  uint32_t host_data, bool wait) {
  const MemoryPlace from = place_of(src);
  const MemoryPlace to = place_of(dst);
  const cl_bool blocking = wait ? CL_TRUE : CL_FALSE;
  if (from.memory == nullptr && to.memory == nullptr) {
    // Between host memories: in order with what was enqueued before.
    check(clFinish(queue), "clFinish");
    std::memmove(host_pointer(dst), host_pointer(src), size);
  } else if (from.memory == nullptr && !wait && host_data != BP_HOST_DATA_UNTIL_TRANSFER) {
    device.staging().write(queue, host_pointer(src), to.memory, to.offset, size);
  } else if (from.memory == nullptr) {
    check(clEnqueueWriteBuffer(queue, to.memory, blocking, to.offset, size, host_pointer(src), 0, nullptr,
                               nullptr),
          "clEnqueueWriteBuffer");
  } else if (to.memory == nullptr) {
    check(clEnqueueReadBuffer(queue, from.memory, blocking, from.offset, size, host_pointer(dst), 0, nullptr,
                              nullptr),
          "clEnqueueReadBuffer");
  } else {
    const cl_int error =
        clEnqueueCopyBuffer(queue, from.memory, to.memory, from.offset, to.offset, size, 0, nullptr, nullptr);
    if (error == CL_INVALID_CONTEXT) {
      throw Error(BP_STATUS_UNSUPPORTED, "the two slices belong to devices of different OpenCL contexts",
                  error);
    }
    check(error, "clEnqueueCopyBuffer");
    if (wait) check(clFinish(queue), "clFinish");
  }
}

void expect_fits(const bp_slice& slice, uint64_t size, const char* what) {
  if (slice.size >= size) return;
  throw Error(BP_STATUS_INVALID_ARGUMENT,
              text(what, ": ", size, " bytes are asked for, the slice has ", slice.size));
}

bp_status copy(bp_device handle, bp_stream stream, const bp_slice* src, const bp_slice* dst, uint64_t size,
               uint32_t host_data) {
  Device& device = unwrap(handle);
  return guard(device.host(), [&] {
    expect_fits(*src, size, "copy: source");
    expect_fits(*dst, size, "copy: target");
    if (size == 0) return;
    if (stream == nullptr) {
      device.with_queue([&](cl_command_queue queue) {
        enqueue_copy(device, queue, *src, *dst, size, host_data, true);
        check(clFinish(queue), "clFinish");
      });
    } else {
      const auto queue = sdk::from_handle<Stream>(stream).queue();
      enqueue_copy(device, queue, *src, *dst, size, host_data, false);
      check(clFlush(queue), "clFlush");
    }
  });
}

bp_status fill(bp_device handle, bp_stream stream, const bp_slice* dst, uint64_t size, uint32_t byte) {
  Device& device = unwrap(handle);
  return guard(device.host(), [&] {
    expect_fits(*dst, size, "fill");
    if (size == 0) return;
    const auto pattern = static_cast<unsigned char>(byte & 0xFFu);
    const MemoryPlace to = place_of(*dst);
    const auto enqueue = [&](cl_command_queue queue) {
      if (to.memory == nullptr) {
        check(clFinish(queue), "clFinish");
        std::memset(host_pointer(*dst), pattern, size);
        return;
      }
      check(clEnqueueFillBuffer(queue, to.memory, &pattern, 1, to.offset, size, 0, nullptr, nullptr),
            "clEnqueueFillBuffer");
    };
    if (stream != nullptr) {
      enqueue(sdk::from_handle<Stream>(stream).queue());
      return;
    }
    device.with_queue([&](cl_command_queue queue) {
      enqueue(queue);
      check(clFinish(queue), "clFinish");
    });
  });
}

bp_status map(bp_device handle, const bp_slice* slice, uint32_t access, void** pointer) {
  Device& device = unwrap(handle);
  return guard(device.host(), [&] {
    const MemoryPlace place = place_of(*slice);
    if (place.memory == nullptr) throw Error(BP_STATUS_INVALID_ARGUMENT, "map: the slice is not of the device");
    cl_map_flags flags = 0;
    if ((access & BP_MAP_READ) != 0) flags |= CL_MAP_READ;
    if ((access & BP_MAP_WRITE) != 0) flags |= CL_MAP_WRITE;
    device.with_queue([&](cl_command_queue queue) {
      cl_int error = CL_SUCCESS;
      *pointer = clEnqueueMapBuffer(queue, place.memory, CL_TRUE, flags, place.offset, slice->size, 0, nullptr,
                                    nullptr, &error);
      check(error, "clEnqueueMapBuffer");
    });
  });
}

bp_status unmap(bp_device handle, const bp_slice* slice, void* pointer) {
  Device& device = unwrap(handle);
  return guard(device.host(), [&] {
    device.with_queue([&](cl_command_queue queue) {
      check(clEnqueueUnmapMemObject(queue, place_of(*slice).memory, pointer, 0, nullptr, nullptr),
            "clEnqueueUnmapMemObject");
      check(clFinish(queue), "clFinish");
    });
  });
}

// A cl_mem of the device's own context.
ClMem take_cl_mem(Device& device, const bp_external_memory& external) {
  const auto memory = reinterpret_cast<cl_mem>(static_cast<uintptr_t>(external.handle));
  cl_context context = nullptr;
  check(clGetMemObjectInfo(memory, CL_MEM_CONTEXT, sizeof context, &context, nullptr), "clGetMemObjectInfo");
  if (context != device.context()) {
    throw Error(BP_STATUS_UNSUPPORTED, "import: the cl_mem belongs to another OpenCL context");
  }
  size_t size = 0;
  check(clGetMemObjectInfo(memory, CL_MEM_SIZE, sizeof size, &size, nullptr), "clGetMemObjectInfo");
  if (external.offset > size || external.size > size - external.offset) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, text("import: ", external.size, " bytes at ", external.offset,
                                                 " do not lie in a cl_mem of ", size, " bytes"));
  }
  if (external.offset % kAlignment != 0) {
    throw Error(BP_STATUS_UNSUPPORTED,
                text("import: the offset must be a multiple of ", kAlignment, ", is ", external.offset));
  }
  return ClMem::share(memory);
}

ClMem take_host_memory(Device& device, const bp_external_memory& external) {
  const uint64_t address = external.handle + external.offset;
  if (!device.traits().is_cpu) {
    throw Error(BP_STATUS_UNSUPPORTED, "import: this device would copy host memory");
  }
  const uint64_t alignment = std::max(kAlignment, device.traits().base_alignment);
  if (address % alignment != 0) {
    throw Error(BP_STATUS_UNSUPPORTED, text("import: host memory must be aligned to ", alignment, " bytes"));
  }
  const bool constant = external.host_data == BP_HOST_DATA_IMMUTABLE_ZERO_COPY;
  device.context();
  return device.make_buffer(external.size,
                            CL_MEM_USE_HOST_PTR | (constant ? CL_MEM_READ_ONLY : CL_MEM_READ_WRITE),
                            reinterpret_cast<void*>(static_cast<uintptr_t>(address)));
}

bp_status import_memory(bp_device handle, uint32_t kind, const bp_external_memory* external, bp_buffer* buffer,
                        uint64_t* address) {
  Device& device = unwrap(handle);
  return guard(device.host(), [&] {
    BP_EXPECT_STRUCT(external, bp_external_memory, reserved);
    expect_kind(kind);
    auto made = std::make_unique<Buffer>();
    if (external->handle_type == BP_HANDLE_CL_MEM) {
      made->memory = take_cl_mem(device, *external);
      made->base = external->offset;
    } else if (external->handle_type == BP_HANDLE_HOST_POINTER) {
      made->memory = take_host_memory(device, *external);
    } else {
      throw Error(BP_STATUS_UNSUPPORTED,
                  text("import: handle type ", external->handle_type, " is not taken; cl_mem and host memory"));
    }
    give(std::move(made), buffer, address);
  });
}

bp_status export_memory(bp_device handle, bp_buffer buffer, uint32_t handle_type,
                        bp_external_memory* external) {
  return guard(unwrap(handle).host(), [&] {
    BP_EXPECT_STRUCT(external, bp_external_memory, reserved);
    if (handle_type != BP_HANDLE_CL_MEM) {
      throw Error(BP_STATUS_UNSUPPORTED, text("export: handle type ", handle_type, " is not given; cl_mem is"));
    }
    const auto& source = *reinterpret_cast<const Buffer*>(buffer);
    external->handle_type = handle_type;
    external->handle = reinterpret_cast<uintptr_t>(source.memory.get());
    external->offset = source.base;
    size_t size = 0;
    check(clGetMemObjectInfo(source.memory.get(), CL_MEM_SIZE, sizeof size, &size, nullptr),
          "clGetMemObjectInfo");
    external->size = source.size != 0 ? source.size : size - source.base;
    external->host_data = 0;
  });
}

bp_status usage(bp_device handle, uint32_t kind, uint64_t* used, uint64_t* available) {
  Device& device = unwrap(handle);
  return guard(device.host(), [&] {
    expect_kind(kind);
    *used = device.bytes_in_use.load();
    *available = 0;  // OpenCL does not tell
  });
}

}  // namespace

MemoryPlace place_of(const bp_slice& slice) noexcept {
  if (slice.buffer == nullptr) return {};
  const auto& buffer = *reinterpret_cast<const Buffer*>(slice.buffer);
  return {buffer.memory.get(), buffer.base + slice.offset};
}

const bp_memory_api kMemoryApi = {
    BP_STRUCT_SIZE(bp_memory_api, usage),
    0,
    allocate,
    release,
    copy,
    fill,
    map,
    unmap,
    import_memory,
    export_memory,
    usage,
};

}  // namespace bp::opencl
