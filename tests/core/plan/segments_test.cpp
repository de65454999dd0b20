// Cutting into segments: one where all shapes follow from the inputs, more where data decides.
#include "plan/segments.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/graph_builder.hpp"

namespace bp {
namespace {

// Every node of the graph in a partition of its own, but for those in `host`.
std::shared_ptr<PartitionedGraph> one_each(std::unique_ptr<Graph> graph, const std::vector<NodeId>& host = {}) {
  auto made = std::make_shared<PartitionedGraph>();
  made->decisions.resize(graph->node_count());
  for (const NodeId id : graph->topological_order()) {
    const Node& node = graph->node(id);
    if (std::find(host.begin(), host.end(), id) != host.end()) {
      made->decisions[id].placement = Placement::kHost;
      continue;
    }
    made->decisions[id].partition = static_cast<uint32_t>(made->partitions.size());
    made->items.push_back({false, made->decisions[id].partition, false});
    Partition partition;
    partition.nodes = {id};
    partition.inputs = node.inputs;
    partition.outputs = node.outputs;
    made->partitions.push_back(std::move(partition));
  }
  made->graph = std::move(graph);
  return made;
}

TEST(Segments, AChainIsOneSegment) {
  test::GraphBuilder builder;
  ValueId x = builder.input("x", {4});
  for (int i = 0; i < 3; ++i) x = builder.node("Relu", {x}, {4});
  builder.output(x);
  const auto plan = plan_segments(one_each(builder.take()), {});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  ASSERT_EQ(plan->segments.size(), 1u);
  EXPECT_EQ(plan->segments[0].partitions.size(), 3u);
  EXPECT_EQ(plan->segments[0].inputs.size(), 1u);
  EXPECT_EQ(plan->segments[0].outputs.size(), 1u);
}

TEST(Segments, EndBehindDataDependentDims) {
  test::GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId found = builder.node("NonZero", {x}, {1, -1});
  const ValueId left = builder.node("Relu", {x}, {4});
  builder.output(builder.node("Neg", {found}, {1, -1}));
  builder.output(left);
  ShapeFacts facts;
  facts.data_dependent = {true, false, false};
  const auto plan = plan_segments(one_each(builder.take()), facts).value();
  ASSERT_EQ(plan.segments.size(), 2u);
  EXPECT_EQ(plan.segments[0].nodes, (std::vector<NodeId>{0, 1}));
  EXPECT_EQ(plan.segments[1].nodes, (std::vector<NodeId>{2}));
  EXPECT_EQ(plan.segments[1].inputs, (std::vector<ValueId>{found}));
}

TEST(Segments, AValueThatIsReadBackStartsASegmentWithItsContentsInTheKey) {
  test::GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId count = builder.node("ReduceMax", {x}, {1});
  builder.output(builder.node("Expand", {x, count}, {-1}));
  ShapeFacts facts;
  facts.key_value = std::vector<bool>(8, false);
  facts.key_value[count] = true;
  const auto plan = plan_segments(one_each(builder.take()), facts).value();
  ASSERT_EQ(plan.segments.size(), 2u);
  EXPECT_EQ(plan.segments[1].key_values, (std::vector<ValueId>{count}));
}

TEST(Segments, HostValuesOfEarlierSegmentsBelongToTheKey) {
  // x -> Shape, and a second partition that waits for data-dependent dims and reads that shape.
  test::GraphBuilder builder;
  const ValueId x = builder.input("x", {-1});
  const ValueId found = builder.node("NonZero", {x}, {1, -1});
  const ValueId shape = builder.node("Shape", {x}, {1});
  builder.output(builder.node("Reshape", {found, shape}, {-1}));
  ShapeFacts facts;
  facts.data_dependent = {true, false, false};
  const auto plan = plan_segments(one_each(builder.take(), {1}), facts).value();
  ASSERT_EQ(plan.segments.size(), 2u);
  EXPECT_EQ(plan.segments[1].key_values, (std::vector<ValueId>{shape}));
}

TEST(Segments, ANodeThatTheCoreRunsStandsAlone) {
  test::GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId front = builder.node("Relu", {x}, {4});
  const ValueId row = builder.node("SequenceConstruct", {front}, ValueType{});
  const ValueId back = builder.node("SequenceAt", {row}, {4});
  builder.output(builder.node("Relu", {back}, {4}));
  builder.graph().node(1).container = ContainerKind::kSequence;
  builder.graph().node(2).container = ContainerKind::kAt;
  auto made = std::make_shared<PartitionedGraph>();
  made->decisions.resize(4);
  made->decisions[1].placement = made->decisions[2].placement = Placement::kCore;
  made->decisions[0].partition = 0;
  made->decisions[3].partition = 1;
  made->items = {{false, 0, false}, {true, 1, true}, {true, 2, true}, {false, 1, false}};
  made->partitions = {{0, {0}, {x}, {front}}, {0, {3}, {back}, builder.graph().outputs()}};
  made->graph = builder.take();
  const auto plan = plan_segments(made, {}).value();
  ASSERT_EQ(plan.segments.size(), 4u);
  EXPECT_FALSE(plan.segments[0].is_core());
  EXPECT_EQ(plan.segments[1].core_node, 1u);
  EXPECT_EQ(plan.segments[2].core_node, 2u);
  EXPECT_EQ(plan.segments[3].inputs, (std::vector<ValueId>{back}));
}

TEST(Segments, AHostValueMayDependOnDimsOfThePartitionThatReadsIt) {
  // conv -> Shape -> Reshape, where conv and Reshape are one partition.
  test::GraphBuilder builder;
  const ValueId x = builder.input("x", {4, 2});
  const ValueId conv = builder.node("Relu", {x}, {4, 2});
  const ValueId shape = builder.node("Shape", {conv}, {2});
  const ValueId out = builder.node("Reshape", {conv, shape}, {4, 2});
  builder.output(out);
  auto made = std::make_shared<PartitionedGraph>();
  made->decisions.resize(3);
  made->decisions[0].partition = made->decisions[2].partition = 0;
  made->decisions[1].placement = Placement::kHost;
  made->items.push_back({false, 0, false});
  made->partitions.push_back({0, {0, 2}, {x, shape}, {out}});
  made->graph = builder.take();
  const auto plan = plan_segments(made, {});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_EQ(plan->segments.size(), 1u);
}

}  // namespace
}  // namespace bp
