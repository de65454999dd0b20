// What a session may set for this provider.
#pragma once

#include <span>

#include "support.hpp"

namespace bp::cpu {

struct Options {
  bool fusion = true;    // convolution, matmul and elementwise nodes in one step
  bool winograd = true;  // fewer multiplications in 3x3 convolutions; another rounding than the direct sum
  bool deterministic = false;  // the same bits at every run, whatever the threads; no Winograd then
};

std::span<const bp_option_info> option_infos();
Options read_options(const bp_array& options);

}  // namespace bp::cpu
