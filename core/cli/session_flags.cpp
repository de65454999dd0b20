// Flags become options of the C++ API; what does not parse is told with the form that was expected.
#include "session_flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>

#include "commands.hpp"

namespace bp::cli {
namespace {

Result<int64_t> parse_number(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    return Status(ErrorCode::kInvalidArgument, "expected a number >= 0, found '" + text + "'");
  return number;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == separator)
      parts.emplace_back();
    else
      parts.back() += letter;
  }
  return parts;
}

}  // namespace

void EnvironmentFlags::add(CLI::App& command) {
  command
      .add_option("--plugin-dir", plugin_dirs,
                  "Folder of providers (or one manifest) searched first; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command.add_flag("--only-plugin-dirs", only_plugin_dirs, "Search no other places for providers");
  command.add_flag("-v,--verbose", verbosity, "Show what the core and the providers log; twice for details");
}

Result<Environment> EnvironmentFlags::create() const {
  EnvironmentOptions made;
  made.plugin_directories = plugin_dirs;
  made.search_standard_places = !only_plugin_dirs;
  made.probe_command = probe_command;
  made.log_level = verbosity == 0   ? LogSeverity::kWarning
                   : verbosity == 1 ? LogSeverity::kInfo
                                    : LogSeverity::kTrace;
  made.log = [](LogSeverity severity, std::string_view message) {
    fmt::print(stderr, "{}: {}\n", log_severity_name(severity), message);
  };
  return Environment::create(std::move(made));
}

void SessionFlags::add(CLI::App& command) {
  environment.add(command);
  command
      .add_option(
          "--provider", providers,
          "Device, provider or kind in order of preference (CPU, CUDA:1, com.acme.npu, gpu); repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_option("--option", options, "Option of a provider; repeatable")
      ->type_name("PROVIDER.OPTION=VALUE")
      ->allow_extra_args(false);
  command.add_option("--dim", dims, "Size of a symbolic dim; repeatable")
      ->type_name("SYMBOL=N")
      ->allow_extra_args(false);
  command.add_option("--shape", shapes, "Dims of an input, or their range; repeatable")
      ->type_name("INPUT=1x3x224x224|MIN:OPT:MAX")
      ->allow_extra_args(false);
  command.add_option("--opt", optimization, "Optimization of the graph")
      ->check(CLI::IsMember({"none", "basic", "all"}))
      ->capture_default_str();
  command.add_option("--threads", threads, "Threads of a run; 0: one per core")->capture_default_str();
  command.add_option("--memory-limit", memory_limit_mib, "Planned memory of one run")->type_name("MiB");
  command.add_flag("--auto", automatic, "Let cost decide between devices, not the order alone");
  command.add_flag("--deterministic", deterministic, "Only devices that give the same bits at every run");
  command.add_option("--profile", profile, "Write a trace for Perfetto")->type_name("FILE");
  command.add_option("--programs", saved_programs, "Saved programs made by `backplane compile`")
      ->type_name("FILE");
}

Result<SessionOptions> SessionFlags::create() const {
  SessionOptions made;
  made.providers = providers;
  made.automatic = automatic;
  made.deterministic = deterministic;
  made.threads = threads;
  made.memory_limit_bytes = memory_limit_mib << 20;
  made.profile_path = profile;
  made.saved_programs = saved_programs;
  made.optimization = optimization == "none"    ? OptimizationLevel::kNone
                      : optimization == "basic" ? OptimizationLevel::kBasic
                                                : OptimizationLevel::kAll;
  for (const std::string& text : options) {
    BP_ASSIGN_OR_RETURN(const auto pair, parse_pair(text, "PROVIDER.OPTION=VALUE"));
    made.options[pair.first] = pair.second;
  }
  for (const std::string& text : dims) {
    BP_ASSIGN_OR_RETURN(const auto pair, parse_pair(text, "SYMBOL=N"));
    BP_ASSIGN_OR_RETURN(made.fixed_dims[pair.first], parse_number(pair.second));
  }
  for (const std::string& text : shapes) {
    BP_ASSIGN_OR_RETURN(const auto pair, parse_pair(text, "INPUT=DIMS"));
    const auto parts = split(pair.second, ':');
    if (parts.size() != 1 && parts.size() != 3)
      return Status(ErrorCode::kInvalidArgument, "--shape " + text + ": expected DIMS or MIN:OPT:MAX");
    ShapeRange range;
    BP_ASSIGN_OR_RETURN(range.min_dims, parse_dims(parts.front()));
    BP_ASSIGN_OR_RETURN(range.opt_dims, parse_dims(parts[parts.size() / 2]));
    BP_ASSIGN_OR_RETURN(range.max_dims, parse_dims(parts.back()));
    made.shape_ranges[pair.first] = std::move(range);
  }
  return made;
}

Result<std::vector<int64_t>> parse_dims(const std::string& text) {
  std::vector<int64_t> dims;
  if (text.empty()) return dims;
  for (const std::string& part : split(text, 'x')) {
    BP_ASSIGN_OR_RETURN(const int64_t size, parse_number(part));
    dims.push_back(size);
  }
  return dims;
}

Result<std::pair<std::string, std::string>> parse_pair(const std::string& text, const char* form) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return Status(ErrorCode::kInvalidArgument, std::string("expected ") + form + ", found '" + text + "'");
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

int report_error(const Status& status) {
  fmt::print(stderr, "error: {}: {}\n", error_code_name(status.code()), status.message());
  return kExitError;
}

}  // namespace bp::cli
