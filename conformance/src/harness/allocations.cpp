#include "harness/allocations.hpp"

#include <link.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BP_WATCHED 0
#else
#define BP_WATCHED 1
#endif

namespace bp::conformance {
namespace {

constexpr uint64_t kNever = 0;

// Plain and constant-initialized: malloc runs before any constructor.
std::atomic<bool> counting{false};
std::atomic<uint64_t> counted{0};
std::atomic<uint64_t> fail_at{kNever};
std::atomic<uint64_t> asked{0};
thread_local int own_depth = 0;

// Where the code lies whose allocations may fail.
struct CodeRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};
std::array<CodeRange, 16> ranges{};
size_t range_count = 0;

int add_ranges(dl_phdr_info* info, size_t, void* library) {
  const std::string_view name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  if (name != *static_cast<const std::string*>(library) && name.find("libstdc++") == std::string_view::npos) {
    return 0;
  }
  for (size_t i = 0; i < info->dlpi_phnum && range_count < ranges.size(); ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || !(part.p_flags & PF_X)) continue;
    const uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    ranges[range_count++] = {begin, begin + part.p_memsz};
  }
  return 0;
}

bool is_watched(const void* caller) noexcept {
  const auto place = reinterpret_cast<uintptr_t>(caller);
  for (size_t i = 0; i < range_count; ++i) {
    if (place >= ranges[i].begin && place < ranges[i].end) return true;
  }
  return false;
}

}  // namespace

// Called by every allocation; true: it has to fail.
bool note_allocation(const void* caller) noexcept;
bool note_allocation(const void* caller) noexcept {
  if (own_depth > 0) return false;
  if (counting.load(std::memory_order_relaxed)) ++counted;
  const uint64_t n = fail_at.load(std::memory_order_relaxed);
  return n != kNever && is_watched(caller) && ++asked == n;
}

bool can_watch_allocations() noexcept { return BP_WATCHED != 0; }

OwnAllocations::OwnAllocations() noexcept { ++own_depth; }
OwnAllocations::~OwnAllocations() { --own_depth; }

AllocationCount::AllocationCount() noexcept {
  counted = 0;
  counting = true;
}
AllocationCount::~AllocationCount() { counting = false; }
uint64_t AllocationCount::count() const noexcept { return counted; }

AllocationFailure::AllocationFailure(const std::string& library, uint64_t n) {
  range_count = 0;
  dl_iterate_phdr(add_ranges, const_cast<std::string*>(&library));
  asked = 0;
  fail_at = n;
}
AllocationFailure::~AllocationFailure() { fail_at = kNever; }
bool AllocationFailure::happened() const noexcept { return asked >= fail_at; }

}  // namespace bp::conformance

#if BP_WATCHED
// glibc's own allocator under the names that it keeps for this purpose.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* block);
}

namespace {
bool fails(const void* caller) noexcept {
  if (!bp::conformance::note_allocation(caller)) return false;
  errno = ENOMEM;
  return true;
}
}  // namespace

extern "C" {
void* malloc(size_t size) { return fails(__builtin_return_address(0)) ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) {
  return fails(__builtin_return_address(0)) ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* block, size_t size) {
  return fails(__builtin_return_address(0)) ? nullptr : __libc_realloc(block, size);
}
void* memalign(size_t alignment, size_t size) {
  return fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** block, size_t alignment, size_t size) {
  if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* const made = fails(__builtin_return_address(0)) ? nullptr : __libc_memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}
void free(void* block) { __libc_free(block); }
}
#endif
