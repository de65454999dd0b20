// Full tuning of a partition's layout: whole runs in each, on made-up inputs.
#pragma once

#include "program.hpp"

namespace bp::cpu {

struct LayoutChoice {
  Layout layout;
  std::string note;  // what was timed; may be empty
};

// In which layout convolutions leave their results in an instance for `args`: the program's own choice, or what
// tuning found.
LayoutChoice choose_layout(const Program& program, const bp_specialize_args& args);

}  // namespace bp::cpu
