#include "judge/judge.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "drive/plan.hpp"
#include "drive/target.hpp"

namespace bp::conformance {

using nlohmann::json;

std::vector<BrokenProvider> read_broken_table(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::vector<BrokenProvider> rows;
  try {
    for (const json& entry : json::parse(file)) {
      BrokenProvider row{entry.at("variant"), entry.at("fault"), entry.at("case"), Outcome::kFail};
      const std::string name = entry.value("outcome", "Fail");
      const std::optional<Outcome> outcome = outcome_of(name);
      if (!outcome || !is_bad(*outcome)) {
        throw std::runtime_error(fmt::format("'{}' is no outcome that catches a fault", name));
      }
      row.outcome = *outcome;
      rows.push_back(std::move(row));
    }
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{}: row {}: {}", path, rows.size() + 1, error.what()));
  }
  return rows;
}

std::string find_broken_folder() {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  const std::filesystem::path prefix = program.parent_path().parent_path();
  std::string tried;
  for (const char* place : {"conformance/broken", BP_CONFORMANCE_LIBDIR "/backplane/conformance/broken"}) {
    const std::filesystem::path folder = prefix / place;
    if (std::filesystem::exists(folder / "table.json")) return folder.string();
    tried += (tried.empty() ? "" : ", ") + folder.string();
  }
  throw std::runtime_error("the broken providers are not there; looked for table.json in " + tried);
}

namespace {

std::vector<CaseResult> run_all(const std::vector<CaseInfo>& planned, const std::string& manifest,
                                const RunnerOptions& runner) {
  return run_cases(planned, find_target(manifest), runner, {}, [](const CaseInfo&, const CaseResult&) {});
}

}  // namespace

BrokenVerdict judge_broken(const BrokenProvider& row, const std::string& folder, const RunnerOptions& runner) {
  CaseFilter filter;
  filter.ids = {row.case_id};
  const std::vector<CaseInfo> planned = plan_cases({}, filter);
  BrokenVerdict verdict;
  if (planned.empty()) verdict.text = "there is no such case";
  for (CaseResult& result : run_all(planned, folder + "/bp_broken_" + row.variant + ".json", runner)) {
    const bool caught = result.outcome == row.outcome;
    if (verdict.caught || (!caught && is_bad(verdict.outcome) && verdict.outcome != Outcome::kMissing))
      continue;
    verdict = {caught, result.id, result.outcome, std::move(result.text)};
  }
  return verdict;
}

std::vector<CaseResult> judge_good(const std::string& manifest, Level level, const RunnerOptions& runner,
                                   size_t* planned) {
  CaseFilter filter;
  filter.level = level;
  // Cases of operators are thousands, none of which is expected to end its process: in batches.
  std::vector<CaseInfo> contract;
  std::vector<CaseInfo> operators;
  for (CaseInfo& info : plan_cases({}, filter)) {
    (info.op_type.empty() ? contract : operators).push_back(std::move(info));
  }
  *planned = contract.size() + operators.size();
  std::vector<CaseResult> bad = run_all(contract, manifest, runner);
  RunnerOptions batches = runner;
  batches.batch_size = 64;
  for (CaseResult& result : run_all(operators, manifest, batches)) bad.push_back(std::move(result));
  std::erase_if(bad, [](const CaseResult& result) { return !is_bad(result.outcome); });
  return bad;
}

}  // namespace bp::conformance
