#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <thread>

#include "commands.hpp"
#include "drive/describe.hpp"
#include "drive/machine.hpp"
#include "drive/runner.hpp"
#include "drive/target.hpp"
#include "plan_flags.hpp"
#include "report/report_files.hpp"

namespace bp::conformance {
namespace {

struct RunFlags {
  PlanFlags plan;
  std::string manifest;
  CaseTarget target;
  RunnerOptions runner;
  std::string report_folder;  // empty: no report
};

// The report but for what the cases say.
Report begin_report(const RunFlags& flags, const CaseTarget& target) {
  std::filesystem::create_directories(flags.report_folder);  // or an error now, not after the run
  Report report;
  report.provider = describe_provider(flags.runner.launcher, target);
  report.run = machine_facts();
  report.run.level = static_cast<Level>(flags.plan.level);
  report.run.filters = flags.plan.filter.describe();
  report.run.options = target.options;
  report.run.seed = target.seed;
  report.run.thread_count = target.thread_count;
  report.run.time_factor = target.time_factor;
  for (const std::string& corpus : flags.plan.request.corpora) {
    const std::filesystem::path folder = std::filesystem::canonical(corpus);
    report.run.corpora[folder.filename().string()] = folder_digest(folder.string());
  }
  return report;
}

int run(RunFlags& flags) {
  CaseTarget target = find_target(flags.manifest);
  target.device = flags.target.device;
  target.thread_count = flags.target.thread_count;
  target.time_factor = flags.target.time_factor;
  target.seed = flags.plan.request.seed;
  const std::vector<CaseInfo> planned = flags.plan.plan();
  const auto start = std::chrono::steady_clock::now();
  Report report;
  if (!flags.report_folder.empty()) report = begin_report(flags, target);
  OutcomeCounts counts{};
  bool bad = false;
  std::vector<CaseResult> results =
      run_cases(planned, target, flags.runner, {}, [&](const CaseInfo& info, const CaseResult& result) {
        ++counts[static_cast<size_t>(result.outcome)];
        bad |= is_bad(result.outcome);
        if (is_bad(result.outcome)) {
          fmt::print("{} {}\n  {}\n", outcome_name(result.outcome), info.id, result.text);
        }
      });
  fmt::print("{} cases:", planned.size());
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    if (counts[i] > 0) fmt::print(" {} {}", counts[i], outcome_name(static_cast<Outcome>(i)));
  }
  fmt::print("\n");
  if (!flags.report_folder.empty()) {
    report.planned = planned;
    report.results = std::move(results);
    report.run.duration_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_report_files(report, flags.report_folder);
    fmt::print("report: {}\n", (std::filesystem::path(flags.report_folder) / "report.html").string());
  }
  return bad ? kExitFailed : kExitOk;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<RunFlags>();
  flags->runner.jobs = std::max(1u, std::thread::hardware_concurrency());
  CLI::App* command = app.add_subcommand("run", "Judges a provider");
  command->add_option("--provider", flags->manifest, "The provider's manifest")->required();
  command->add_option("--device", flags->target.device, "Which of its devices")->capture_default_str();
  command->add_option("--threads", flags->target.thread_count, "Threads that its runs may use")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--jobs", flags->runner.jobs, "Processes at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--batch", flags->runner.batch_size, "Cases in one process, for devices that start slowly")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--repeat", flags->runner.repeats, "How often a failing case is tried again")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command->add_option("--time-factor", flags->target.time_factor, "Multiplies all times, for slow devices")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--report", flags->report_folder,
                      "A folder for report.json, report.html, junit.xml, ...");
  flags->plan.add_to(*command);
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace bp::conformance
