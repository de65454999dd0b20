// From a cut partition to a Program.
#pragma once

#include <memory>

#include "program.hpp"

namespace bp::cpu {

std::unique_ptr<Program> compile_partition(const bp_host* host, const bp_compile_args& args);

}  // namespace bp::cpu
