// What the kernel says about this process's memory (/proc/self/status).
#pragma once

#include <cstdint>

namespace bp::cli {

struct ProcessMemory {
  uint64_t rss_bytes = 0;       // resident now; 0 where the kernel does not tell
  uint64_t peak_rss_bytes = 0;  // the most since the process started
};

ProcessMemory process_memory();

}  // namespace bp::cli
