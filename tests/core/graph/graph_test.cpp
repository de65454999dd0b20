// Tests core/src/graph/graph.cpp and topological_order.cpp.
#include "graph/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bp {
namespace {

NodeId add_op(Graph& graph, std::vector<ValueId> inputs, std::vector<ValueId> outputs) {
  Node node;
  node.op_type = "Op";
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return graph.add_node(std::move(node));
}

// Every consumer entry stands for one use, and every use has one entry.
void expect_uses_consistent(const Graph& graph) {
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    std::vector<NodeId> expected;
    for (NodeId n = 0; n < graph.node_count(); ++n) {
      if (!graph.node(n).alive) continue;
      for (const ValueId input : graph.node(n).inputs) {
        if (input == id) expected.push_back(n);
      }
    }
    std::vector<NodeId> found = graph.value(id).consumers;
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected) << graph.value(id).name;
  }
}

TEST(Graph, RecordsProducersAndUses) {
  Graph graph;
  const ValueId x = graph.add_input("x", ValueType::tensor(ElementType::kFloat32));
  const ValueId y = graph.add_value("y");
  const NodeId node = add_op(graph, {x, kNoId, x}, {y});
  EXPECT_EQ(graph.value(y).producer, node);
  EXPECT_EQ(graph.value(x).consumers.size(), 2U);
  EXPECT_TRUE(graph.value(x).is_input);
  EXPECT_EQ(graph.find_value("y"), y);
  EXPECT_FALSE(graph.find_value("z").has_value());
}

TEST(Graph, MakesNamesUnique) {
  Graph graph;
  const ValueId first = graph.add_value("a");
  const ValueId second = graph.add_value("a");
  const ValueId unnamed = graph.add_value("");
  EXPECT_NE(graph.value(first).name, graph.value(second).name);
  EXPECT_FALSE(graph.value(unnamed).name.empty());
  graph.rename_value(second, "b");
  EXPECT_EQ(graph.find_value("b"), second);
  EXPECT_FALSE(graph.find_value("a_1").has_value());
}

TEST(Graph, RewiringKeepsUsesConsistent) {
  Graph graph;
  const ValueId x = graph.add_value("x");
  const ValueId y = graph.add_value("y");
  std::vector<NodeId> nodes;
  for (int i = 0; i < 6; ++i) nodes.push_back(add_op(graph, {x, y, x}, {graph.add_value("o")}));
  graph.set_node_input(nodes[0], 0, y);
  expect_uses_consistent(graph);
  graph.resize_node_inputs(nodes[1], 1);
  graph.add_node_input(nodes[1], y);
  expect_uses_consistent(graph);
  graph.remove_node(nodes[2]);
  expect_uses_consistent(graph);
  graph.replace_uses(y, x);
  expect_uses_consistent(graph);
  EXPECT_TRUE(graph.value(y).consumers.empty());
  graph.remove_node(nodes[5]);
  graph.remove_node(nodes[0]);
  expect_uses_consistent(graph);
  EXPECT_EQ(graph.alive_count(), 3U);
}

TEST(Graph, ReplaceUsesMovesGraphOutputs) {
  Graph graph;
  const ValueId x = graph.add_input("x", {});
  const ValueId y = graph.add_value("y");
  const NodeId node = add_op(graph, {x}, {y});
  graph.add_output(y);
  graph.replace_uses(y, x);
  graph.remove_node(node);
  EXPECT_EQ(graph.outputs(), std::vector<ValueId>{x});
  EXPECT_TRUE(graph.value(x).is_output);
  EXPECT_FALSE(graph.value(y).is_output);
  EXPECT_EQ(graph.value(y).producer, kNoId);
}

