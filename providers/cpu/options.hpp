// What a session may set for this provider.
#pragma once

#include <span>
#include <string>

#include "support.hpp"

namespace bp::cpu {

enum class TuningMode : uint8_t {
  kOff,    // by rule
  kQuick,  // what the rule is unsure of is timed once
  kFull,   // every choice is timed, that of the layout in whole runs
};

struct Options {
  bool fusion = true;    // convolution, matmul and elementwise nodes in one step
  bool winograd = true;  // fewer multiplications in 3x3 convolutions; another rounding than the direct sum
  bool deterministic =
      false;  // the same bits at every run, whatever the threads; no Winograd and no tuning then
  // Matrix products with constant weights in bfloat16, sums in float32; the processor has the instructions.
  bool bfloat16 = false;
  TuningMode tuning = TuningMode::kOff;
  std::string tuning_cache;  // a path; empty: the user's own file; "none": no file
};

std::span<const bp_option_info> option_infos();
Options read_options(const bp_array& options);

}  // namespace bp::cpu
