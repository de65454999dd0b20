#include "memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace broken {
namespace {

std::atomic<uint64_t> used{0};

constexpr uint64_t kPage = 4096;
uint64_t page_floor(uint64_t size) { return size / kPage * kPage; }

[[noreturn]] void no_memory(uint64_t size) {
  throw Error(BP_STATUS_OUT_OF_DEVICE_MEMORY, message("no ", size, " bytes are left on the device"));
}

}  // namespace

Buffer::Buffer(uint32_t kind, uint64_t size) : kind_(kind) {
  // A fault needs room: a buffer that begins one byte late.
  const uint64_t extra = has(Fault::misaligns_buffers) ? 1 : 0;
  descriptor_ = memfd_create("buffer", MFD_CLOEXEC);
  if (descriptor_ < 0 || ftruncate(descriptor_, static_cast<off_t>(size + extra)) != 0) {
    if (descriptor_ >= 0) ::close(descriptor_);
    no_memory(size);
  }
  map_descriptor(0, size + extra);
  bytes_ += extra;
}

Buffer::Buffer(uint32_t kind, int descriptor, uint64_t offset, uint64_t size) : kind_(kind) {
  descriptor_ = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (descriptor_ < 0) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, message(descriptor, " is no descriptor of this process"));
  }
  struct stat status {};
  if (fstat(descriptor_, &status) != 0 || static_cast<uint64_t>(status.st_size) < offset + size) {
    ::close(descriptor_);
    throw Error(BP_STATUS_INVALID_ARGUMENT,
                message("the descriptor's memory must have ", offset + size, " bytes, has ", status.st_size));
  }
  map_descriptor(offset, size);
}

// Throws; the descriptor is closed then, since no destructor runs.
void Buffer::map_descriptor(uint64_t offset, uint64_t size) {
  const uint64_t begin = page_floor(offset);
  descriptor_offset_ = offset;
  size_ = size;
  mapped_size_ = size + offset - begin;
  void* const pages =
      mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, static_cast<off_t>(begin));
  if (pages == MAP_FAILED) {
    ::close(descriptor_);
    no_memory(size);
  }
  bytes_ = static_cast<std::byte*>(pages) + (offset - begin);
  used += mapped_size_;
}

Buffer::~Buffer() {
  if (mapped_size_ > 0) {
    void* const pages = reinterpret_cast<void*>(page_floor(reinterpret_cast<uint64_t>(bytes_)));
    munmap(pages, mapped_size_);
    used -= mapped_size_;
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::byte* resolve(const bp_slice& slice) {
  if (slice.buffer == nullptr) return reinterpret_cast<std::byte*>(slice.address);
  return bp::sdk::from_handle<Buffer>(slice.buffer).bytes() + slice.offset;
}

uint64_t used_bytes() { return used; }

}  // namespace broken
