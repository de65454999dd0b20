#include "process_memory.hpp"

#include <fstream>
#include <string>

namespace bp::cli {

ProcessMemory process_memory() {
  ProcessMemory memory;
  std::ifstream status("/proc/self/status");
  std::string key;
  while (status >> key) {
    uint64_t kibibytes = 0;
    if (key == "VmRSS:" && status >> kibibytes) memory.rss_bytes = kibibytes * 1024;
    if (key == "VmHWM:" && status >> kibibytes) memory.peak_rss_bytes = kibibytes * 1024;
    status.ignore(1 << 16, '\n');
  }
  return memory;
}

}  // namespace bp::cli
