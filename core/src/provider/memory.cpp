#include "provider/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/host_bytes.hpp"
#include "provider/device.hpp"
#include "provider/provider_core.hpp"

namespace bp {

Buffer::Buffer(std::shared_ptr<Device> device, uint32_t memory_kind, bp_buffer handle, uint64_t address,
               uint64_t size_bytes) noexcept
    : device_(std::move(device)),
      memory_kind_(memory_kind),
      handle_(handle),
      address_(address),
      size_(size_bytes) {}

Result<Buffer> Buffer::allocate_host(uint64_t size_bytes, uint64_t alignment) {
  void* data = allocate_host_bytes(size_bytes, std::max<uint64_t>(alignment, alignof(std::max_align_t)));
  if (data == nullptr) {
    return Status(ErrorCode::kOutOfHostMemory, fmt::format("no {} bytes of host memory", size_bytes));
  }
  return Buffer(nullptr, kHostMemory, nullptr, reinterpret_cast<uint64_t>(data), size_bytes);
}

Buffer::Buffer(Buffer&& other) noexcept
    : device_(std::move(other.device_)),
      memory_kind_(other.memory_kind_),
      handle_(std::exchange(other.handle_, nullptr)),
      address_(std::exchange(other.address_, 0)),
      size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    reset();
    device_ = std::move(other.device_);
    memory_kind_ = other.memory_kind_;
    handle_ = std::exchange(other.handle_, nullptr);
    address_ = std::exchange(other.address_, 0);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void Buffer::reset() noexcept {
  if (device_ != nullptr) {
    if (handle_ != nullptr) {
      const ProviderCore& core = device_->core();
      core.call_void("releasing a buffer", [&] { core.memory.release(device_->handle(), handle_); });
    }
  } else if (address_ != 0) {
    std::free(data());
  }
  device_.reset();
  handle_ = nullptr;
  address_ = 0;
  size_ = 0;
}

}  // namespace bp
