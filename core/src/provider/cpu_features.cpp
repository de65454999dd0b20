#include "provider/cpu_features.hpp"

#include <algorithm>

#include "provider/read_file.hpp"

namespace bp {

std::set<std::string> parse_cpu_features(std::string_view cpuinfo) {
  std::set<std::string> features;
  while (!cpuinfo.empty() && features.empty()) {
    const size_t end = std::min(cpuinfo.find('\n'), cpuinfo.size());
    std::string_view line = cpuinfo.substr(0, end);
    cpuinfo.remove_prefix(std::min(end + 1, cpuinfo.size()));
    // x86 says "flags", ARM "Features", RISC-V and others differ and have no variants.
    if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
    line.remove_prefix(
        std::min(line.find(':') == std::string_view::npos ? line.size() : line.find(':') + 1, line.size()));
    while (!line.empty()) {
      const size_t begin = line.find_first_not_of(" \t");
      if (begin == std::string_view::npos) break;
      const size_t stop = std::min(line.find_first_of(" \t", begin), line.size());
      features.emplace(line.substr(begin, stop - begin));
      line.remove_prefix(stop);
    }
  }
  return features;
}

std::set<std::string> read_cpu_features() {
  constexpr uint64_t kMaxBytes = uint64_t{16} << 20;
  const auto text = read_small_file("/proc/cpuinfo", kMaxBytes);
  return text.ok() ? parse_cpu_features(*text) : std::set<std::string>();
}

}  // namespace bp
