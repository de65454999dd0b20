// What a session may set for this provider.
#pragma once

#include <span>

#include "support.hpp"

namespace bp::cpu {

struct Options {
  bool fusion = true;  // convolution, matmul and elementwise nodes in one step
};

std::span<const bp_option_info> option_infos();
Options read_options(const bp_array& options);

}  // namespace bp::cpu
