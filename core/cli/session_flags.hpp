// Flags that every command with a session shares, and what they make.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backplane/backplane.hpp"

namespace CLI {
class App;
}

namespace bp::cli {

// Where providers are looked for.
struct EnvironmentFlags {
  std::vector<std::string> plugin_dirs;
  bool only_plugin_dirs = false;
  uint32_t verbosity = 0;
  std::vector<std::string> probe_command;  // no flag: set by the command that wants it

  void add(CLI::App& command);
  Result<Environment> create() const;
};

struct SessionFlags {
  EnvironmentFlags environment;
  std::vector<std::string> providers;
  std::vector<std::string> options;  // PROVIDER.OPTION=VALUE
  std::vector<std::string> dims;     // SYMBOL=N
  std::vector<std::string> shapes;   // INPUT=1x3x224x224 or INPUT=min:opt:max
  std::string optimization = "all";
  uint32_t threads = 0;
  uint64_t memory_limit_mib = 0;
  bool automatic = false;
  bool deterministic = false;
  std::string profile;
  std::string saved_programs;

  void add(CLI::App& command);
  Result<SessionOptions> create() const;
};

// "1x3x224x224" -> dims.
Result<std::vector<int64_t>> parse_dims(const std::string& text);
// Splits at the first '='.
Result<std::pair<std::string, std::string>> parse_pair(const std::string& text, const char* form);
// Prints "error: ..." to stderr; returns kExitError.
int report_error(const Status& status);

}  // namespace bp::cli
