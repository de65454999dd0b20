#include "groups/memory.hpp"

namespace bp::conformance {
namespace {

const std::vector<ContractCase>& cases() {
  static const std::vector<ContractCase> all = [] {
    std::vector<ContractCase> list = buffer_cases();
    for (auto* const part : {touch_cases, allocation_cases}) {
      for (ContractCase& one : part()) list.push_back(std::move(one));
    }
    return list;
  }();
  return all;
}

}  // namespace

Group memory_group() {
  return {"memory", "Buffers, copies and imports; what a run may touch.",
          [](const PlanRequest&) { return plan_contract("memory", cases()); },
          [](const CaseInfo& info, const CaseTarget& target, CaseResult& result) {
            run_contract(cases(), info, target, result);
          }};
}

}  // namespace bp::conformance
