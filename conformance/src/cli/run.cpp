#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include "commands.hpp"
#include "drive/bundle.hpp"
#include "drive/claims.hpp"
#include "drive/describe.hpp"
#include "drive/journal.hpp"
#include "drive/machine.hpp"
#include "drive/progress.hpp"
#include "drive/runner.hpp"
#include "drive/serve.hpp"
#include "drive/target.hpp"
#include "drive/waivers.hpp"
#include "plan_flags.hpp"
#include "report/report_files.hpp"

namespace bp::conformance {
namespace {

struct RunFlags {
  PlanFlags plan;
  std::string manifest;
  CaseTarget target;
  RunnerOptions runner;
  std::vector<std::string> options;
  std::string report_folder;  // empty: no report
  std::string waivers;        // empty: beside the manifest
  bool resume = false;
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

std::vector<std::pair<std::string, std::string>> read_options(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> options;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw std::runtime_error(fmt::format("--option {}: expected NAME=VALUE", text));
    }
    options.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return options;
}

// Of --waivers, or of the file beside the manifest where there is one for this provider.
std::vector<Waiver> find_waivers(const RunFlags& flags, const CaseTarget& target) {
  if (flags.waivers.empty()) {
    const auto beside = std::filesystem::path(target.manifest_path).parent_path() / "conformance.toml";
    if (!std::filesystem::exists(beside)) return {};
    WaiverFile file = read_waivers(beside.string());
    return file.provider_id == target.provider_id ? std::move(file.waivers) : std::vector<Waiver>();
  }
  WaiverFile file = read_waivers(flags.waivers);
  if (file.provider_id != target.provider_id) {
    throw std::runtime_error(fmt::format("{} is for provider '{}', the manifest says '{}'", flags.waivers,
                                         file.provider_id, target.provider_id));
  }
  return std::move(file.waivers);
}

class Run {
 public:
  explicit Run(RunFlags& flags) : flags_(flags), target_(find_target(flags.manifest)) {
    target_.device = flags.target.device;
    target_.thread_count = flags.target.thread_count;
    target_.time_factor = flags.target.time_factor;
    target_.seed = flags.plan.request.seed;
    target_.options = read_options(flags.options);
    if (!flags.report_folder.empty()) {
      target_.bundle_folder = std::filesystem::absolute(flags.report_folder) / "replay";
    }
    for (Waiver& waiver : find_waivers(flags, target_)) waivers_[waiver.case_id] = std::move(waiver);
  }

  int run() {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<CaseInfo> planned = flags_.plan.plan();
    Report report;
    std::map<std::string, CaseResult> known;
    if (!flags_.report_folder.empty()) {
      report = begin_report(flags_, target_);
      const auto file = std::filesystem::path(flags_.report_folder) / "journal.jsonl";
      journal_.emplace(file.string(), journal_header(target_, report.provider.library_sha256), flags_.resume);
      for (const CaseInfo& info : planned) {
        const auto found = journal_->known().find(info.id);
        if (found != journal_->known().end()) known.insert(*found);
      }
    }
    const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
    Progress progress(stdout, is_terminal, planned.size(), known.size());
    if (!known.empty()) fmt::print("{} of {} cases are known from the journal\n", known.size(), planned.size());
    std::vector<CaseResult> results =
        run_cases(planned, target_, flags_.runner, known, [&](const CaseInfo& info, const CaseResult& result) {
          if (journal_) journal_->add(result);
          if (is_bad(result.outcome)) keep_for_replay(info);
          progress.add(info, judged(result));
        });
    progress.end();
    OutcomeCounts counts{};
    bool bad = false;
    for (CaseResult& result : results) {
      result = judged(std::move(result));
      ++counts[static_cast<size_t>(result.outcome)];
      bad |= is_bad(result.outcome);
    }
    fmt::print("{} cases: {}\n", planned.size(), counts_text(counts));
    tell_unused_waivers(planned);
    if (!flags_.report_folder.empty()) {
      report.planned = planned;
      report.results = std::move(results);
      const bool all =
          flags_.plan.filter.describe().empty() && flags_.plan.level >= static_cast<int>(Level::kClaims);
      if (all) report.claimed_untested = find_claimed_untested(flags_.runner.launcher, target_, planned);
      for (const auto& [id, waiver] : waivers_) report.waivers.push_back(waiver);
      report.run.duration_seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      write_report_files(report, flags_.report_folder);
      fmt::print("report: {}\n", (std::filesystem::path(flags_.report_folder) / "report.html").string());
    }
    return bad ? kExitFailed : kExitOk;
  }

 private:
  CaseResult judged(CaseResult result) const {
    const auto found = waivers_.find(result.id);
    if (found != waivers_.end()) apply_waiver(found->second, today_, result);
    return result;
  }

  void keep_for_replay(const CaseInfo& info) const {
    if (target_.bundle_folder.empty()) return;
    write_replay((std::filesystem::path(target_.bundle_folder) / file_name_of(info.id)).string(),
                 {info, target_});
  }

  // A waiver for a case that there is not would wait for ever.
  void tell_unused_waivers(const std::vector<CaseInfo>& planned) const {
    std::set<std::string_view> ids;
    for (const CaseInfo& info : planned) ids.insert(info.id);
    for (const auto& [id, waiver] : waivers_) {
      if (!ids.contains(id)) fmt::print("note: the waiver of '{}' is for no case of this run\n", id);
      if (today_ > waiver.expires) fmt::print("note: the waiver of '{}' ended on {}\n", id, waiver.expires);
    }
  }

  RunFlags& flags_;
  CaseTarget target_;
  std::map<std::string, Waiver> waivers_;
  std::optional<Journal> journal_;
  const std::string today_ = today();
};

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
                      "A folder for report.json, report.html, junit.xml, the journal, replay bundles");
  command->add_flag("--resume", flags->resume, "Go on where the journal of the report's folder ends")
      ->needs(command->get_option("--report"));
  command->add_option("--waivers", flags->waivers, "Instead of conformance.toml beside the manifest")
      ->check(CLI::ExistingFile);
  command->add_option("--option", flags->options, "NAME=VALUE: an option of the provider");
  command
      ->add_option("--give-up", flags->runner.give_up,
                   "After so many crashes or timeouts in a row the rest of a group is not run; 0: never")
      ->capture_default_str();
  flags->plan.add_to(*command);
  command->callback([flags, &exit_code] { exit_code = Run(*flags).run(); });
}

}  // namespace bp::conformance
