#include "harness/probes.hpp"

#include <gtest/gtest.h>

#include <set>

#include "harness/graph_zoo.hpp"

namespace bp::conformance {
namespace {

TEST(Probes, AreWholeGraphs) {
  std::set<std::string> names;
  for (const uint32_t level : {22u, 28u}) {
    for (const Probe& probe : all_probes(level, 1)) {
      names.insert(probe.name);
      const std::vector<uint32_t> inputs = probe.graph.inputs();
      ASSERT_EQ(inputs.size(), probe.inputs.size()) << probe.name;
      for (size_t i = 0; i < inputs.size(); ++i) {
        EXPECT_EQ(probe.graph.values()[inputs[i]].dims, probe.inputs[i].dims) << probe.name;
        EXPECT_EQ(probe.inputs[i].bytes.size(),
                  bytes_of(probe.inputs[i].element_type, probe.inputs[i].count()));
      }
      EXPECT_FALSE(probe.graph.outputs().empty()) << probe.name;
      for (const RawGraph::Node& node : probe.graph.nodes()) {
        EXPECT_GT(node.since_version, node.op_type == "Not" ? 0 : 1) << node.op_type;
      }
    }
  }
  EXPECT_EQ(names.size(), all_probes(22, 1).size());
}

TEST(Probes, FollowTheirSeed) {
  EXPECT_EQ(random_tensor(BP_TYPE_FLOAT32, {4}, 1), random_tensor(BP_TYPE_FLOAT32, {4}, 1));
  EXPECT_NE(random_tensor(BP_TYPE_FLOAT32, {4}, 1), random_tensor(BP_TYPE_FLOAT32, {4}, 2));
}

TEST(RawGraph, ANodeAloneReadsWhatEnters) {
  RawGraph graph(22);
  const uint32_t x = graph.input("x", BP_TYPE_FLOAT32, {2});
  const uint32_t c = graph.constant("c", random_tensor(BP_TYPE_FLOAT32, {2}, 1));
  const uint32_t middle = graph.node("Relu", {x}, BP_TYPE_FLOAT32, {2});
  graph.node("Add", {middle, c}, BP_TYPE_FLOAT32, {2});
  EXPECT_EQ(graph.outputs().size(), 1u);
  const RawGraph alone = graph.alone(1);
  ASSERT_EQ(alone.nodes().size(), 1u);
  EXPECT_EQ(alone.inputs().size(), 1u);
  EXPECT_EQ(alone.outputs().size(), 1u);
  EXPECT_EQ(alone.values()[alone.nodes()[0].inputs[1]].flags, BP_VALUE_CONSTANT);
  const RawView view(alone);
  EXPECT_EQ(view.get()->nodes.count, 1u);
  EXPECT_EQ(BP_AT(bp_node, view.get()->nodes, 0)->since_version, 14);
}

TEST(GraphZoo, NamesItsGraphsOnce) {
  std::set<std::string> names;
  for (const ZooGraph& zoo : graph_zoo(22, 1)) EXPECT_TRUE(names.insert(zoo.name).second) << zoo.name;
  EXPECT_GT(names.size(), 100u);
}

}  // namespace
}  // namespace bp::conformance
