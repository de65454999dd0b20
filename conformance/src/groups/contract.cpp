#include "groups/contract.hpp"

#include <fmt/format.h>

namespace bp::conformance {

std::vector<CaseInfo> plan_contract(std::string_view group, std::span<const ContractCase> cases) {
  std::vector<CaseInfo> planned;
  for (const ContractCase& one : cases) {
    CaseInfo info;
    info.id = one.id;
    info.group = group;
    info.level = one.level;
    info.summary = one.summary;
    info.requirements = one.requirements;
    info.timeout = std::chrono::milliseconds(one.timeout_ms);
    planned.push_back(std::move(info));
  }
  return planned;
}

void run_contract(std::span<const ContractCase> cases, const CaseInfo& info, const CaseTarget& target,
                  CaseResult& result) {
  for (const ContractCase& one : cases) {
    if (one.id == info.id) return one.run(target, result);
  }
  throw std::runtime_error(fmt::format("there is no case '{}'", info.id));
}

}  // namespace bp::conformance