TEST(Graph, CompactDropsHolesAndUnmentionedValues) {
  Graph graph;
  const ValueId x = graph.add_input("x", {});
  const ValueId dead = graph.add_value("dead");
  const ValueId y = graph.add_value("y");
  const NodeId first = add_op(graph, {x}, {dead});
  add_op(graph, {x}, {y});
  graph.add_output(y);
  graph.remove_node(first);
  const std::vector<ValueId> renumbered = graph.compact();
  EXPECT_EQ(renumbered, (std::vector<ValueId>{0, kNoId, 1}));
  EXPECT_EQ(graph.node_count(), 1U);
  EXPECT_EQ(graph.value(1).producer, 0U);
  EXPECT_EQ(graph.find_value("y"), 1U);
  EXPECT_FALSE(graph.find_value("dead").has_value());
  expect_uses_consistent(graph);
  graph.set_node_input(0, 0, 1);  // the places of uses moved along
  expect_uses_consistent(graph);
}

TEST(Graph, CloneSharesTensorsAndCopiesBodies) {
  Graph graph;
  const ValueId c = graph.add_constant("c", Tensor::of_int64({1}, std::vector<int64_t>{7}));
  Node node;
  node.op_type = "If";
  node.inputs = {c};
  node.region = RegionKind::kBranch;
  node.regions = {std::make_shared<Graph>(graph.shared_symbols())};
  graph.add_node(std::move(node));
  const auto copy = graph.clone();
  EXPECT_EQ(copy->value(c).constant, graph.value(c).constant);
  EXPECT_NE(copy->node(0).regions[0], graph.node(0).regions[0]);
  copy->set_node_input(0, 0, copy->add_value("d"));
  expect_uses_consistent(*copy);
  expect_uses_consistent(graph);
}

TEST(TopologicalOrder, KeepsASortedGraph) {
  Graph graph;
  ValueId last = graph.add_input("x", {});
  for (int i = 0; i < 4; ++i) {
    const ValueId next = graph.add_value("v");
    add_op(graph, {last}, {next});
    last = next;
  }
  EXPECT_EQ(graph.topological_order(), (std::vector<NodeId>{0, 1, 2, 3}));
}

TEST(TopologicalOrder, PutsAnAppendedNodeBeforeItsConsumer) {
  Graph graph;
  const ValueId x = graph.add_input("x", {});
  const ValueId a = graph.add_value("a");
  const NodeId consumer = add_op(graph, {a}, {graph.add_value("b")});
  const NodeId other = add_op(graph, {x}, {graph.add_value("c")});
  const NodeId producer = add_op(graph, {x}, {a});
  EXPECT_EQ(graph.topological_order(), (std::vector<NodeId>{producer, consumer, other}));
}

TEST(TopologicalOrder, LeavesOutCyclesAndWhatWaitsForThem) {
  Graph graph;
  const ValueId x = graph.add_input("x", {});
  const ValueId a = graph.add_value("a");
  const ValueId b = graph.add_value("b");
  const ValueId c = graph.add_value("c");
  add_op(graph, {b, x}, {a});
  add_op(graph, {a}, {b});
  add_op(graph, {b}, {c});
  const NodeId free = add_op(graph, {x}, {graph.add_value("d")});
  EXPECT_EQ(graph.topological_order(), std::vector<NodeId>{free});
}

TEST(Graph, HundredThousandNodesStayLinear) {
  // Quadratic work would need 10^10 steps here and run into the test's time limit.
  constexpr int kNodes = 100'000;
  Graph graph;
  const ValueId shared = graph.add_constant("c", Tensor::of_float({}, std::vector<float>{1}));
  ValueId last = graph.add_input("x", {});
  for (int i = 0; i < kNodes; ++i) {
    const ValueId next = graph.add_value("v");
    add_op(graph, {last, shared}, {next});
    last = next;
  }
  EXPECT_EQ(graph.topological_order().size(), static_cast<size_t>(kNodes));
  for (NodeId node = 0; node < kNodes; ++node) graph.remove_node(node);
  EXPECT_TRUE(graph.value(shared).consumers.empty());
  graph.compact();
  EXPECT_EQ(graph.value_count(), 1U);  // x
}

}  // namespace
}  // namespace bp
