// Buffers, copies, streams and events of a device. Host memory is the host's own and calls no provider.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "provider/abi.hpp"
#include "provider/device.hpp"
#include "provider/provider_core.hpp"

namespace bp {
namespace {

constexpr uint64_t kHostAlignment = 64;  // a cache line, and the widest vector
constexpr uint64_t kZeroChunk = uint64_t{1} << 20;

bool is_host(const Slice& slice) { return slice.buffer == nullptr; }
void* host_pointer(const Slice& slice) { return reinterpret_cast<void*>(slice.address); }
bp_stream handle_of(const Stream* stream) { return stream != nullptr ? stream->handle() : nullptr; }

Status unimplemented(const Device& device, std::string_view what) {
  return Status(ErrorCode::kUnimplemented, fmt::format("device {} cannot {}", device.label(), what));
}

Status too_small(const char* which, const Slice& slice, uint64_t size_bytes) {
  return Status(ErrorCode::kInternal,
                fmt::format("copy of {} bytes {} a slice of {} bytes", size_bytes, which, slice.size));
}

// What a new buffer must look like.
Status check_buffer(const ProviderCore& core, const MemoryKindInfo& kind, bp_buffer buffer, uint64_t address,
                    std::string_view call) {
  if (buffer == nullptr) return core.misbehaves(fmt::format("{} returned OK and no buffer", call));
  if (kind.has_address && address == 0) {
    return core.misbehaves(fmt::format("{} gave a buffer of kind '{}' no address", call, kind.name));
  }
  if (kind.has_address && address % kind.alignment != 0) {
    return core.misbehaves(fmt::format("{} gave an address that is not aligned to the {} bytes of kind '{}'",
                                       call, kind.alignment, kind.name));
  }
  return {};
}

}  // namespace

Result<Buffer> Device::allocate(uint32_t memory_kind, uint64_t size_bytes, const Stream* stream) {
  const MemoryKindInfo* kind = info_.find_memory(memory_kind);
  if (memory_kind == kHostMemory) {
    return Buffer::allocate_host(size_bytes, std::max(kHostAlignment, kind != nullptr ? kind->alignment : 1));
  }
  if (kind == nullptr) {
    return Status(ErrorCode::kInternal, fmt::format("device {} has no memory kind {}", label_, memory_kind));
  }
  if (kind->max_allocation != 0 && size_bytes > kind->max_allocation) {
    return Status(ErrorCode::kOutOfDeviceMemory,
                  fmt::format("{} bytes asked on {}, its largest buffer of kind '{}' has {}", size_bytes,
                              label_, kind->name, kind->max_allocation));
  }
  bp_buffer buffer = nullptr;
  uint64_t address = 0;
  BP_RETURN_IF_ERROR(core_->call("allocating", label_, [&] {
    return core_->memory.allocate(handle_, memory_kind, std::max<uint64_t>(size_bytes, 1), handle_of(stream),
                                  &buffer, &address);
  }));
  Buffer result(shared_from_this(), memory_kind, buffer, kind->has_address ? address : 0, size_bytes);
  BP_RETURN_IF_ERROR(check_buffer(*core_, *kind, buffer, address, "allocate"));
  return result;
}

Result<Buffer> Device::import_memory(uint32_t memory_kind, const ExternalMemory& external) {
  const MemoryKindInfo* kind = info_.find_memory(memory_kind);
  if (kind == nullptr) {
    return Status(ErrorCode::kInternal, fmt::format("device {} has no memory kind {}", label_, memory_kind));
  }
  if (core_->memory.import_memory == nullptr) return unimplemented(*this, "import memory");
  bp_external_memory abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_external_memory, reserved);
  abi.handle_type = external.handle_type;
  abi.handle = external.handle;
  abi.offset = external.offset;
  abi.size = external.size;
  if (external.handle_type == BP_HANDLE_HOST_POINTER) abi.host_data = static_cast<uint32_t>(external.host_data);
  bp_buffer buffer = nullptr;
  uint64_t address = 0;
  BP_RETURN_IF_ERROR(core_->call("importing memory", label_, [&] {
    return core_->memory.import_memory(handle_, memory_kind, &abi, &buffer, &address);
  }));
  Buffer result(shared_from_this(), memory_kind, buffer, kind->has_address ? address : 0, external.size);
  BP_RETURN_IF_ERROR(check_buffer(*core_, *kind, buffer, address, "import_memory"));
  return result;
}

Result<ExternalMemory> Device::export_memory(const Buffer& buffer, uint32_t handle_type) {
  if (core_->memory.export_memory == nullptr) return unimplemented(*this, "export memory");
  bp_external_memory abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_external_memory, reserved);
  BP_RETURN_IF_ERROR(core_->call("exporting memory", label_, [&] {
    return core_->memory.export_memory(handle_, buffer.handle(), handle_type, &abi);
  }));
  if (abi.handle_type != handle_type) {
    return core_->misbehaves(
        fmt::format("export_memory gave a handle of type {}, asked for {}", abi.handle_type, handle_type));
  }
  ExternalMemory external;
  external.handle_type = abi.handle_type;
  external.handle = abi.handle;
  external.offset = abi.offset;
  external.size = abi.size;
  return external;
}

