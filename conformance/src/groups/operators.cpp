#include "groups/operators.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "compare/error_facts.hpp"
#include "groups/operators/build_case.hpp"

namespace bp::conformance {
namespace {

std::vector<CaseInfo> plan(const PlanRequest&) {
  std::vector<CaseInfo> planned;
  for (const OperatorCase& one : operator_cases()) planned.push_back(one.info);
  return planned;
}

const OperatorCase& find_case(const std::string& id) {
  static const std::map<std::string, const OperatorCase*> by_id = [] {
    std::map<std::string, const OperatorCase*> made;
    for (const OperatorCase& one : operator_cases()) made.emplace(one.info.id, &one);
    return made;
  }();
  const auto found = by_id.find(id);
  if (found == by_id.end()) throw std::runtime_error("there is no case '" + id + "'");
  return *found->second;
}

void run(const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
  TestGraph test = build_case(find_case(info.id), target.seed);
  test.expected = expected_outputs(*test.graph, test.inputs);
  const Node& node = test.graph->node(0);
  std::vector<TensorPtr> operands;
  for (const ValueId id : node.inputs) {
    const auto& declared = test.graph->inputs();
    const auto at = std::find(declared.begin(), declared.end(), id);
    if (id == kNoId) {
      operands.push_back(nullptr);
    } else {
      operands.push_back(at == declared.end() ? test.graph->value(id).constant
                                              : test.inputs[static_cast<size_t>(at - declared.begin())]);
    }
  }
  const ErrorFacts facts = error_facts(node, operands, test.expected);
  const auto judge_output = [&](size_t index, const std::string& name, const Tensor& actual,
                                WorstError& worst) {
    const Tensor& expected = *test.expected[index];
    return judge(name, expected, actual, ToleranceTable::built_in().find(info.op_type, expected.type), facts,
                 worst);
  };
  run_and_judge(test, judge_output, target, result);
}

}  // namespace

Group operators_group() {
  return {"ops", "operators give what their definition says, in every type", plan, run};
}

}  // namespace bp::conformance
