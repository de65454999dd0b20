// memory.h: what the host may do with buffers.
#include <unistd.h>

#include <cstring>
#include <vector>

#include "check_struct.hpp"
#include "memory.hpp"
#include "stream.hpp"

namespace broken {
namespace {

using bp::sdk::entry;

// Copies or fills when its turn comes.
class Transfer final : public Work {
 public:
  // `staged`: the source's bytes, taken already; `source` is read when the work runs.
  Transfer(std::byte* target, const std::byte* source, uint64_t size, std::vector<std::byte> staged)
      : target_(target), source_(source), size_(size), staged_(std::move(staged)) {}
  Ending run() override {
    std::memcpy(target_, staged_.empty() ? source_ : staged_.data(), size_);
    return {};
  }
  void done(const Ending&) override { delete this; }

 private:
  std::byte* target_;
  const std::byte* source_;
  uint64_t size_;
  std::vector<std::byte> staged_;
};

void check_kind(uint32_t kind) {
  if (kind < kDeviceMemory || kind > kMappedMemory) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, message("memory kinds are 1 to 3, asked for ", kind));
  }
}

void check_room(const char* which, const bp_slice& slice, uint64_t size) {
  if (slice.size < size) {
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                message("the ", which, " must have ", size, " bytes, has ", slice.size));
  }
}

void give(std::unique_ptr<Buffer> owned, bp_buffer* buffer, uint64_t* address) {
  *address = owned->address();
  *buffer = bp::sdk::to_handle(std::move(owned));
}

void release(bp_device, bp_buffer buffer) { bp::sdk::release_entry<Buffer>(buffer); }

}  // namespace

void Provider::allocate(uint32_t kind, uint64_t size, bp_stream, bp_buffer* buffer, uint64_t* address) {
  check_pointer(buffer, "buffer");
  check_pointer(address, "address");
  check_kind(kind);
  if (size == 0 || size > (uint64_t{1} << 30)) {
    throw Error(size == 0 ? BP_STATUS_INVALID_ARGUMENT : BP_STATUS_OUT_OF_DEVICE_MEMORY,
                message("a buffer has 1 byte to 1 GiB, asked for ", size));
  }
  give(std::make_unique<Buffer>(kind, size), buffer, address);
}

void Provider::copy(bp_stream handle, const bp_slice* src, const bp_slice* dst, uint64_t size,
                    uint32_t host_data) {
  check_pointer(src, "the source");
  check_pointer(dst, "the destination");
  check_room("source", *src, size);
  check_room("destination", *dst, size);
  std::byte* const target = resolve(*dst);
  const std::byte* const source = resolve(*src);
  if (handle == nullptr) {
    if (size > 0) std::memcpy(target, source, size);
    return;
  }
  std::vector<std::byte> staged;
  const bool taken_now = src->buffer == nullptr && host_data != BP_HOST_DATA_UNTIL_TRANSFER;
  if (taken_now && !has(Fault::reads_the_source_late)) staged.assign(source, source + size);
  bp::sdk::from_handle<Stream>(handle).enqueue(
      std::make_unique<Transfer>(target, source, size, std::move(staged)));
}

void Provider::fill(bp_stream handle, const bp_slice* dst, uint64_t size, uint32_t byte) {
  check_pointer(dst, "the destination");
  check_room("destination", *dst, size);
  std::byte* const target = resolve(*dst);
  if (handle == nullptr) {
    if (size > 0) std::memset(target, static_cast<int>(byte & 0xFF), size);
    return;
  }
  std::vector<std::byte> staged(size, static_cast<std::byte>(byte & 0xFF));
  bp::sdk::from_handle<Stream>(handle).enqueue(
      std::make_unique<Transfer>(target, nullptr, size, std::move(staged)));
}

void Provider::map(const bp_slice* slice, uint32_t, void** pointer) {
  check_pointer(slice, "the slice");
  check_pointer(pointer, "pointer");
  if (slice->buffer == nullptr || bp::sdk::from_handle<Buffer>(slice->buffer).kind() == kDeviceMemory) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, "only kinds 2 and 3 are visible to the host");
  }
  *pointer = resolve(*slice);
}

void Provider::unmap(const bp_slice*, void*) {}

void Provider::import_memory(uint32_t kind, const bp_external_memory* external, bp_buffer* buffer,
                             uint64_t* address) {
  BROKEN_CHECK(external, bp_external_memory, reserved);
  check_pointer(buffer, "buffer");
  check_pointer(address, "address");
  check_kind(kind);
  if (external->handle_type == BP_HANDLE_HOST_POINTER && kind != kMappedMemory) {
    const uint64_t place = external->handle + external->offset;
    if (place % kAlignment != 0) {
      throw Error(BP_STATUS_UNSUPPORTED,
                  message("host memory must be aligned to ", kAlignment, " bytes, lies at ", place));
    }
    auto* const bytes = reinterpret_cast<std::byte*>(place);
    if (has(Fault::imports_by_copying)) {
      auto copied = std::make_unique<Buffer>(kind, external->size);
      std::memcpy(copied->bytes(), bytes, external->size);
      return give(std::move(copied), buffer, address);
    }
    return give(std::make_unique<Buffer>(kind, bytes), buffer, address);
  }
  if (external->handle_type == BP_HANDLE_FD && kind == kDeviceMemory) {
    return give(
        std::make_unique<Buffer>(kind, static_cast<int>(external->handle), external->offset, external->size),
        buffer, address);
  }
  throw Error(BP_STATUS_UNSUPPORTED,
              message("kind ", kind, " takes no handles of type ", external->handle_type));
}

void Provider::export_memory(bp_buffer handle, uint32_t handle_type, bp_external_memory* external) {
  check_pointer(handle, "the buffer");
  BROKEN_CHECK(external, bp_external_memory, reserved);
  const Buffer& buffer = bp::sdk::from_handle<Buffer>(handle);
  if (handle_type != BP_HANDLE_FD || buffer.kind() != kDeviceMemory || buffer.descriptor() < 0) {
    throw Error(BP_STATUS_UNSUPPORTED,
                message("a buffer of kind ", buffer.kind(), " gives no handle of type ", handle_type));
  }
  const int copy = dup(buffer.descriptor());
  if (copy < 0) throw Error(BP_STATUS_OUT_OF_HOST_MEMORY, "no descriptor is left");
  external->handle_type = handle_type;
  external->handle = static_cast<uint64_t>(copy);
  external->offset = buffer.descriptor_offset();
  external->size = buffer.size();
  external->host_data = 0;
  external->reserved = 0;
}

void Provider::usage(uint32_t kind, uint64_t* used, uint64_t* available) {
  check_kind(kind);
  check_pointer(used, "used");
  check_pointer(available, "available");
  *used = used_bytes();
  *available = 0;
}

extern const bp_memory_api kMemoryApi = {.struct_size = BP_STRUCT_SIZE(bp_memory_api, usage),
                                         .reserved = 0,
                                         .allocate = entry<&Provider::allocate>,
                                         .release = release,
                                         .copy = entry<&Provider::copy>,
                                         .fill = entry<&Provider::fill>,
                                         .map = entry<&Provider::map>,
                                         .unmap = entry<&Provider::unmap>,
                                         .import_memory = entry<&Provider::import_memory>,
                                         .export_memory = entry<&Provider::export_memory>,
                                         .usage = entry<&Provider::usage>};

}  // namespace broken
