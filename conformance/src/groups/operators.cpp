#include "groups/operators.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "compare/error_facts.hpp"
#include "groups/operators/build_case.hpp"

namespace bp::conformance {
namespace {

// Cases about a rule of the ABI rather than an operator: they run all operator cases that the rule is about.
struct Promise {
  const char* id;
  const char* summary;
  int requirement;
  bool (*concerns)(const CaseInfo& info);
};

bool has_variant(const CaseInfo& info, std::initializer_list<std::string_view> variants) {
  return std::any_of(variants.begin(), variants.end(), [&](std::string_view variant) {
    return info.id.ends_with(std::string(".") + std::string(variant));
  });
}

constexpr Promise kPromises[] = {
    {"ops.zero_size", "tensors without elements and of rank 0 are taken wherever the operator is", 67,
     [](const CaseInfo& info) {
       return has_variant(
           info, {"empty", "rank0", "of_empty", "no_rows", "no_terms", "no_batch", "nothing", "outer_empty"});
     }},
    {"ops.packed_types", "types narrower than a byte are packed low bits first, strings are offsets and bytes",
     68,
     [](const CaseInfo& info) {
       constexpr std::string_view kPacked[] = {"int4", "uint4", "int2", "uint2", "float4e2m1", "string"};
       return std::find(std::begin(kPacked), std::end(kPacked), info.element_type) != std::end(kPacked);
     }},
};

std::vector<CaseInfo> plan(const PlanRequest&) {
  std::vector<CaseInfo> planned;
  for (const Promise& promise : kPromises) {
    CaseInfo info;
    info.id = promise.id;
    info.group = "ops";
    info.level = Level::kClaims;
    info.summary = promise.summary;
    info.requirements = {promise.requirement};
    info.timeout = std::chrono::seconds(60);
    planned.push_back(std::move(info));
  }
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

void run_one(const OperatorCase& one, const CaseTarget& target, CaseResult& result) {
  const CaseInfo& info = one.info;
  TestGraph test = build_case(one, target.seed);
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

// What the device rejects is not its promise; what it takes must hold.
void run_promise(const Promise& promise, const CaseTarget& target, CaseResult& result) {
  for (const OperatorCase& one : operator_cases()) {
    if (!promise.concerns(one.info)) continue;
    CaseResult own;
    try {
      run_one(one, target, own);
    } catch (const CaseEnd& end) {
      if (end.outcome() == Outcome::kFail) fail(one.info.id + ": " + end.what());
      continue;
    }
    result.nodes += own.nodes;
    result.nodes_by_provider += own.nodes_by_provider;
  }
  if (result.nodes == 0) not_applicable("the device takes no such operator");
}

void run(const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
  for (const Promise& promise : kPromises)
    if (promise.id == info.id) return run_promise(promise, target, result);
  run_one(find_case(info.id), target, result);
}

}  // namespace

Group operators_group() {
  return {"ops", "operators give what their definition says, in every type", plan, run};
}

}  // namespace bp::conformance
