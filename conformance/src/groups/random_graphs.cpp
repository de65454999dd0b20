#include "groups/random_graphs.hpp"

#include <fmt/format.h>

#include "compare/compare_tensors.hpp"
#include "groups/operators/build_case.hpp"
#include "groups/random/make_graph.hpp"

namespace bp::conformance {
namespace {

constexpr int kGraphs = 200;

std::vector<CaseInfo> plan(const PlanRequest&) {
  std::vector<CaseInfo> planned;
  for (int i = 0; i < kGraphs; ++i) {
    CaseInfo info;
    info.id = fmt::format("random.graph_{:03}", i);
    info.group = "random";
    info.level = Level::kRobust;
    info.summary = "a graph made up from the seed gives what its operators say one after the other";
    planned.push_back(std::move(info));
  }
  return planned;
}

OutputJudge judge_of(const TestGraph& test) {
  return [&test](size_t index, const std::string& name, const Tensor& actual, WorstError& worst) {
    const Tensor& expected = *test.expected[index];
    return judge(name, expected, actual, ToleranceTable::built_in().find("(graph)", expected.type), {}, worst);
  };
}

// Where it begins: every value becomes an output, and the first node whose result is wrong is named.
std::string first_wrong_node(const TestGraph& test, CaseTarget target) {
  TestGraph all;
  all.graph = test.graph->clone();
  all.inputs = test.inputs;
  for (const NodeId node : all.graph->topological_order())
    for (const ValueId id : all.graph->node(node).outputs)
      if (!all.graph->value(id).is_output) all.graph->add_output(id);
  all.expected = expected_outputs(*all.graph, all.inputs);
  target.bundle_folder.clear();
  CaseResult ignored;
  std::vector<bool> wrong(all.expected.size(), false);
  const OutputJudge judge = judge_of(all);
  try {
    run_and_judge(
        all,
        [&](size_t index, const std::string& name, const Tensor& actual, WorstError& worst) {
          wrong[index] = !judge(index, name, actual, worst).empty();
          return std::string();
        },
        target, ignored);
  } catch (const CaseEnd&) {
    return {};
  }
  for (const NodeId node : all.graph->topological_order())
    for (size_t i = 0; i < all.expected.size(); ++i)
      if (wrong[i] && all.graph->value(all.graph->outputs()[i]).producer == node)
        return fmt::format("; with every value an output {} is the first that is wrong",
                           all.graph->node(node).label());
  return "; with every value an output all are right, so what is fused is wrong";
}

void run(const CaseInfo&, const CaseTarget& target, CaseResult& result) {
  const TestGraph test = make_random_graph(target.seed);
  try {
    run_and_judge(test, judge_of(test), target, result);
  } catch (const CaseEnd& end) {
    if (end.outcome() != Outcome::kFail) throw;
    fail(end.what() + first_wrong_node(test, target));
  }
}

}  // namespace

Group random_graphs_group() { return {"random", "graphs made up from a seed", plan, run}; }

}  // namespace bp::conformance
