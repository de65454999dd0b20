// Elements of 4 and 2 bits between the packed form in which they cross the ABI (low bits first) and the form in
// which kernels see them: one to a byte, signed ones with their sign.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernel.hpp"
#include "types.hpp"

namespace bp::cpu {

// Elements [begin, end) of `packed` become the bytes target[begin..end).
void unpack_elements(Type type, const std::byte* packed, int64_t begin, int64_t end, std::byte* target);
// The reverse; bits behind the last of `count` elements are 0. Begins and ends on a whole byte of the target.
void pack_elements(Type type, const std::byte* elements, int64_t first_byte, int64_t last_byte, int64_t count,
                   std::byte* packed);

// Steps; operands: source, destination.
std::unique_ptr<Kernel> unpack_kernel(Type type, int64_t count, int threads);
std::unique_ptr<Kernel> pack_kernel(Type type, int64_t count, int threads);

}  // namespace bp::cpu
