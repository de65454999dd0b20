#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "interpreter.hpp"
#include "optimize/optimize.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using test::GraphBuilder;
using test::ops_of;
using testing::DoubleNear;
using testing::ElementsAre;

const PassReport& report_of(const OptimizeReport& report, const std::string& pass) {
  const auto found = std::find_if(report.passes.begin(), report.passes.end(),
                                  [&](const PassReport& p) { return p.pass == pass; });
  EXPECT_NE(found, report.passes.end()) << pass;
  return *found;
}

std::unique_ptr<Graph> sample() {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 2});
  const ValueId copy = b.node("Identity", {x}, {2, 2}, {}, "copy");
  const ValueId used = b.node("Relu", {copy}, {2, 2});
  const ValueId twin = b.node("Relu", {x}, {2, 2});
  b.node("Exp", {x}, {2, 2}, {}, "dead");
  b.output(b.node("Add", {used, twin}, {2, 2}));
  return b.take();
}

TEST(Optimize, LeavesTheGraphAloneAtLevelNone) {
  auto graph = sample();
  OptimizeOptions options;
  options.level = OptimizeLevel::kNone;
  const auto report = optimize(*graph, options);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(graph->alive_count(), 5u);
  EXPECT_TRUE(report->passes.empty());
}

TEST(Optimize, ReportsEveryPassAndWhatItChanged) {
  auto graph = sample();
  const auto report = optimize(*graph, {});
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  EXPECT_EQ(ops_of(*graph), "Relu Add");
  EXPECT_EQ(report->nodes_before, 5u);
  EXPECT_EQ(report->nodes_after, 2u);
  EXPECT_EQ(report_of(*report, "remove_noops").nodes, std::vector<std::string>{"copy"});
  EXPECT_EQ(report_of(*report, "remove_dead").nodes, std::vector<std::string>{"dead"});
  EXPECT_EQ(report_of(*report, "share_common").changes, 1u);
}

TEST(Optimize, ReachesTheBodiesOfRegionNodes) {
  auto body = std::make_shared<Graph>();
  const ValueId in = body->add_input("in", ValueType::tensor(ElementType::kFloat32, {}));
  const ValueId middle = body->add_value("middle");
  const ValueId out = body->add_value("out");
  Node identity;
  identity.op_type = "Identity";
  identity.inputs = {in};
  identity.outputs = {middle};
  body->add_node(identity);
  Node relu;
  relu.op_type = "Relu";
  relu.inputs = {middle};
  relu.outputs = {out};
  body->add_node(relu);
  body->add_output(out);

  GraphBuilder b;
  const ValueId condition = b.input("c", {}, ElementType::kBool);
  const ValueId x = b.input("x", std::vector<int64_t>{});
  const ValueId y = b.graph().add_value("y");
  Node branch;
  branch.name = "if";
  branch.op_type = "If";
  branch.region = RegionKind::kBranch;
  branch.capture_count = 1;
  branch.inputs = {condition, x};
  branch.outputs = {y};
  branch.regions = {body, std::shared_ptr<Graph>(body->clone())};
  b.graph().add_node(branch);
  b.output(y);

  const auto report = optimize(b.graph(), {});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(ops_of(*b.graph().node(0).regions[0]), "Relu");
  EXPECT_EQ(ops_of(*b.graph().node(0).regions[1]), "Relu");
  EXPECT_EQ(report->nodes_before, 5u);
  EXPECT_EQ(report->nodes_after, 3u);
}

TEST(Optimize, InfersAgainWhatCameOutOfABranch) {
  const auto body = [] {
    GraphBuilder b;
    const ValueId in = b.input("in", {2});
    b.output(b.node("Relu", {in}, {2}, {}, "inner"));
    return std::shared_ptr<Graph>(b.take());
  };
  GraphBuilder b;
  const std::byte flag{1};
  const ValueId c = b.graph().add_constant("c", Tensor::copy_of(ElementType::kBool, {}, {&flag, 1}));
  const ValueId y = b.node("If", {c, b.input("x", {2})}, {-1}, {}, "if");
  b.output(b.node("Neg", {y}, {-1}));
  Node& node = b.graph().node(0);
  node.region = RegionKind::kBranch;
  node.capture_count = 1;
  node.regions = {body(), body()};
  int inferred = 0;
  OptimizeOptions options;
  options.infer = [&](Graph& graph) -> Status {
    ++inferred;
    EXPECT_EQ(ops_of(graph), "Relu Neg");
    return {};
  };
  ASSERT_TRUE(optimize(b.graph(), options).ok());
  EXPECT_EQ(inferred, 1);
}

TEST(Optimize, HandlesAChainOf100000Nodes) {
  GraphBuilder b;
  ValueId value = b.input("x", {4});
  for (int i = 0; i < 50'000; ++i) {
    value = b.node("Identity", {value}, {4});
    value = b.node("Relu", {value}, {4});
  }
  b.output(value);
  const auto report = optimize(b.graph(), {});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(b.graph().alive_count(), 50'000u);
}

// The product with all weights is made once, however many factors follow the convolution.
TEST(Optimize, FoldsAFactorIntoANormBeforeTheNormIntoWeights) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 1, 2, 2});
  const ValueId y = b.node("Conv", {x, b.floats("w", {2, 1, 1, 1}, {1, 2})}, {1, 2, 2, 2});
  const ValueId norm = b.node("BatchNormalization",
                              {y, b.floats("s", {2}, {3, 4}), b.floats("b", {2}, {5, 6}),
                               b.floats("m", {2}, {0, 1}), b.floats("v", {2}, {1, 1})},
                              {1, 2, 2, 2});
  const ValueId scaled = b.node("Mul", {norm, b.floats("c", {2, 1, 1}, {10, 100})}, {1, 2, 2, 2});
  b.output(b.node("Add", {scaled, b.floats("d", {2, 1, 1}, {7, 8})}, {1, 2, 2, 2}));
  auto graph = b.take();
  test::InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  const auto report = optimize(*graph, options);
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  EXPECT_EQ(ops_of(*graph), "Conv");
  EXPECT_EQ(report_of(*report, "fold_affine").changes, 2u);
  EXPECT_EQ(report_of(*report, "fold_batch_norm").changes, 1u);
  EXPECT_EQ(folder.folds, 4);  // the factor, the shift, the norm's vectors, and the weights
  const Node& conv = graph->node(graph->value(graph->outputs()[0]).producer);
  const auto constant = [&](size_t input) {
    return test::array_of(*graph->value(conv.inputs[input]).constant).data;
  };
  // factor 30 and 400, shift 5 * 10 + 7 and 6 * 100 + 8 - 1 * 400; epsilon takes 5e-6 of the factors
  EXPECT_THAT(constant(1), ElementsAre(DoubleNear(30, 1e-3), DoubleNear(800, 1e-2)));
  EXPECT_THAT(constant(2), ElementsAre(DoubleNear(57, 1e-3), DoubleNear(208, 1e-2)));
}

}  // namespace
}  // namespace bp
