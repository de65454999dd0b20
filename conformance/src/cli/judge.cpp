#include "judge/judge.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <thread>

#include "commands.hpp"

namespace bp::conformance {
namespace {

struct JudgeFlags {
  std::string folder;
  std::string only;
  int level = 2;
  RunnerOptions runner;
};

bool matches(const std::string& glob, const std::string& name) {
  return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')).substr(0, 160); }

bool judge_all_good(const JudgeFlags& flags) {
  bool all_good = true;
  for (const char* variant : {"good", "good_synchronous"}) {
    if (!flags.only.empty() && !matches(flags.only, variant)) continue;
    size_t planned = 0;

    const std::string manifest = fmt::format("{}/bp_broken_{}.json", flags.folder, variant);
    const std::vector<CaseResult> bad =
        judge_good(manifest, static_cast<Level>(flags.level), flags.runner, &planned);
    fmt::print("{:<6}  {}: no fault, {} cases\n", bad.empty() ? "clean" : "BLAMED", variant, planned);
    for (const CaseResult& result : bad) {
      fmt::print("        {} {}: {}\n", outcome_name(result.outcome), result.id, first_line(result.text));
    }
    all_good &= bad.empty();
  }
  return all_good;
}

int judge(JudgeFlags& flags) {
  if (flags.folder.empty()) flags.folder = find_broken_folder();
  size_t rows = 0;
  size_t caught = 0;
  for (const BrokenProvider& row : read_broken_table(flags.folder + "/table.json")) {
    if (!flags.only.empty() && !matches(flags.only, row.variant)) continue;
    const BrokenVerdict verdict = judge_broken(row, flags.folder, flags.runner);
    ++rows;
    caught += verdict.caught ? 1 : 0;
    fmt::print("{:<6}  {}: {}\n        {} by {}", verdict.caught ? "caught" : "MISSED", row.variant, row.fault,
               outcome_name(row.outcome), row.case_id);
    if (!verdict.caught) fmt::print(", found {} by {}", outcome_name(verdict.outcome), verdict.case_id);
    fmt::print(": {}\n", first_line(verdict.text));
    std::fflush(stdout);
  }
  const bool clean = judge_all_good(flags);
  fmt::print("{} of {} broken providers caught\n", caught, rows);
  return caught == rows && clean ? kExitOk : kExitFailed;
}

}  // namespace

void add_judge(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<JudgeFlags>();
  flags->runner.jobs = std::max(1u, std::thread::hardware_concurrency());
  flags->runner.repeats = 0;
  CLI::App* command = app.add_subcommand(
      "judge", "Judges the runner itself: broken providers have to be caught, good ones not");
  command->add_option("--folder", flags->folder, "Where the broken providers and table.json are");
  command->add_option("--only", flags->only, "A glob of variants");
  command->add_option("--level", flags->level, "Of the cases for providers without a fault")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
  command->callback([flags, &exit_code] { exit_code = judge(*flags); });
}

}  // namespace bp::conformance
