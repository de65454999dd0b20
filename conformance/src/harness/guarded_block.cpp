#include "harness/guarded_block.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "harness/device_under_test.hpp"

namespace bp::conformance {
namespace {

constexpr uint8_t kCanary = 0xC5;

uint64_t page_bytes() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }
uint64_t round_up(uint64_t size, uint64_t step) { return (size + step - 1) / step * step; }

}  // namespace

// [forbidden page][pages][forbidden page]
struct GuardedBlock::Pages {
  uint64_t page = page_bytes();
  uint64_t total = 0;
  std::byte* base = nullptr;

  explicit Pages(uint64_t usable) : total(usable + 2 * page) {
    void* mapped = mmap(nullptr, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("no memory for a guarded block");
    base = static_cast<std::byte*>(mapped);
    if (mprotect(base + page, usable, PROT_READ | PROT_WRITE) != 0) throw std::runtime_error("mprotect failed");
  }
  ~Pages() { munmap(base, total); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  std::byte* usable() const { return base + page; }
};

GuardedBlock::GuardedBlock(Device& device, const Stream* stream, uint32_t kind, uint64_t size_bytes,
                           uint64_t alignment)
    : device_(&device), stream_(stream), size_(size_bytes) {
  const MemoryKindInfo* info = device.info().find_memory(kind);
  if (info != nullptr) alignment = std::max(alignment, info->alignment);
  if (kind == kHostMemory) {
    const uint64_t page = page_bytes();
    const uint64_t room = round_up(std::max<uint64_t>(size_, 1), alignment);
    whole_ = round_up(room, std::max(page, alignment));
    pages_ = std::make_shared<Pages>(whole_);
    offset_ = whole_ - room;
    std::memset(pages_->usable(), kCanary, whole_);
    return;
  }
  const uint64_t margin = round_up(256, alignment);
  whole_ = round_up(margin + size_ + margin, info == nullptr ? 1 : std::max<uint64_t>(info->granularity, 1));
  buffer_ = std::make_shared<Buffer>(expect_ok(device.allocate(kind, whole_, stream),
                                               fmt::format("allocating {} bytes of kind {}", whole_, kind)));
  offset_ = margin;
  const std::vector<std::byte> pattern(whole_, std::byte{kCanary});
  copy(host_slice(pattern.data(), whole_), buffer_->slice(0, whole_), whole_);
}

Slice GuardedBlock::slice() const noexcept {
  if (buffer_ != nullptr) return buffer_->slice(offset_, size_);
  return host_slice(pages_->usable() + offset_, size_);
}

void GuardedBlock::wait() {
  if (stream_ == nullptr) return;
  // Streams are serial and this one is ours.
  const Event event = expect_ok(const_cast<Stream*>(stream_)->record(), "recording an event");
  expect_ok(event.wait(), "waiting for a copy");
}

void GuardedBlock::copy(const Slice& src, const Slice& dst, uint64_t size_bytes) {
  if (size_bytes == 0) return;
  expect_ok(device_->copy(stream_, src, dst, size_bytes, HostData::kDuringCall), "copying");
  wait();
}

void GuardedBlock::write(std::span<const std::byte> bytes) {
  if (buffer_ != nullptr) return copy(host_slice(bytes.data(), bytes.size()), slice(), bytes.size());
  if (!bytes.empty()) std::memcpy(pages_->usable() + offset_, bytes.data(), bytes.size());
}

void GuardedBlock::fill(uint8_t pattern) { write(std::vector<std::byte>(size_, std::byte{pattern})); }

std::vector<std::byte> GuardedBlock::read() {
  std::vector<std::byte> bytes(size_);
  if (buffer_ != nullptr) {
    copy(slice(), host_slice(bytes.data(), size_), size_);
  } else if (size_ > 0) {
    std::memcpy(bytes.data(), pages_->usable() + offset_, size_);
  }
  return bytes;
}

std::string GuardedBlock::damage() {
  std::vector<std::byte> staged;
  const std::byte* all = nullptr;
  if (buffer_ != nullptr) {
    staged.resize(whole_);
    copy(buffer_->slice(0, whole_), host_slice(staged.data(), whole_), whole_);
    all = staged.data();
  } else {
    all = pages_->usable();
  }
  for (uint64_t at = offset_; at-- > 0;)
    if (all[at] != std::byte{kCanary}) return fmt::format("{} bytes before it", offset_ - at);
  for (uint64_t at = offset_ + size_; at < whole_; ++at)
    if (all[at] != std::byte{kCanary}) return fmt::format("{} bytes behind it", at - offset_ - size_ + 1);
  return {};
}

}  // namespace bp::conformance
