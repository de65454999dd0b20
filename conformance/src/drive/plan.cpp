#include "drive/plan.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace bp::conformance {
namespace {

bool matches(const std::string& glob, const std::string& text) {
  return ::fnmatch(glob.c_str(), text.c_str(), 0) == 0;
}

bool is_among(const std::vector<std::string>& globs, const std::string& text) {
  return globs.empty() ||
         std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return matches(glob, text); });
}

void check_groups(const CaseFilter& filter) {
  for (const std::string& glob : filter.groups) {
    const auto groups = all_groups();
    const bool known = std::any_of(groups.begin(), groups.end(),
                                   [&](const Group& group) { return matches(glob, std::string(group.name)); });
    if (known) continue;
    std::string names;
    for (const Group& group : groups) names += fmt::format(" {}", group.name);
    throw std::runtime_error(fmt::format("there is no group '{}'; the groups are:{}", glob, names));
  }
}

}  // namespace

bool CaseFilter::accepts(const CaseInfo& info) const {
  if (info.level > level || !is_among(groups, info.group) || !is_among(op_types, info.op_type) ||
      !is_among(element_types, info.element_type)) {
    return false;
  }
  bool wanted = std::all_of(ids.begin(), ids.end(), [](const std::string& glob) { return glob[0] == '!'; });
  for (const std::string& glob : ids) {
    const bool takes_away = glob[0] == '!';
    if (matches(takes_away ? glob.substr(1) : glob, info.id)) wanted = !takes_away;
  }
  return wanted;
}

std::vector<std::string> CaseFilter::describe() const {
  std::vector<std::string> texts;
  for (const std::string& glob : ids) texts.push_back(fmt::format("--filter {}", glob));
  for (const std::string& glob : groups) texts.push_back(fmt::format("--group {}", glob));
  for (const std::string& glob : op_types) texts.push_back(fmt::format("--op {}", glob));
  for (const std::string& glob : element_types) texts.push_back(fmt::format("--dtype {}", glob));
  return texts;
}

std::vector<CaseInfo> plan_cases(const PlanRequest& request, const CaseFilter& filter) {
  check_groups(filter);
  std::vector<CaseInfo> planned;
  std::set<std::string> ids;
  for (const Group& group : all_groups()) {
    if (!is_among(filter.groups, std::string(group.name))) continue;
    for (CaseInfo& info : group.plan(request)) {
      if (info.group != group.name) {
        throw std::runtime_error(
            fmt::format("case '{}' of group '{}' says that it is of '{}'", info.id, group.name, info.group));
      }
      if (!ids.insert(info.id).second) throw std::runtime_error(fmt::format("two cases are '{}'", info.id));
      if (filter.accepts(info)) planned.push_back(std::move(info));
    }
  }
  return planned;
}

}  // namespace bp::conformance
