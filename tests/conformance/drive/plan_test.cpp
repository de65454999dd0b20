#include "drive/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace bp::conformance {
namespace {

CaseInfo add_float() {
  CaseInfo info;
  info.id = "ops.Add.float32.plain";
  info.group = "ops";
  info.level = Level::kCore;
  info.op_type = "Add";
  info.element_type = "float32";
  return info;
}

TEST(CaseFilter, EmptyListsLetAllPass) { EXPECT_TRUE(CaseFilter().accepts(add_float())); }

TEST(CaseFilter, ByLevel) {
  CaseFilter filter;
  filter.level = Level::kContract;
  EXPECT_FALSE(filter.accepts(add_float()));
  filter.level = Level::kCore;
  EXPECT_TRUE(filter.accepts(add_float()));
}

TEST(CaseFilter, ById) {
  CaseFilter filter;
  filter.ids = {"abi.*"};
  EXPECT_FALSE(filter.accepts(add_float()));
  filter.ids = {"abi.*", "ops.*.float32.*"};
  EXPECT_TRUE(filter.accepts(add_float()));
  filter.ids = {"!ops.Add.*"};
  EXPECT_FALSE(filter.accepts(add_float()));
  filter.ids = {"!ops.Sub.*"};
  EXPECT_TRUE(filter.accepts(add_float()));
  filter.ids = {"ops.*", "!*.plain"};
  EXPECT_FALSE(filter.accepts(add_float()));
}

TEST(CaseFilter, ByOperatorAndType) {
  CaseFilter filter;
  filter.op_types = {"A*"};
  filter.element_types = {"float32", "float64"};
  EXPECT_TRUE(filter.accepts(add_float()));
  filter.element_types = {"int8"};
  EXPECT_FALSE(filter.accepts(add_float()));
}

TEST(PlanCases, AllGroupsAgreeWithTheirNames) {
  const std::vector<CaseInfo> planned = plan_cases({}, {});
  EXPECT_FALSE(planned.empty());
  for (const CaseInfo& info : planned) {
    EXPECT_FALSE(info.summary.empty()) << info.id;
    EXPECT_GT(info.timeout.count(), 0) << info.id;
  }
}

TEST(PlanCases, RefusesAGroupThatIsNot) {
  CaseFilter filter;
  filter.groups = {"abj"};
  EXPECT_THROW(plan_cases({}, filter), std::runtime_error);
}

}  // namespace
}  // namespace bp::conformance
