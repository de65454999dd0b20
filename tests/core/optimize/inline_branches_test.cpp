#include <gtest/gtest.h>

#include "interpreter.hpp"
#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::fold_shapes;
using optimize_passes::inline_branches;
using test::GraphBuilder;
using test::ops_of;
using test::run_pass;

std::shared_ptr<Graph> body(const std::string& op_type, bool passes_on) {
  GraphBuilder b;
  const ValueId in = b.input("in", {2});
  b.output(passes_on ? in : b.node(op_type, {in}, {2}, {}, "inner"));
  return b.take();
}

GraphBuilder branch(bool condition, bool passes_on) {
  GraphBuilder b;
  const std::byte flag{static_cast<unsigned char>(condition)};
  const ValueId c = b.graph().add_constant("c", Tensor::copy_of(ElementType::kBool, {}, {&flag, 1}));
  const ValueId x = b.input("x", {2});
  b.output(b.node("If", {c, x}, {-1}, {}, "if"));
  Node& node = b.graph().node(0);
  node.region = RegionKind::kBranch;
  node.capture_count = 1;
  node.regions = {body("Relu", passes_on), body("Neg", passes_on)};
  return b;
}

TEST(InlineBranches, PutsTheBodyThatWouldRunInPlace) {
  for (const bool condition : {true, false}) {
    GraphBuilder b = branch(condition, false);
    EXPECT_EQ(run_pass(inline_branches, b.graph()).changes, 1u);
    EXPECT_EQ(ops_of(b.graph()), condition ? "Relu" : "Neg");
    const Node& node = b.graph().node(1);
    EXPECT_EQ(node.name, "if/inner");
    EXPECT_EQ(b.graph().value(node.inputs[0]).name, "x");
    EXPECT_EQ(b.graph().value(b.graph().outputs()[0]).name, "if");
    EXPECT_EQ(b.graph().value(node.outputs[0]).type.dims[0], Dim::of(2));
  }
}

TEST(InlineBranches, CopiesWhatABodyOnlyPassesOn) {
  GraphBuilder b = branch(true, true);
  EXPECT_EQ(run_pass(inline_branches, b.graph()).changes, 1u);
  EXPECT_EQ(ops_of(b.graph()), "Identity");
}

TEST(FoldShapes, AsksTheEvaluatorOnlyAboutKnownShapes) {
  GraphBuilder b;
  const auto i64 = GraphBuilder::tensor_type(ElementType::kInt64, {2});
  const ValueId fixed = b.input("x", {2, 3});
  const ValueId open = b.input("y", {-1, 3});
  const ValueId a = b.node("Shape", {fixed}, i64, {}, "known");
  const ValueId c = b.node("Shape", {open}, i64, {}, "unknown");
  b.output(b.node("Mul", {a, a}, i64, {}, "twice"));
  b.output(b.node("Mul", {a, c}, i64, {}, "mixed"));
  b.output(b.node("Relu", {fixed}, {2, 3}));
  std::vector<std::string> asked;
  OptimizeOptions options;
  options.evaluate_shape_node = [&](const Graph& graph, NodeId id) -> Result<std::vector<TensorPtr>> {
    asked.push_back(graph.node(id).name);
    return std::vector<TensorPtr>{Tensor::of_int64({2}, std::vector<int64_t>{2, 3})};
  };
  EXPECT_EQ(run_pass(fold_shapes, b.graph(), options).changes, 2u);
  EXPECT_EQ(asked, (std::vector<std::string>{"known", "twice"}));
  EXPECT_EQ(ops_of(b.graph()), "Shape Mul Relu");
}

}  // namespace
}  // namespace bp
