#include "drive/machine.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/mapped_file.hpp"
#include "compare/tolerances.hpp"
#include "provider/digest.hpp"

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;

// The value of the first line that begins with `name` and `separator`; quotes and blanks around it are taken
// off.
std::string value_in(const std::string& path, std::string_view name, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t at = line.find(separator);
    if (!line.starts_with(name) || at == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t\"", at + 1);
    const size_t end = line.find_last_not_of(" \t\"");
    return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
  }
  return "";
}

std::string system_name() {
  std::string name = value_in("/etc/os-release", "PRETTY_NAME", '=');
  utsname kernel{};
  if (::uname(&kernel) == 0) {
    name += fmt::format("{}{} {} {}", name.empty() ? "" : ", ", kernel.sysname, kernel.release, kernel.machine);
  }
  return name;
}

std::string digest_of(std::string_view text) { return sha256_hex(std::as_bytes(std::span(text))); }

}  // namespace

RunFacts machine_facts() {
  RunFacts facts;
  facts.runner_version = BP_CONFORMANCE_VERSION;
  facts.started_utc = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  facts.system = system_name();
  facts.cpu = value_in("/proc/cpuinfo", "model name", ':');
  facts.cores = std::thread::hardware_concurrency();
  facts.tolerances_sha256 = digest_of(ToleranceTable::built_in_text());
  return facts;
}

std::string folder_digest(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink)) {
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), folder).generic_string());
  }
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string& name : names) {
    const auto file = MappedFile::open((fs::path(folder) / name).string());
    if (!file.ok()) throw std::runtime_error(std::string(file.status().message()));
    list += sha256_hex((*file)->bytes()) + "  " + name + "\n";
  }
  return digest_of(list);
}

}  // namespace bp::conformance
