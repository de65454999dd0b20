#include "explain_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bp::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

SessionReport two_nodes() {
  SessionReport report;
  report.devices = {"NPU:0", "CPU:0"};
  report.threads = 2;
  ReportNode conv;
  conv.name = "c1";
  conv.op_type = "Conv";
  conv.outputs = {"t"};
  conv.output_types = {"float32[1,8]"};
  conv.placement = "CPU:0";
  conv.verdicts = {{"NPU:0", false, {{"TYPE", "input 1", "float32 is not int8"}, {"RANK", "", "rank 2"}}},
                   {"CPU:0", true, {}}};
  ReportNode relu;
  relu.op_type = "Relu";
  relu.inputs = {"t"};
  relu.outputs = {"y\"1"};
  relu.output_types = {"float32[1,8]"};
  relu.placement = "NPU:0";
  relu.verdicts = {{"NPU:0", true, {}}};
  relu.origin = {"r1", "r2"};
  report.nodes = {conv, relu};
  report.arenas = {{"host", 300, 200}};
  report.step_count = 2;
  return report;
}

TEST(ExplainText, GivesEveryReasonOfEveryRefusal) {
  const std::string text = explain_text(two_nodes());
  EXPECT_THAT(
      text,
      HasSubstr("c1      Conv      CPU:0    float32[1,8]\n    not NPU:0: TYPE input 1: float32 is not int8\n"
                "    not NPU:0: RANK: rank 2\n"));
  EXPECT_THAT(text, Not(HasSubstr("not CPU:0")));
  EXPECT_THAT(text, HasSubstr("2 node(s): 1 on CPU:0, 1 on NPU:0;"));
}

TEST(ExplainText, NamesNodesWithoutANameByWhatTheyMake) {
  EXPECT_THAT(explain_text(two_nodes()), HasSubstr("-> y\"1"));
  EXPECT_THAT(explain_text(two_nodes()), HasSubstr("    was r1, r2\n"));
}

TEST(ExplainText, ShowsTheArenaAgainstItsLowerBound) {
  EXPECT_THAT(explain_text(two_nodes()), HasSubstr("host: arena 300 bytes, lower bound 200 (1.500)"));
}

TEST(ExplainText, SaysWhenShapesAreStillOpen) {
  SessionReport report = two_nodes();
  report.step_count = 0;
  EXPECT_THAT(explain_text(report), HasSubstr("once shapes are"));
}

TEST(ExplainJson, KeepsReasonsAsData) {
  const nlohmann::json json = explain_json(two_nodes());
  EXPECT_EQ(json["nodes"][0]["verdicts"][0]["reasons"][0]["code"], "TYPE");
  EXPECT_EQ(json["nodes"][0]["verdicts"][1]["supported"], true);
  EXPECT_EQ(json["arenas"][0]["lower_bound_bytes"], 200);
}

TEST(ExplainDot, ConnectsMakersWithUsersAndQuotes) {
  SessionReport report = two_nodes();
  report.nodes[1].name = "say \"hi\"";
  const std::string dot = explain_dot(report);
  EXPECT_THAT(dot, HasSubstr("n0 -> n1 [label=\"float32[1,8]\"]"));
  EXPECT_THAT(dot, HasSubstr("tooltip=\"say \\\"hi\\\"\""));
}

}  // namespace
}  // namespace bp::cli
