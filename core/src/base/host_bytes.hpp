// The one place where the core takes large pieces of host memory.
#pragma once

#include <cstdint>

namespace bp {

// `alignment`: a power of two, at least that of a pointer. The bytes are not initialized; std::free releases
// them. Null when there is no memory left; size 0 gives a valid pointer. Large pieces ask for huge pages: one
// fault instead of 512.
void* allocate_host_bytes(uint64_t size_bytes, uint64_t alignment) noexcept;

}  // namespace bp
