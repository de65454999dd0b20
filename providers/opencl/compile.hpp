// From a cut partition to a Program.
#pragma once

#include <memory>

#include "program.hpp"

namespace bp::opencl {

std::unique_ptr<Program> compile_partition(Device& device, const bp_compile_args& args);

}  // namespace bp::opencl
