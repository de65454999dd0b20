// The options, read.
#pragma once

#include <backplane/provider/option.h>

namespace broken {

struct Settings {
  uint64_t max_partition_nodes = 64;
  uint64_t claim_up_to_bytes = 0;   // largest constant
  bool accumulate_float64 = false;  // MatMul
};

Settings read_settings(bp_array options);

}  // namespace broken
