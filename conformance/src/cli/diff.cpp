#include "report/diff.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "report/json_report.hpp"
#include "report/report_files.hpp"
#include "report/verify.hpp"

namespace bp::conformance {
namespace {

struct DiffFlags {
  std::string before, after;
  DiffOptions options;
  int64_t slow_floor_ms = 50;
  size_t most = 20;
  bool strict = false;
};

// Of a report that is not whole nothing can be said.
Report read_whole(const std::string& path) {
  const std::string text = read_report_text(path);
  const Findings findings = verify_report(text);
  if (!findings.empty()) {
    throw std::runtime_error(fmt::format("'{}' is not whole: {}: {}; `verify` says more", path,
                                         findings.front().place, findings.front().text));
  }
  return read_report_json(text).report;
}

int diff(DiffFlags& flags) {
  flags.options.slow_floor = std::chrono::milliseconds(flags.slow_floor_ms);
  const Report before = read_whole(flags.before);
  const ReportDiff difference = diff_reports(before, read_whole(flags.after), flags.options);
  fmt::print("{}", diff_text(difference, flags.most));
  const bool grew = !difference.errors.empty() || !difference.slower.empty();
  return difference.is_worse() || (flags.strict && grew) ? kExitFailed : kExitOk;
}

}  // namespace

void add_diff(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<DiffFlags>();
  CLI::App* command = app.add_subcommand("diff", "Says what changed from one report to another");
  command->add_option("old", flags->before, "report.json, or the folder that it is in")->required();
  command->add_option("new", flags->after, "The later one")->required();
  command
      ->add_option("--error-factor", flags->options.error_factor,
                   "An error grew when it is this many times larger")
      ->check(CLI::Range(1.0, 1e9))
      ->capture_default_str();
  command
      ->add_option("--error-floor", flags->options.error_floor,
                   "Errors below this part of their tolerance do not count")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--slow-factor", flags->options.slow_factor,
                   "A case is slower when it took this many times as long")
      ->check(CLI::Range(1.0, 1e9))
      ->capture_default_str();
  command->add_option("--slow-floor", flags->slow_floor_ms, "and at least so many milliseconds longer")
      ->check(CLI::Range(0, 86'400'000))
      ->capture_default_str();
  command->add_option("--most", flags->most, "Lines of each kind; the worse ones are all shown")
      ->capture_default_str();
  command->add_flag("--strict", flags->strict, "Errors that grew and slower cases make the exit code 1 too");
  command->callback([flags, &exit_code] { exit_code = diff(*flags); });
}

}  // namespace bp::conformance
