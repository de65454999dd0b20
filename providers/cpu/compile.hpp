// From a cut partition to a Program.
#pragma once

#include <memory>

#include "program.hpp"

namespace bp::cpu {

// `packs`: of a saved program, else null.
std::unique_ptr<Program> compile_partition(const bp_host* host, const bp_compile_args& args,
                                           std::unique_ptr<const SavedPacks> packs = nullptr);

}  // namespace bp::cpu
