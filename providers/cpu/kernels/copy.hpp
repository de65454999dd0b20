// Copies a contiguous block; operands: source, destination.
#pragma once

#include <cstdint>
#include <memory>

#include "kernel.hpp"

namespace bp::cpu {

std::unique_ptr<Kernel> copy_kernel(uint64_t bytes, int threads);

}  // namespace bp::cpu
