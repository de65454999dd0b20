#include <gtest/gtest.h>

#include "optimize/pass.hpp"
#include "support/graph_builder.hpp"

namespace bp::optimize_passes {
namespace {

using test::GraphBuilder;
using test::ops_of;

size_t run(Graph& graph) {
  OptimizeOptions options;
  PassReport report;
  PassContext context{options, report};
  const auto changes = remove_noops(graph, context);
  EXPECT_TRUE(changes.ok()) << changes.status().to_string();
  EXPECT_EQ(report.nodes.size(), *changes);
  return *changes;
}

TEST(RemoveNoops, JoinsWhatAnIdentityKeptApart) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3});
  const ValueId copy = b.node("Identity", {x}, {2, 3});
  b.output(b.node("Relu", {copy}, {2, 3}));
  EXPECT_EQ(run(b.graph()), 1u);
  EXPECT_EQ(ops_of(b.graph()), "Relu");
  EXPECT_EQ(b.graph().node(1).inputs[0], x);
}

TEST(RemoveNoops, KeepsTheNameOfAGraphOutput) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  const ValueId inner = b.node("Relu", {x}, {2});
  const ValueId y = b.node("Identity", {inner}, {2}, {}, "y");
  b.node("Neg", {inner}, {2});
  b.output(y);
  EXPECT_EQ(run(b.graph()), 1u);
  EXPECT_EQ(ops_of(b.graph()), "Relu Neg");
  EXPECT_EQ(b.graph().value(b.graph().outputs()[0]).name, "y");
  EXPECT_EQ(b.graph().value(y).producer, 0u);
  EXPECT_EQ(b.graph().node(2).inputs[0], y);
}

TEST(RemoveNoops, LeavesACopyFromInputToOutput) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  b.output(b.node("Identity", {x}, {2}));
  EXPECT_EQ(run(b.graph()), 0u);
  EXPECT_EQ(ops_of(b.graph()), "Identity");
}

TEST(RemoveNoops, LeavesADropoutWhoseMaskIsUsed) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  const ValueId dropped = b.node("Dropout", {x}, {2});
  b.output(b.node("Relu", {dropped}, {2}));
  EXPECT_EQ(run(b.graph()), 1u);

  GraphBuilder c;
  const ValueId in = c.input("x", {2});
  const ValueId out = c.graph().add_value("out");
  const ValueId mask = c.graph().add_value("mask");
  Node dropout;
  dropout.name = "d";
  dropout.op_type = "Dropout";
  dropout.inputs = {in};
  dropout.outputs = {out, mask};
  c.graph().add_node(dropout);
  c.output(c.node("Relu", {out}, {2}));
  c.output(mask);
  EXPECT_EQ(run(c.graph()), 0u);
}

TEST(RemoveNoops, ComparesSymbolicDimsByName) {
  GraphBuilder b;
  const Dim n = b.symbol("N");
  const Dim m = b.symbol("M");
  const ValueId x = b.input("x", ValueType::tensor(ElementType::kFloat32, {n, Dim::of(4)}));
  const ValueId shape = b.input("shape", {2}, ElementType::kInt64);
  const ValueId same = b.node("Reshape", {x, shape}, ValueType::tensor(ElementType::kFloat32, {n, Dim::of(4)}));
  const ValueId other = b.node("Reshape", {same, shape}, ValueType::tensor(ElementType::kFloat32, {m, m}));
  b.output(b.node("Relu", {other}, ValueType::tensor(ElementType::kFloat32, {m, m})));
  EXPECT_EQ(run(b.graph()), 1u);
  EXPECT_EQ(ops_of(b.graph()), "Reshape Relu");
}

TEST(RemoveNoops, KnowsThatOneOpenDimFollowsFromTheCount) {
  GraphBuilder b;
  const ValueId x = b.input("x", {-1, 4});
  const ValueId shape = b.ints("shape", {-1, 4});
  const ValueId y = b.node("Reshape", {x, shape}, {-1, 4});
  b.output(b.node("Relu", {y}, {-1, 4}));
  EXPECT_EQ(run(b.graph()), 1u);

  GraphBuilder zero;  // 0 elements: any open dim fits
  const ValueId empty = zero.input("x", {-1, 0});
  const ValueId view = zero.node("Reshape", {empty, zero.ints("shape", {5, 0})}, {-1, 0});
  zero.output(zero.node("Relu", {view}, {-1, 0}));
  EXPECT_EQ(run(zero.graph()), 0u);
}

TEST(RemoveNoops, TellsAFullSliceFromAReversedOne) {
  for (const int64_t step : {int64_t{1}, int64_t{-1}}) {
    GraphBuilder b;
    const ValueId x = b.input("x", {8});
    const ValueId y = b.node(
        "Slice", {x, b.ints("starts", {0}), b.ints("ends", {8}), b.ints("axes", {0}), b.ints("steps", {step})},
        {8});
    b.output(b.node("Relu", {y}, {8}));
    EXPECT_EQ(run(b.graph()), step == 1 ? 1u : 0u) << step;
  }
}

TEST(RemoveNoops, MultipliesByOneOnlyWithoutBroadcast) {
  GraphBuilder b;
  const ValueId x = b.input("x", {3});
  const ValueId plain = b.node("Mul", {x, b.floats("one", {}, {1.0f})}, {3});
  const ValueId wider = b.node("Mul", {plain, b.floats("ones", {1, 1}, {1.0f})}, {1, 3});
  const ValueId two = b.node("Mul", {wider, b.floats("two", {}, {2.0f})}, {1, 3});
  b.output(b.node("Relu", {two}, {1, 3}));
  EXPECT_EQ(run(b.graph()), 1u);
  EXPECT_EQ(ops_of(b.graph()), "Mul Mul Relu");
}

TEST(RemoveNoops, TrustsNoOverridableConstant) {
  GraphBuilder b;
  const ValueId x = b.input("x", {3});
  const ValueId pads = b.ints("pads", {0, 0});
  b.graph().mark_input(pads);
  const ValueId y = b.node("Pad", {x, pads}, {-1});
  b.output(b.node("Relu", {y}, {-1}));
  EXPECT_EQ(run(b.graph()), 0u);
}

}  // namespace
}  // namespace bp::optimize_passes
