#include "groups/corpus.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <stdexcept>

#include "compare/compare_tensors.hpp"
#include "compare/drawn.hpp"
#include "groups/corpus/corpus_folder.hpp"
#include "groups/corpus/wrong_cases.hpp"
#include "harness/prepared_graph.hpp"

namespace bp::conformance {
namespace {

constexpr std::chrono::seconds kCaseTime{60};  // whole networks are among them

// A model of one node is a case about its operator. One that cannot be read is told by its own case.
void name_operator(CaseInfo& info) {
  try {
    const LoadedModel model = load_case_model(info.folder);
    const Graph& graph = *model.graph;
    if (graph.alive_count() != 1) return;
    const Node& node = graph.node(graph.topological_order().front());
    info.domain = node.domain == "ai.onnx" ? "" : node.domain;
    info.op_type = node.op_type;
    const ValueId first =
        node.inputs.empty() ? graph.outputs()[0] : node.inputs[0];  // a generator's is its result's
    if (first != kNoId && graph.value(first).type.is_tensor())
      info.element_type = element_type_name(graph.value(first).type.element);
  } catch (const std::exception&) {
  }
}

std::vector<CaseInfo> plan(const PlanRequest& request) {
  std::vector<CaseInfo> planned;
  std::map<std::string, int> seen;
  for (const std::string& corpus : request.corpora)
    for (const CorpusCase& one : find_corpus_cases(corpus)) {
      CaseInfo info;
      info.id = fmt::format("onnx.{}.{}", one.parent, one.name);
      if (const int before = seen[info.id]++; before > 0) info.id += fmt::format("~{}", before + 1);
      info.group = "onnx";
      info.level = Level::kClaims;
      info.summary = fmt::format("the results of {} are those that lie beside it", one.name);
      info.folder = one.path;
      info.timeout = kCaseTime;
      name_operator(info);
      planned.push_back(std::move(info));
    }
  return planned;
}

// The tensors of a node that are inputs, constants or outputs of the graph; others are not known.
std::vector<TensorPtr> known(const TestGraph& test, const std::vector<TensorPtr>& found,
                             const std::vector<ValueId>& ids) {
  std::vector<TensorPtr> tensors;
  const Graph& graph = *test.graph;
  for (const ValueId id : ids) {
    TensorPtr tensor = id == kNoId ? nullptr : graph.value(id).constant;
    for (size_t i = 0; i < graph.inputs().size(); ++i)
      if (graph.inputs()[i] == id) tensor = test.inputs[i];
    for (size_t i = 0; i < graph.outputs().size(); ++i)
      if (graph.outputs()[i] == id) tensor = found[i];
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

// `found` differs from somebody else's draw: is it one?
void judge_drawn(const TestGraph& test, const std::vector<TensorPtr>& found, const Node& node,
                 const CaseTarget& target, CaseResult& result) {
  for (size_t i = 0; i < found.size(); ++i)
    if (test.expected[i] != nullptr)
      if (const std::string wrong = contradiction(*test.expected[i], *found[i]); !wrong.empty())
        fail(fmt::format("output {}: {}", i, wrong));
  const std::string wrong =
      contradiction(node, known(test, found, node.inputs), known(test, found, node.outputs));
  if (!wrong.empty()) fail(node.label() + ": " + wrong);
  if (node.find_attribute("seed") == nullptr) return;
  run_and_judge(
      test,
      [&](size_t index, const std::string& name, const Tensor& actual, WorstError& worst) {
        const std::string differs = judge(name, *found[index], actual, {}, {}, worst);
        return differs.empty() ? differs : "a second run with the same seed gives other numbers: " + differs;
      },
      target, result);
}

void run_set(const LoadedModel& model, const std::string& set, const CaseTarget& target, CaseResult& result) {
  bool is_plain = true;
  const TestGraph test = load_data_set(model, set, is_plain);
  if (!is_plain) {
    const PreparedGraph prepared = prepare(test.graph->clone(), {});
    if (prepared.core == CoreShare::kAll) not_applicable("all nodes are the core's to run");
    throw CaseEnd(Outcome::kHost, "inputs or outputs are no tensors");
  }
  const NodeId drawing = find_drawing_node(*test.graph);
  bool differs = false;
  const auto judge_output = [&](size_t index, const std::string& name, const Tensor& actual,
                                WorstError& worst) {
    const TensorPtr& expected = test.expected[index];
    if (expected == nullptr) return std::string();
    const ToleranceRow& row = ToleranceTable::built_in().find("(corpus)", expected->type);
    std::string wrong = judge(name, *expected, actual, row, {}, worst);
    differs = differs || !wrong.empty();
    return drawing == kNoId ? wrong : std::string();
  };
  const std::vector<TensorPtr> found = run_and_judge(test, judge_output, target, result);
  if (!differs) return;
  result.worst.reset();  // against numbers that were drawn
  judge_drawn(test, found, test.graph->node(drawing), target, result);
}

void run(const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
  if (const std::string why = why_wrong(info.folder); !why.empty())
    not_applicable("the case itself is wrong: " + why);
  const LoadedModel model = load_case_model(info.folder);
  const std::vector<std::string> sets = data_sets_of(info.folder);
  if (sets.empty()) not_applicable("there is no test_data_set_N");
  for (const std::string& set : sets) {
    try {
      run_set(model, set, target, result);
    } catch (const CaseEnd& end) {
      if (sets.size() == 1) throw;
      throw CaseEnd(end.outcome(), std::filesystem::path(set).filename().string() + ": " + end.what());
    }
  }
}

}  // namespace

Group corpus_group() {
  return {"onnx", "folders in the ONNX backend-test layout give the results beside them", plan, run};
}

}  // namespace bp::conformance
