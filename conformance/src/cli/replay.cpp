#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "commands.hpp"
#include "drive/bundle.hpp"
#include "drive/runner.hpp"
#include "drive/serve.hpp"
#include "drive/target.hpp"

namespace bp::conformance {
namespace {

struct ReplayFlags {
  std::string bundle;
  std::string manifest;
  bool here = false;
};

int replay(const ReplayFlags& flags) {
  Bundle bundle = read_replay(flags.bundle);
  // The library may have moved, or been built anew; which variant runs here is decided here.
  const CaseTarget found = find_target(flags.manifest.empty() ? bundle.target.manifest_path : flags.manifest);
  bundle.target.manifest_path = found.manifest_path;
  bundle.target.library_path = found.library_path;
  bundle.target.provider_id = found.provider_id;
  CaseResult result;
  if (flags.here) {
    result = run_case(bundle.info, bundle.target);
  } else {
    RunnerOptions options;
    options.repeats = 0;
    result = run_cases({bundle.info}, bundle.target, options, {}, [](const auto&, const auto&) {}).front();
  }
  fmt::print("{} {} in {:.1f} ms, seed {}\n", outcome_name(result.outcome), result.id,
             static_cast<double>(result.duration.count()) / 1000, result.seed);
  if (!result.text.empty()) fmt::print("  {}\n", result.text);
  return is_bad(result.outcome) ? kExitFailed : kExitOk;
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* command = app.add_subcommand("replay", "Runs the case of a replay bundle again");
  command->add_option("bundle", flags->bundle, "The folder, or its replay.json")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_option("--provider", flags->manifest, "Another manifest than that of the bundle");
  command->add_flag("--here", flags->here, "In this process, for a debugger");
  command->callback([flags, &exit_code] { exit_code = replay(*flags); });
}

}  // namespace bp::conformance