Status Device::copy(const Stream* stream, const Slice& src, const Slice& dst, uint64_t size_bytes,
                    HostData host_data) {
  if (src.size < size_bytes) return too_small("out of", src, size_bytes);
  if (dst.size < size_bytes) return too_small("into", dst, size_bytes);
  if (size_bytes == 0) return {};
  if (is_host(src) && is_host(dst) && stream == nullptr) {
    std::memcpy(host_pointer(dst), host_pointer(src), size_bytes);
    return {};
  }
  if (core_->memory.copy == nullptr) return unimplemented(*this, "copy: it has host memory only");
  return core_->call("copying", label_, [&] {
    return core_->memory.copy(handle_, handle_of(stream), &src, &dst, size_bytes,
                              static_cast<uint32_t>(host_data));
  });
}

Status Device::fill(const Stream* stream, const Slice& dst, uint64_t size_bytes, uint8_t byte) {
  if (dst.size < size_bytes) return too_small("into", dst, size_bytes);
  if (size_bytes == 0) return {};
  if (is_host(dst) && stream == nullptr) {
    std::memset(host_pointer(dst), byte, size_bytes);
    return {};
  }
  if (core_->memory.fill != nullptr) {
    return core_->call("filling", label_,
                       [&] { return core_->memory.fill(handle_, handle_of(stream), &dst, size_bytes, byte); });
  }
  const std::vector<uint8_t> chunk(std::min(size_bytes, kZeroChunk), byte);
  for (uint64_t done = 0; done < size_bytes;) {
    const uint64_t piece = std::min<uint64_t>(chunk.size(), size_bytes - done);
    const Slice target{dst.buffer, dst.address == 0 ? 0 : dst.address + done,
                       is_host(dst) ? 0 : dst.offset + done, piece};
    BP_RETURN_IF_ERROR(copy(stream, host_slice(chunk.data(), piece), target, piece, HostData::kDuringCall));
    done += piece;
  }
  return {};
}

Result<void*> Device::map(const Slice& slice, MapAccess access) {
  if (is_host(slice)) return host_pointer(slice);
  if (core_->memory.map == nullptr || core_->memory.unmap == nullptr) return unimplemented(*this, "map memory");
  void* pointer = nullptr;
  BP_RETURN_IF_ERROR(core_->call("mapping memory", label_, [&] {
    return core_->memory.map(handle_, &slice, static_cast<uint32_t>(access), &pointer);
  }));
  if (pointer == nullptr) return core_->misbehaves("map returned OK and no pointer");
  return pointer;
}

Status Device::unmap(const Slice& slice, void* pointer) {
  if (is_host(slice)) return {};
  if (core_->memory.unmap == nullptr) return unimplemented(*this, "map memory");
  return core_->call("unmapping memory", label_, [&] { return core_->memory.unmap(handle_, &slice, pointer); });
}

Result<MemoryUsage> Device::memory_usage(uint32_t memory_kind) const {
  if (core_->memory.usage == nullptr) return unimplemented(*this, "tell how much memory is in use");
  MemoryUsage usage;
  BP_RETURN_IF_ERROR(core_->call("memory usage", label_, [&] {
    return core_->memory.usage(handle_, memory_kind, &usage.used, &usage.available);
  }));
  return usage;
}

Result<Stream> Device::create_stream() {
  if (info_.synchronous || core_->stream.create == nullptr) return unimplemented(*this, "make streams");
  bp_stream stream = nullptr;
  BP_RETURN_IF_ERROR(
      core_->call("making a stream", label_, [&] { return core_->stream.create(handle_, &stream); }));
  if (stream == nullptr) return core_->misbehaves("making a stream returned OK and no stream");
  return Stream(shared_from_this(), stream);
}

Result<Stream> Device::import_stream(uint32_t native_type, uint64_t handle) {
  if (core_->stream.import_native == nullptr) return unimplemented(*this, "import streams");
  bp_stream stream = nullptr;
  BP_RETURN_IF_ERROR(core_->call("importing a stream", label_, [&] {
    return core_->stream.import_native(handle_, native_type, handle, &stream);
  }));
  if (stream == nullptr) return core_->misbehaves("import_native returned OK and no stream");
  return Stream(shared_from_this(), stream);
}

Result<Event> Device::import_event(uint32_t handle_type, uint64_t handle) {
  if (core_->event.import_handle == nullptr) return unimplemented(*this, "import events");
  bp_event event = nullptr;
  BP_RETURN_IF_ERROR(core_->call("importing an event", label_, [&] {
    return core_->event.import_handle(handle_, handle_type, handle, &event);
  }));
  if (event == nullptr) return core_->misbehaves("import_handle returned OK and no event");
  return Event(shared_from_this(), event);
}

}  // namespace bp
