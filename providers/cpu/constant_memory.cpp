// Chunks double, so that a small program takes little and a large one has few.
#include "constant_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace bp::cpu {

namespace {
constexpr uint64_t kAlignment = 64;
constexpr uint64_t kHugePage = uint64_t{2} << 20;
constexpr uint64_t kSmallestChunk = uint64_t{64} << 10;
constexpr uint64_t kLargestChunk = uint64_t{32} << 20;

uint64_t round_up(uint64_t size, uint64_t to) { return (size + to - 1) / to * to; }
}  // namespace

void ConstantMemory::Release::operator()(std::byte* bytes) const noexcept { std::free(bytes); }

std::byte* ConstantMemory::add_chunk(uint64_t size_bytes, uint64_t alignment) {
  void* bytes = nullptr;
  if (posix_memalign(&bytes, alignment, size_bytes) != 0) throw std::bad_alloc();
  chunks_.emplace_back(static_cast<std::byte*>(bytes));
  // One fault per huge page instead of 512; what does not fill one stays in small ones. Only a wish.
  if (size_bytes >= kHugePage) madvise(bytes, size_bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return chunks_.back().get();
}

std::byte* ConstantMemory::take(uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  if (size_bytes > UINT64_MAX - 2 * kHugePage) throw std::bad_alloc();
  const uint64_t size = round_up(std::max<uint64_t>(size_bytes, 1), kAlignment);
  if (size > left_) {
    uint64_t chunk = std::clamp(taken_, kSmallestChunk, kLargestChunk);
    chunk = chunk < kHugePage ? std::max(chunk, size) : round_up(std::max(chunk, size), kHugePage);
    next_ = add_chunk(chunk, chunk < kHugePage ? kAlignment : kHugePage);
    left_ = chunk;
  }
  std::byte* taken = next_;
  next_ += size;
  left_ -= size;
  taken_ += size;
  return taken;
}

}  // namespace bp::cpu
