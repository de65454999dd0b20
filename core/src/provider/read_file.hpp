// Small files, read whole and no further than a limit.
#pragma once

#include <cstdint>
#include <string>

#include "backplane/status.hpp"

namespace bp {

// Regular files only. NOT_FOUND, IO, INVALID_ARGUMENT (too large).
Result<std::string> read_small_file(const std::string& path, uint64_t max_bytes);

}  // namespace bp
