// A folder may bring a tolerances.csv of its own, with rows "(model)": quantized models differ by steps.
#include "groups/models.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "compare/compare_tensors.hpp"
#include "drive/child_process.hpp"
#include "groups/corpus/corpus_folder.hpp"
#include "load/tensor_file.hpp"

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::chrono::seconds kModelTime{300};

std::vector<CaseInfo> plan(const PlanRequest& request) {
  std::vector<CaseInfo> planned;
  for (const std::string& folder : request.models)
    for (const CorpusCase& one : find_corpus_cases(folder)) {
      CaseInfo info;
      info.id = fmt::format("models.{}", one.name);
      info.group = "models";
      info.level = Level::kClaims;
      info.summary =
          fmt::format("{} runs whole, with this provider alone, and gives the results beside it", one.name);
      info.folder = one.path;
      info.timeout = kModelTime;
      planned.push_back(std::move(info));
    }
  return planned;
}

// A folder that goes with its object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "backplane-model-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error("no temporary folder can be made: " + pattern);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string runner_program() {
  const fs::path beside = fs::read_symlink("/proc/self/exe").parent_path() / "backplane-conformance-model";
  if (!fs::exists(beside))
    throw std::runtime_error("'" + beside.string() + "' is missing: it runs whole models");
  return beside.string();
}

json ask_program(const json& request, const CaseTarget& target) {
  ChildProcess child(runner_program(), {}, request.dump() + "\n");
  const auto deadline = ChildProcess::Clock::now() + std::chrono::duration_cast<ChildProcess::Clock::duration>(
                                                         kModelTime * target.time_factor);
  std::string line;
  const bool answered = child.next_line(deadline, &line);
  const ProcessEnd end = child.finish(deadline);
  if (end.killed_by_us) throw CaseEnd(Outcome::kTimeout, "the model's program did not end in time");
  if (!answered || !end.clean())
    throw CaseEnd(Outcome::kCrash,
                  fmt::format("the model's program ended with {}: {}", end.to_string(), child.output()));
  return json::parse(line);
}

ToleranceTable tolerances_of(const std::string& folder) {
  std::ifstream file(fs::path(folder) / "tolerances.csv");
  if (!file) return ToleranceTable::built_in();
  std::ostringstream text;
  text << file.rdbuf();
  return ToleranceTable::parse(text.str());
}

void run_set(const CaseInfo& info, const LoadedModel& model, const std::string& set, const CaseTarget& target,
             CaseResult& result) {
  const TemporaryFolder results;
  json request = {{"manifest", target.manifest_path},
                  {"provider", target.provider_id},
                  {"device", target.device},
                  {"threads", target.thread_count},
                  {"options", json::object()},
                  {"inputs", json::object()},
                  {"model", model.path},
                  {"results", results.path()}};
  for (const auto& [name, value] : target.options) request["options"][name] = value;
  for (const auto& [name, file] : input_files(model, set)) request["inputs"][name] = file;
  const json answer = ask_program(request, target);
  const auto status = answer.at("status").get<std::string>();
  if (status == "unsupported") throw CaseEnd(Outcome::kUnsupported, answer.at("text").get<std::string>());
  if (status != "ok") fail(answer.at("text").get<std::string>());
  result.nodes = answer.at("nodes").get<uint64_t>();
  result.nodes_by_provider = answer.at("nodes_by_provider").get<uint64_t>();
  if (result.nodes == 0) not_applicable("the core runs all of its nodes");

  const ToleranceTable tolerances = tolerances_of(info.folder);
  const Graph& graph = *model.graph;
  WorstError worst;
  std::string wrong;
  size_t judged = 0;
  for (size_t i = 0; i < graph.outputs().size(); ++i) {
    const GraphValue& output = graph.value(graph.outputs()[i]);
    const TensorPtr expected = read_expected(set, i, output.type);
    if (expected == nullptr) continue;
    const auto found = read_value_data(fmt::format("{}/output_{}.pb", results.path(), i), output.type);
    if (!found.ok() || found->data.tensor == nullptr)
      fail(fmt::format("output '{}' was not written as a tensor", output.name));
    const ToleranceRow& row = tolerances.find("(model)", expected->type);
    const std::string text = judge(output.name, *expected, *found->data.tensor, row, {}, worst);
    if (wrong.empty()) wrong = text;
    ++judged;
  }
  if (judged == 0) throw std::runtime_error("'" + set + "' holds no output to compare with");
  result.worst = worst;
  if (!wrong.empty()) fail(wrong);
}

void run(const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
  const LoadedModel model = load_case_model(info.folder);
  const std::vector<std::string> sets = data_sets_of(info.folder);
  if (sets.empty()) not_applicable("there is no test_data_set_N");
  for (const std::string& set : sets) run_set(info, model, set, target, result);
}

}  // namespace

Group models_group() {
  return {"models", "whole models through the core, with this provider alone", plan, run};
}

}  // namespace bp::conformance
