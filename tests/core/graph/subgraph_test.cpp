#include "graph/subgraph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/graph_builder.hpp"

namespace bp {
namespace {

using test::GraphBuilder;
using test::ops_of;
using testing::ElementsAre;

// x -> Relu -> a -> Add(a, c) -> sum -> Neg -> y, and Exp reads a too.
struct Sample {
  GraphBuilder b;
  ValueId x = b.input("x", {2});
  ValueId c = b.floats("c", {2}, {1, 2});
  ValueId a = b.node("Relu", {x}, {2}, {}, "a");
  ValueId sum = b.node("Add", {a, c}, {2}, {}, "sum");
  ValueId y = b.node("Neg", {sum}, {2}, {}, "y");
  ValueId other = b.node("Exp", {a}, {2}, {}, "other");
  Sample() {
    b.output(y);
    b.output(other);
  }
};

TEST(CutGraph, TakesConstantsAlongAndFindsWhatCrosses) {
  Sample s;
  const std::vector<NodeId> nodes = {0, 1};
  const CutGraph cut = cut_graph(s.b.graph(), nodes);
  EXPECT_EQ(ops_of(*cut.graph), "Relu Add");
  EXPECT_THAT(cut.inputs, ElementsAre(s.x));
  EXPECT_THAT(cut.outputs, ElementsAre(s.a, s.sum));  // Exp reads a, Neg reads sum
  EXPECT_NE(cut.graph->value(*cut.graph->find_value("c")).constant, nullptr);
  EXPECT_EQ(cut.graph->value(cut.graph->inputs()[0]).name, "x");
}

TEST(CutGraph, MakesAnOverridableConstantAnInputWithItsDefault) {
  Sample s;
  s.b.graph().mark_input(s.c);
  const std::vector<NodeId> nodes = {1};
  const CutGraph cut = cut_graph(s.b.graph(), nodes);
  EXPECT_THAT(cut.inputs, ElementsAre(s.a, s.c));
  EXPECT_NE(cut.graph->value(cut.graph->inputs()[1]).constant, nullptr);
}

TEST(Extract, KeepsTheGivenOrderAlsoOfConstantsAndUnusedInputs) {
  Sample s;
  const std::vector<NodeId> nodes = {1};
  const std::vector<ValueId> inputs = {s.c, s.x, s.a};
  const std::vector<ValueId> outputs = {s.sum};
  const auto graph = extract(s.b.graph(), nodes, inputs, outputs);
  ASSERT_EQ(graph->inputs().size(), 3u);
  EXPECT_EQ(graph->value(graph->inputs()[0]).name, "c");
  EXPECT_EQ(graph->value(graph->inputs()[0]).constant, nullptr);
  EXPECT_EQ(graph->node(0).inputs[0], graph->inputs()[2]);
}

TEST(Splice, PutsNodesBetweenValuesOfTheOuterGraph) {
  Sample s;
  GraphBuilder inner;
  const ValueId in = inner.input("in", {2});
  const ValueId middle = inner.node("Abs", {in}, {2}, {}, "a");  // a name that the outer graph has, too
  inner.output(inner.node("Sqrt", {middle}, {2}, {}, "root"));
  Graph& outer = s.b.graph();
  outer.remove_node(2);  // Neg
  const std::vector<ValueId> inputs = {s.sum};
  const std::vector<ValueId> outputs = {s.y};
  splice(outer, inner.graph(), inputs, outputs, "p/");
  EXPECT_EQ(ops_of(outer), "Relu Add Exp Abs Sqrt");
  const Node& last = outer.node(outer.value(s.y).producer);
  EXPECT_EQ(last.name, "p/root");
  EXPECT_EQ(outer.node(outer.value(last.inputs[0]).producer).inputs[0], s.sum);
}

TEST(Splice, CopiesAValueThatIsOnlyPassedOnOrLeavesTwice) {
  GraphBuilder inner;
  const ValueId in = inner.input("in", {2});
  const ValueId made = inner.node("Abs", {in}, {2});
  for (const ValueId value : {in, made, made}) inner.output(value);
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  std::vector<ValueId> outputs;
  for (const char* name : {"p", "q", "r"}) {
    outputs.push_back(b.graph().add_value(name));
    b.output(outputs.back());
  }
  const std::vector<ValueId> inputs = {x};
  splice(b.graph(), inner.graph(), inputs, outputs, "");
  EXPECT_EQ(ops_of(b.graph()), "Abs Identity Identity");
  EXPECT_EQ(b.graph().node(b.graph().value(outputs[0]).producer).inputs[0], x);
  EXPECT_EQ(b.graph().node(b.graph().value(outputs[2]).producer).inputs[0], outputs[1]);
}

TEST(Splice, ForgetsSymbolsOfAnotherTable) {
  GraphBuilder inner;
  const auto type = ValueType::tensor(ElementType::kFloat32, {inner.symbol("N"), Dim::of(3)});
  const ValueId middle = inner.node("Abs", {inner.input("in", type)}, type);
  inner.output(inner.node("Sqrt", {middle}, type));
  GraphBuilder b;
  const std::vector<ValueId> inputs = {b.input("x", {2, 3})};
  const std::vector<ValueId> outputs = {b.graph().add_value("y")};
  b.output(outputs[0]);
  splice(b.graph(), inner.graph(), inputs, outputs, "");
  const Node& root = b.graph().node(b.graph().value(outputs[0]).producer);
  EXPECT_THAT(b.graph().value(root.inputs[0]).type.dims, ElementsAre(Dim{}, Dim::of(3)));
}

}  // namespace
}  // namespace bp
