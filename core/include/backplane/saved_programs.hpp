// What a file of saved programs holds. Session::save_programs writes one, SessionOptions::saved_programs uses
// it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backplane/export.hpp"
#include "backplane/status.hpp"

namespace bp {

struct SavedProgramSummary {
  std::string key;  // of the partition, its options and threads
  std::string provider;
  std::string provider_version;
  std::string fingerprint;  // of the device that it was compiled for
  std::string driver;
  uint32_t canonical_level = 0;
  uint64_t code_bytes = 0;
  uint64_t weight_bytes = 0;  // in the file; those that refer to the model are not counted
};

// In the order of the file. NOT_FOUND, IO, INCOMPATIBLE (another version of the format), INVALID_ARGUMENT (no
// saved programs, or damaged). Weights are not verified.
BP_API Result<std::vector<SavedProgramSummary>> list_saved_programs(const std::string& path);

}  // namespace bp
