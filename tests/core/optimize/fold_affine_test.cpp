#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "interpreter.hpp"
#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::drop_outputs;
using optimize_passes::flatten_transposes;
using optimize_passes::fold_affine;
using test::array_of;
using test::GraphBuilder;
using test::InterpreterFolder;
using test::ops_of;
using test::run_pass;
using testing::ElementsAre;

ValueId target(GraphBuilder& b, const std::string& op_type) {
  const ValueId x = b.input("x", {1, 2, 4, 4});
  if (op_type == "BatchNormalization") {
    return b.node(op_type,
                  {x, b.floats("w", {2}, {1, 2}), b.floats("b", {2}, {3, 4}), b.floats("m", {2}, {0, 0}),
                   b.floats("v", {2}, {1, 1})},
                  {1, 2, 4, 4});
  }
  const ConcreteDims dims = op_type == "Conv" ? ConcreteDims{2, 1, 1, 1} : ConcreteDims{1, 2, 1, 1};
  return b.node(op_type, {x, b.floats("w", dims, {1, 2}), b.floats("b", {2}, {3, 4})}, {1, 2, 4, 4});
}

std::vector<double> input_values(const Graph& graph, size_t input) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).alive) return array_of(*graph.value(graph.node(id).inputs[input]).constant).data;
  }
  return {};
}

TEST(FoldAffine, MovesFactorsAndShiftsPerChannel) {
  for (const char* op_type : {"Conv", "ConvTranspose", "BatchNormalization"}) {
    GraphBuilder b;
    const ValueId y = target(b, op_type);
    const ValueId scaled = b.node("Mul", {b.floats("c", {1, 2, 1, 1}, {10, 100}), y}, {1, 2, 4, 4});
    b.output(b.node("Add", {scaled, b.floats("d", {2, 1, 1}, {5, 6})}, {1, 2, 4, 4}, {}, "y"));
    InterpreterFolder folder;
    OptimizeOptions options;
    options.folder = &folder;
    EXPECT_EQ(run_pass(fold_affine, b.graph(), options).changes, 2u);
    ASSERT_EQ(ops_of(b.graph()), op_type);
    EXPECT_THAT(input_values(b.graph(), 1), ElementsAre(10, 200));
    EXPECT_THAT(input_values(b.graph(), 2), ElementsAre(35, 406));
    EXPECT_EQ(b.graph().value(b.graph().outputs()[0]).name, "y");
  }
}

TEST(FoldAffine, TakesOneNumberForAllChannels) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 2, 4, 4});
  const ValueId y = b.node("Conv", {x, b.floats("w", {2, 2, 1, 1}, {1, 2, 3, 4})}, {1, 2, 4, 4});
  const ValueId scaled = b.node("Mul", {y, b.floats("c", {}, {10})}, {1, 2, 4, 4});
  b.output(b.node("Add", {scaled, b.floats("d", {1}, {5})}, {1, 2, 4, 4}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_affine, b.graph(), options).changes, 2u);
  EXPECT_THAT(input_values(b.graph(), 1), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(input_values(b.graph(), 2), ElementsAre(5, 5));
}

TEST(FoldAffine, LeavesOtherBroadcasts) {
  for (const ConcreteDims& dims : {ConcreteDims{2}, ConcreteDims{1, 1, 1, 2}, ConcreteDims{2, 1, 1, 1}}) {
    GraphBuilder b;
    const ValueId y = target(b, "Conv");
    b.output(b.node("Mul", {y, b.floats("c", dims, {10, 100})}, {-1, -1, -1, -1}));
    InterpreterFolder folder;
    OptimizeOptions options;
    options.folder = &folder;
    EXPECT_EQ(run_pass(fold_affine, b.graph(), options).changes, 0u);
  }
}

TEST(DropOutputs, LeavesOutWhatIsOptionalAndUnread) {
  GraphBuilder b;
  const ValueId pooled = b.node("MaxPool", {b.input("x", {1, 1, 4, 4})}, {1, 1, 2, 2});
  const ValueId indices = b.graph().add_value("indices");
  Node pool = b.graph().node(0);
  b.graph().remove_node(0);
  pool.outputs.push_back(indices);
  pool.since_version = 12;
  const NodeId id = b.graph().add_node(pool);
  b.output(b.node("Relu", {pooled}, {1, 1, 2, 2}));
  EXPECT_EQ(run_pass(drop_outputs, b.graph()).changes, 1u);
  EXPECT_EQ(b.graph().node(id).outputs[1], kNoId);
  EXPECT_EQ(run_pass(drop_outputs, b.graph()).changes, 0u);
}

TEST(FlattenTransposes, TellsMovedOnesFromMovedElements) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 3, 1, 5});
  const ValueId ones = b.node("Transpose", {x}, {3, 1, 5, 1}, {{"perm", std::vector<int64_t>{1, 0, 3, 2}}});
  b.output(b.node("Transpose", {ones}, {5, 1, 3, 1}, {{"perm", std::vector<int64_t>{2, 1, 0, 3}}}));
  const auto inputs = test::random_inputs(b.graph(), 2);
  const auto before = test::interpret(b.graph(), inputs);
  EXPECT_EQ(run_pass(flatten_transposes, b.graph()).changes, 1u);
  EXPECT_EQ(ops_of(b.graph()), "Reshape Transpose");
  EXPECT_EQ(test::difference(before[0], test::interpret(b.graph(), inputs)[0]), 0);
}

}  // namespace
}  // namespace bp
