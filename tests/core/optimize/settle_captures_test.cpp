#include <gtest/gtest.h>

#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::settle_captures;
using test::GraphBuilder;
using test::run_pass;

// A branch with three captures: x, the constant c and x again; its bodies add all that `reads` names.
std::unique_ptr<Graph> branch_with(std::vector<size_t> reads) {
  const auto body = [&](const std::string& name) {
    GraphBuilder b;
    std::vector<ValueId> captures;
    for (int i = 0; i < 3; ++i) captures.push_back(b.input("in" + std::to_string(i), {2}));
    std::vector<ValueId> read;
    for (const size_t i : reads) read.push_back(captures[i]);
    b.output(b.node("Sum", read, {2}, {}, name));
    return std::shared_ptr<Graph>(b.take());
  };
  GraphBuilder b;
  const ValueId condition = b.input("condition", {}, ElementType::kBool);
  const ValueId x = b.input("x", {2});
  const ValueId c = b.floats("c", {2}, {1, 2});
  b.output(b.node("If", {condition, x, c, x}, {2}, {}, "if"));
  Node& node = b.graph().node(0);
  node.region = RegionKind::kBranch;
  node.capture_count = 3;
  node.regions = {body("then"), body("else")};
  return b.take();
}

TEST(SettleCaptures, MovesConstantsIntoTheBodiesAndMergesTheRest) {
  const auto graph = branch_with({0, 1, 2});
  EXPECT_EQ(run_pass(settle_captures, *graph).changes, 2u);
  const Node& node = graph->node(0);
  EXPECT_EQ(node.capture_count, 1u);
  EXPECT_EQ(node.inputs.size(), 2u);
  EXPECT_EQ(graph->value(node.inputs[1]).name, "x");
  for (const auto& body : node.regions) {
    ASSERT_EQ(body->inputs().size(), 1u);
    const Node& sum = body->node(0);
    EXPECT_EQ(sum.inputs[0], body->inputs()[0]);
    EXPECT_NE(body->value(sum.inputs[1]).constant, nullptr);
    EXPECT_FALSE(body->value(sum.inputs[1]).is_input);
    EXPECT_EQ(sum.inputs[2], body->inputs()[0]);
  }
}

TEST(SettleCaptures, DropsWhatNoBodyReads) {
  const auto graph = branch_with({2});
  EXPECT_EQ(run_pass(settle_captures, *graph).changes, 2u);
  EXPECT_EQ(graph->node(0).capture_count, 1u);
  EXPECT_EQ(graph->node(0).regions[1]->value(graph->node(0).regions[1]->node(0).inputs[0]).name, "in0");
}

}  // namespace
}  // namespace bp
