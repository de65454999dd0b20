// `backplane test DIR...`: official and own cases, a line for each failure, counts at the end.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "session_flags.hpp"
#include "test_case.hpp"

namespace bp::cli {
namespace {

struct TestFlags {
  SessionFlags session;
  std::vector<std::string> paths;
  std::string filter;
  Tolerance tolerance;
  std::string json;
  unsigned rounds = 1;
  bool all = false;
};

const char* outcome_name(TestOutcome outcome) {
  switch (outcome) {
    case TestOutcome::kPassed:
      return "passed";
    case TestOutcome::kFailed:
      return "failed";
    case TestOutcome::kSkipped:
      return "skipped";
  }
  return "";
}

int run_tests(const TestFlags& flags) {
  const auto options = flags.session.create();
  if (!options.ok()) return report_error(options.status());
  const auto environment = flags.session.environment.create();
  if (!environment.ok()) return report_error(environment.status());
  std::vector<TestCase> cases;
  for (const std::string& path : flags.paths) {
    auto found = find_test_cases(path);
    if (!found.ok()) return report_error(found.status());
    cases.insert(cases.end(), found->begin(), found->end());
  }
  size_t counts[3] = {};
  size_t by_definition = 0;
  auto records = nlohmann::json::array();
  for (const TestCase& test : cases) {
    if (!flags.filter.empty() && test.name.find(flags.filter) == std::string::npos) continue;
    const TestResult result = run_test_case(test, *environment, *options, flags.tolerance, flags.rounds);
    ++counts[static_cast<size_t>(result.outcome)];
    by_definition += result.note.empty() ? 0 : 1;
    const std::string& text = result.reason.empty() ? result.note : result.reason;
    if (result.outcome != TestOutcome::kPassed || flags.all || !text.empty())
      fmt::print("{:7} {}{}{}\n", outcome_name(result.outcome), test.name, text.empty() ? "" : ": ", text);
    records.push_back({{"name", test.name},
                       {"outcome", outcome_name(result.outcome)},
                       {"reason", result.reason},
                       {"note", result.note}});
  }
  const auto [passed, failed, skipped] = std::tuple{counts[0], counts[1], counts[2]};
  if (!flags.json.empty()) {
    std::ofstream file(flags.json);
    file << nlohmann::json{{"passed", passed}, {"failed", failed}, {"skipped", skipped}, {"cases", records}}
                .dump(1)
         << "\n";
    if (!file) return report_error({ErrorCode::kIo, "'" + flags.json + "' cannot be written"});
  }
  if (by_definition > 0)
    fmt::print("{} of random operators were judged by definition, not by a reference\n", by_definition);
  fmt::print("{} passed, {} failed, {} skipped\n", passed, failed, skipped);
  if (passed + failed == 0) return kExitError;
  return failed == 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_test(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<TestFlags>();
  CLI::App* command = app.add_subcommand(
      "test",
      "Run cases in the ONNX backend-test layout; uint16 data serve a bfloat16 of the graph and the "
      "reverse, as older releases of the cases have them");
  command->add_option("dirs", flags->paths, "Folders of cases, searched to the bottom")->required();
  command->add_option("--filter", flags->filter, "Only cases whose name contains this");
  command->add_option("--rtol", flags->tolerance.relative, "Relative tolerance")->capture_default_str();
  command->add_option("--atol", flags->tolerance.absolute, "Absolute tolerance")->capture_default_str();
  command->add_option("--rounds", flags->rounds, "How often a session runs all data sets of a case in turn")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--json", flags->json, "Write every outcome")->type_name("FILE");
  command->add_flag("--all", flags->all, "Also print the cases that pass");
  flags->session.add(*command);
  command->callback([flags, &exit_code] { exit_code = run_tests(*flags); });
}

}  // namespace bp::cli
