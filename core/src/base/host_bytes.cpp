#include "base/host_bytes.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

namespace bp {
namespace {
constexpr uint64_t kHugePage = uint64_t{2} << 20;
}  // namespace

void* allocate_host_bytes(uint64_t size_bytes, uint64_t alignment) noexcept {
  if (size_bytes >= kHugePage) alignment = std::max(alignment, kHugePage);
  void* bytes = nullptr;
  if (::posix_memalign(&bytes, alignment, std::max<uint64_t>(size_bytes, 1)) != 0) return nullptr;
  // What does not fill a huge page stays in small ones. Only a wish: an error changes nothing.
  if (size_bytes >= kHugePage) ::madvise(bytes, size_bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return bytes;
}

}  // namespace bp
