#include "provider/view_graph.hpp"

#include <gtest/gtest.h>

#include "support/graph_builder.hpp"

namespace bp::test {
namespace {

// x, y -> Gemm(x, w) -> a -> Add(a, y) -> b -> Relu -> c; the cut is {Gemm, Add}, bound as (y, x).
struct Cut {
  GraphBuilder builder;
  ValueId x = builder.input("x", {2, 3});
  ValueId y = builder.input("y", {2, 2});
  ValueId w = builder.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6});
  ValueId a = builder.node("Gemm", {x, w, kNoId}, {2, 2}, {{"alpha", 0.5F}});
  ValueId b = builder.node("Add", {a, y}, {2, 2});
  ValueId c = builder.node("Relu", {b}, {2, 2});

  std::unique_ptr<GraphView> view() {
    builder.output(c);
    const NodeId nodes[] = {0, 1};
    const ValueId inputs[] = {y, x};
    const ValueId outputs[] = {b};
    GraphViewOptions options;
    options.canonical_level = 22;
    auto made = GraphView::of_cut(builder.graph(), nodes, inputs, outputs, options);
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    return std::move(*made);
  }
};

std::vector<std::string> names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> result;
  for (const ValueId id : ids) result.push_back(graph.value(id).name);
  return result;
}

TEST(ViewGraph, KeepsNodesNamesAndTheOrderOfBinding) {
  Cut cut;
  auto view = cut.view();
  const auto graph = graph_of_view(*view, true);
  EXPECT_EQ(ops_of(*graph), "Gemm Add");
  EXPECT_EQ(names(*graph, graph->inputs()), (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(names(*graph, graph->outputs()), (std::vector<std::string>{cut.builder.graph().value(cut.b).name}));
  EXPECT_EQ(graph->opsets.size(), 1U);
  const Node& gemm = graph->node(0);
  EXPECT_EQ(gemm.float_or("alpha", 0), 0.5F);
  EXPECT_EQ(gemm.inputs[2], kNoId);
  EXPECT_EQ(graph->value(gemm.inputs[1]).constant, cut.builder.graph().value(cut.w).constant);
}

TEST(ViewGraph, ConstantsMayBecomeInputs) {
  Cut cut;
  auto view = cut.view();
  const auto graph = graph_of_view(*view, false);
  EXPECT_EQ(names(*graph, graph->inputs()), (std::vector<std::string>{"y", "x", "w"}));
  EXPECT_EQ(graph->value(graph->inputs()[2]).constant, nullptr);
}

TEST(ViewGraph, ABodyGetsTheViewsLevelAsOpset) {
  Cut cut;
  cut.builder.graph().opsets.clear();
  auto view = cut.view();
  const auto graph = graph_of_view(*view, true);
  ASSERT_EQ(graph->opsets.size(), 1U);
  EXPECT_EQ(graph->opsets[0].version, 22);
}

}  // namespace
}  // namespace bp::test
