#include "breakdown.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bp::cli {
namespace {

RunSpan step(const std::string& name, uint64_t begin_ns, uint64_t end_ns) {
  return {name, "CPU:0", true, begin_ns, end_ns};
}

std::vector<RunSpan> run(uint64_t conv_ns, uint64_t other_ns, uint64_t relu_ns) {
  return {step("a: Conv", 0, conv_ns),
          step("r: Relu", 500, 500 + relu_ns),
          step("b: Conv", 700, 700 + other_ns),
          {"partition 0", "CPU:0", false, 0, 5000}};
}

TEST(Breakdown, SumsTheMediansOfStepsByKindAndWholeRuns) {
  const std::vector<std::vector<RunSpan>> runs = {run(100, 10, 40), run(300, 30, 50), run(200, 20, 900)};
  const Breakdown result = break_down({280, 290, 5000}, runs).value();
  EXPECT_EQ(result.model_ns, 290);
  EXPECT_EQ(result.steps_ns, 300 + 30 + 50);  // of the sums 150, 380 and 1120
  ASSERT_EQ(result.kinds.size(), 2u);
  EXPECT_EQ(result.kinds[0].name, "Conv");
  EXPECT_EQ(result.kinds[0].steps, 2u);
  EXPECT_EQ(result.kinds[0].ns, 220);
  EXPECT_EQ(result.kinds[1].name, "Relu");
  ASSERT_EQ(result.slowest.size(), 3u);
  EXPECT_EQ(result.slowest[0].name, "a: Conv");
  EXPECT_EQ(result.slowest[2].name, "b: Conv");
  EXPECT_DOUBLE_EQ(result.framework_share(), 290.0 / 380);
  EXPECT_EQ(breakdown_json(result)["kinds"][0]["steps"], 2);
  EXPECT_NE(breakdown_text(result).find("framework share 0.763"), std::string::npos);
}

TEST(Breakdown, RefusesRunsThatDifferAndRunsWithoutSteps) {
  std::vector<std::vector<RunSpan>> runs = {run(100, 10, 40), run(100, 10, 40)};
  runs[1].erase(runs[1].begin());
  EXPECT_EQ(break_down({1}, runs).status().code(), ErrorCode::kInvalidArgument);
  runs = {{{"partition 0", "CPU:0", false, 0, 5000}}};
  EXPECT_EQ(break_down({1}, runs).status().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace bp::cli
