// Which cases a run plans.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "groups/group.hpp"

namespace bp::conformance {

// Empty lists let all pass. `ids`: globs; one that begins with '!' takes cases away again.
struct CaseFilter {
  std::vector<std::string> ids;
  std::vector<std::string> groups;
  std::vector<std::string> op_types;
  std::vector<std::string> element_types;
  Level level = Level::kRobust;

  bool accepts(const CaseInfo& info) const;
  // As text, for the report: "--group abi".
  std::vector<std::string> describe() const;
};

// The cases of all groups that pass, in the groups' order. Throws std::runtime_error when two have one id, when
// a group's name does not fit, or when the filter names a group that there is not.
std::vector<CaseInfo> plan_cases(const PlanRequest& request, const CaseFilter& filter);

}  // namespace bp::conformance
