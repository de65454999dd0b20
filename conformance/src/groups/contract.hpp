// Helps the groups whose cases are written by hand: a table of cases, each a function.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "groups/group.hpp"

namespace bp::conformance {

struct ContractCase {
  std::string_view id;  // "abi.symbols"
  Level level = Level::kContract;
  std::vector<int> requirements;
  std::string_view summary;
  void (*run)(const CaseTarget& target, CaseResult& result);
  int timeout_ms = 10'000;
};

std::vector<CaseInfo> plan_contract(std::string_view group, std::span<const ContractCase> cases);
void run_contract(std::span<const ContractCase> cases, const CaseInfo& info, const CaseTarget& target,
                  CaseResult& result);

}  // namespace bp::conformance
