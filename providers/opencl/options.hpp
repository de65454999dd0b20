// What a session may set for this provider.
#pragma once

#include <set>
#include <span>
#include <string>

#include "support.hpp"

namespace bp::opencl {

struct Options {
  bool fusion = true;  // pointwise nodes in one kernel, also behind convolutions and matrix products
  std::set<std::string, std::less<>> leave;  // operators that other devices shall have
};

std::span<const bp_option_info> option_infos();
Options read_options(const bp_array& options);

}  // namespace bp::opencl
