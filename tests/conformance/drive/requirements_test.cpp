#include "drive/requirements.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "drive/plan.hpp"

namespace bp::conformance {
namespace {

TEST(Requirements, AreReadWithTheirCells) {
  ASSERT_GT(requirements().size(), 50u);
  const Requirement* rule = find_requirement(8);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->keeper, "PH");
  EXPECT_EQ(rule->cases, std::vector<std::string>{"abi.struct_size_guard"});
  EXPECT_NE(find_requirement(1)->rule.find("bp_provider_open_v1"), std::string::npos);
  const Requirement* two = find_requirement(66);
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(two->cases.size(), 2u);
  EXPECT_EQ(find_requirement(9999), nullptr);
  for (const Requirement& one : requirements()) {
    EXPECT_FALSE(one.rule.empty() || one.reason.empty() || one.broken.empty() || one.cases.empty())
        << one.number;
  }
}

// Both ways: the case that a rule names is there and names the rule, and no case names a rule that is not.
TEST(Requirements, HaveTheirCases) {
  std::map<std::string, std::set<int>> planned;
  for (const CaseInfo& info : plan_cases({}, {})) {
    planned[info.id].insert(info.requirements.begin(), info.requirements.end());
    for (const int number : info.requirements) EXPECT_NE(find_requirement(number), nullptr) << info.id;
  }
  const std::set<std::string> groups = {"abi", "lifecycle", "errors", "partition", "robustness"};
  for (const Requirement& rule : requirements()) {
    for (const std::string& id : rule.cases) {
      if (!groups.contains(id.substr(0, id.find('.')))) continue;
      ASSERT_TRUE(planned.contains(id)) << id << " of BP-" << rule.number;
      EXPECT_TRUE(planned[id].contains(rule.number))
          << id << " does not say that it is about BP-" << rule.number;
    }
  }
}

}  // namespace
}  // namespace bp::conformance
