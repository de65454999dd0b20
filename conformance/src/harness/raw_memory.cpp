#include "harness/raw_memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace bp::conformance {
namespace {

constexpr std::byte kCanary{0xC5};

uint64_t round_up(uint64_t value, uint64_t step) { return (value + step - 1) / step * step; }

}  // namespace

HostBlock::HostBlock(uint64_t size, uint64_t alignment, uint64_t offset) : size_(size) {
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  alignment = std::max<uint64_t>(alignment, 1);
  const uint64_t inner = round_up(size + alignment + offset + 64, page) + (alignment > page ? alignment : 0);
  mapped_bytes_ = inner + 2 * page;
  void* mapped = ::mmap(nullptr, mapped_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  mapped_ = static_cast<std::byte*>(mapped);
  if (::mprotect(mapped_ + page, inner, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  std::memset(mapped_ + page, static_cast<int>(kCanary), inner);
  // The highest place with address % alignment == offset % alignment.
  const auto end = reinterpret_cast<uintptr_t>(mapped_ + page + inner);
  const uintptr_t highest = end - size;
  const uintptr_t place = highest - (highest - offset) % alignment;
  block_ = mapped_ + (place - reinterpret_cast<uintptr_t>(mapped_));
}

HostBlock::~HostBlock() { ::munmap(mapped_, mapped_bytes_); }

void HostBlock::write(std::string_view text) const {
  std::memcpy(block_, text.data(), std::min<size_t>(text.size(), size_));
}

void HostBlock::make_read_only() const {
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  ::mprotect(mapped_ + page, mapped_bytes_ - 2 * page, PROT_READ);
}

std::string HostBlock::damage() const {
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::byte* const end = mapped_ + mapped_bytes_ - page;
  for (const std::byte* at = mapped_ + page; at < end; ++at) {
    if (at == block_) {
      at += size_;
      if (at >= end) break;
    }
    if (*at != kCanary) {
      return at < block_
                 ? fmt::format("a byte was written, {} before the start of the {} bytes", block_ - at, size_)
                 : fmt::format("a byte was written, {} behind the end of the {} bytes", at - block_ - size_ + 1,
                               size_);
    }
  }
  return "";
}

bp_memory_kind_info memory_kind(const RawProvider& provider, uint32_t kind) {
  const bp_device_info info = provider.info();
  for (uint64_t i = 0; i < info.memory_kinds.count; ++i) {
    const auto* listed = BP_AT(bp_memory_kind_info, info.memory_kinds, i);
    if (listed->kind == kind) return *listed;
  }
  if (kind == BP_MEMORY_HOST) {  // for inputs that are wanted in host memory
    bp_memory_kind_info host{};
    host.alignment = 8;
    host.granularity = 1;
    return host;
  }
  fail(fmt::format("memory of kind {} is asked for, which the device does not list", kind));
}

KindMemory::KindMemory(const RawProvider& provider, uint32_t kind, uint64_t size, uint64_t alignment)
    : provider_(provider) {
  if (kind == BP_MEMORY_HOST) {
    block_ = std::make_unique<HostBlock>(size, std::max(alignment, memory_kind(provider, kind).alignment));
    slice_ = block_->slice();
    return;
  }
  memory_kind(provider, kind);
  slice_.size = size;
  if (size == 0) return;
  provider.must("allocate", [&] {
    return provider->memory->allocate(provider.device(), kind, size, nullptr, &slice_.buffer, &slice_.address);
  });
  if (slice_.buffer == nullptr) fail(fmt::format("allocate of kind {}: succeeded and gave no buffer", kind));
}

KindMemory::~KindMemory() {
  if (slice_.buffer != nullptr) provider_->memory->release(provider_.device(), slice_.buffer);
}

void KindMemory::write(std::string_view bytes) {
  if (block_) return block_->write(bytes);
  if (bytes.empty()) return;
  const bp_slice source{nullptr, reinterpret_cast<uintptr_t>(bytes.data()), 0, bytes.size()};
  provider_.must("copy to the device", [&] {
    return provider_->memory->copy(provider_.device(), nullptr, &source, &slice_, bytes.size(),
                                   BP_HOST_DATA_DURING_CALL);
  });
}

std::string KindMemory::read() {
  if (block_) return block_->read();
  std::string bytes(slice_.size, '\0');
  if (bytes.empty()) return bytes;
  const bp_slice target{nullptr, reinterpret_cast<uintptr_t>(bytes.data()), 0, bytes.size()};
  provider_.must("copy from the device", [&] {
    return provider_->memory->copy(provider_.device(), nullptr, &slice_, &target, bytes.size(), 0);
  });
  return bytes;
}

}  // namespace bp::conformance
