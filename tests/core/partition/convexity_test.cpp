// Properties that hold for every graph: each node is in one place, no group depends on itself through
// others, items are in an order in which they can run, and the same question has the same answer.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "fake_device.hpp"
#include "partition/partition.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using test::FakeDevice;
using test::GraphBuilder;

std::unique_ptr<Graph> random_graph(uint32_t seed, int node_count, int reach) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  const char* const kOps[] = {"A", "A", "A", "B", "B", "Both", "Host", "Data"};
  GraphBuilder b;
  std::vector<ValueId> values = {b.input("x", {4}), b.input("y", {4})};
  for (int i = 0; i < node_count; ++i) {
    // Few data-dependent nodes: each ends a segment.
    const char* op = kOps[below(below(8) == 0 ? 8 : 7)];
    std::vector<ValueId> inputs;
    for (size_t k = 0, count = 1 + below(3); k < count; ++k) {
      const size_t window = std::min(values.size(), static_cast<size_t>(reach));
      inputs.push_back(values[values.size() - 1 - below(window)]);
    }
    values.push_back(b.node(op, inputs, {4}));
  }
  for (size_t i = values.size() - 3; i < values.size(); ++i) b.output(values[i]);
  return b.take();
}

struct Devices {
  FakeDevice first{"A:0", std::vector<std::string>{"A", "Both", "Data"}};
  FakeDevice second{"B:0", std::vector<std::string>{"B", "Both"}};
  std::vector<DeviceQuery*> list{&first, &second};
};

PartitionedGraph partitioned(std::shared_ptr<Graph> graph, bool splits) {
  Devices devices;
  if (splits) {
    devices.first.partition_rule = [](const Graph& cut) -> Result<PartitionAnswer> {
      PartitionAnswer answer;
      if (cut.node_count() > 3) {
        answer.kind = cut.node_count() % 2 ? PartitionAnswerKind::kSplit : PartitionAnswerKind::kReject;
        answer.split_node = 1 + static_cast<uint32_t>(cut.node_count() / 3);
      }
      return answer;
    };
  }
  auto result = partition(std::move(graph), devices.list, test::plain_hooks(), {});
  EXPECT_TRUE(result.ok()) << result.status().to_string();
  return std::move(result).value();
}

void check_everything(const PartitionedGraph& p) {
  const Graph& graph = *p.graph;
  std::vector<uint32_t> item_of(graph.node_count(), kNoIndex);
  for (uint32_t i = 0; i < p.items.size(); ++i) {
    for (const NodeId id : p.partitions[p.items[i].index].nodes) {
      ASSERT_EQ(item_of[id], kNoIndex) << "node " << id << " is in two partitions";
      item_of[id] = i;
    }
  }
  // The latest item on which a value's contents (device) or dims depend. An item may use a value only
  // of an earlier item or of itself; host nodes pass the dims on.
  std::vector<int64_t> dims_known(graph.value_count(), -1);
  for (const NodeId id : graph.topological_order()) {
    const Node& node = graph.node(id);
    const bool on_host = p.decisions[id].placement == Placement::kHost;
    ASSERT_EQ(on_host, node.op_type == "Host");
    ASSERT_EQ(on_host, item_of[id] == kNoIndex);
    int64_t known = -1;
    for (const ValueId input : node.inputs) {
      known = std::max(known, dims_known[input]);
      const NodeId producer = graph.value(input).producer;
      if (on_host || producer == kNoId || item_of[producer] == kNoIndex) continue;
      ASSERT_LE(item_of[producer], item_of[id]) << "item order breaks an edge";
    }
    if (!on_host) {
      ASSERT_LT(known, static_cast<int64_t>(item_of[id])) << "dims are not known yet";
    }
    if (node.op_type == "Data") {
      known = item_of[id];
      ASSERT_TRUE(p.items[item_of[id]].ends_segment);
    }
    dims_known[node.outputs[0]] = known;
  }
  // Items in order and edges only forwards: no group can reach itself through another.
}

TEST(PartitionProperties, GroupsAreConvexAndInOrder) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const int nodes = 1 + static_cast<int>(seed % 60);
    check_everything(partitioned(random_graph(seed, nodes, 2 + static_cast<int>(seed % 9)), false));
  }
}

TEST(PartitionProperties, SplitGroupsAreConvexAndInOrder) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    check_everything(partitioned(random_graph(seed, 40, 8), true));
  }
}

TEST(PartitionProperties, TheSameGraphIsCutTheSameWay) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const PartitionedGraph a = partitioned(random_graph(seed, 60, 6), true);
    const PartitionedGraph b = partitioned(random_graph(seed, 60, 6), true);
    ASSERT_EQ(a.partitions.size(), b.partitions.size());
    for (size_t i = 0; i < a.partitions.size(); ++i) {
      EXPECT_EQ(a.partitions[i].nodes, b.partitions[i].nodes);
      EXPECT_EQ(a.partitions[i].device, b.partitions[i].device);
      EXPECT_EQ(a.partitions[i].inputs, b.partitions[i].inputs);
      EXPECT_EQ(a.partitions[i].outputs, b.partitions[i].outputs);
    }
  }
}

TEST(PartitionProperties, OneDeviceWithoutSegmentsIsOneGroup) {
  Devices devices;
  FakeDevice all("A:0", std::vector<std::string>{"A", "B", "Both", "Data"});
  PartitionHooks hooks = test::plain_hooks();
  const auto classify = hooks.classify;
  hooks.classify = [&](const Graph& graph) {
    auto facts = classify(graph);
    facts->data_dependent.assign(graph.node_count(), false);
    return facts;
  };
  std::vector<DeviceQuery*> list = {&all};
  for (uint32_t seed = 0; seed < 50; ++seed) {
    auto result = partition(random_graph(seed, 50, 10), list, hooks, {});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->partitions.size(), 1u) << seed;
  }
}

TEST(PartitionProperties, Handles100000Nodes) {
  check_everything(partitioned(random_graph(7, 100'000, 40), false));
}

}  // namespace
}  // namespace bp
