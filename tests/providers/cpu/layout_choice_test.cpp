#include "layout_choice.hpp"

#include <gtest/gtest.h>

#include "instruction_set.hpp"

namespace bp::cpu {
namespace {

// A graph of nodes that read the values named before: node n makes value n + 1, value 0 is the input.
Graph chain(const std::vector<std::string>& ops) {
  Graph graph;
  graph.values.resize(ops.size() + 1);
  for (size_t i = 0; i < ops.size(); ++i) {
    Node node;
    node.op_type = ops[i];
    node.inputs = {static_cast<uint32_t>(i)};
    node.outputs = {static_cast<uint32_t>(i + 1)};
    graph.nodes.push_back(node);
  }
  return graph;
}

Layout last() {
  return instruction_set() == InstructionSet::kAvx512 ? Layout::kChannelsLast : Layout::kBlocked16;
}

Layout few(const Graph& graph) { return choose_convolution_layouts(graph).for_images(1); }

TEST(CpuLayoutChoice, ChannelsLastWhereAllKeepAnyLayout) {
  EXPECT_EQ(few(chain({"Conv", "Relu", "MaxPool", "Conv"})), last());
  EXPECT_EQ(few(chain({"Conv", "Conv", "GlobalAveragePool", "Transpose"})), last());
}

TEST(CpuLayoutChoice, BlocksElsewhere) {
  EXPECT_EQ(few(chain({"Conv", "Concat", "Conv"})), Layout::kBlocked16);
  EXPECT_EQ(few(chain({"Conv", "Conv", "Relu", "Transpose"})), Layout::kBlocked16);
  EXPECT_EQ(few(chain({"Conv"})), Layout::kBlocked16);
}

// Two convolutions of `channels` with a Concat between.
Graph joined(int64_t channels, int64_t height) {
  Graph graph = chain({"Conv", "Concat", "Conv"});
  for (Value& value : graph.values) value.dims = {1, channels, height, 10};
  Value weights;
  weights.dims = {channels, channels, 3, 3};
  graph.values.push_back(weights);
  for (const size_t node : {0, 2})
    graph.nodes[node].inputs.push_back(static_cast<uint32_t>(graph.values.size() - 1));
  return graph;
}

TEST(CpuLayoutChoice, ChannelsLastWhereBlocksWouldBeAir) {
  EXPECT_EQ(few(joined(36, 10)), last());
  EXPECT_EQ(few(joined(48, 10)), Layout::kBlocked16);
  EXPECT_EQ(few(joined(36, -1)), Layout::kBlocked16);
}

// Convolutions in a row with windows of these sizes.
Graph windows(const std::vector<int64_t>& sizes) {
  Graph graph = chain(std::vector<std::string>(sizes.size(), "Conv"));
  for (size_t node = 0; node < sizes.size(); ++node) {
    Value weights;
    weights.dims = {64, 64, sizes[node], 1};
    graph.values.push_back(weights);
    graph.nodes[node].inputs.push_back(static_cast<uint32_t>(graph.values.size() - 1));
  }
  return graph;
}

TEST(CpuLayoutChoice, BlocksForManyImagesWhereMostWindowsAreOnePixel) {
  EXPECT_EQ(choose_convolution_layouts(windows({1, 3, 1})).for_images(1), last());
  EXPECT_EQ(choose_convolution_layouts(windows({1, 3, 1})).for_images(8), Layout::kBlocked16);
  EXPECT_EQ(choose_convolution_layouts(windows({3, 1, 3})).for_images(8), last());
}

}  // namespace
}  // namespace bp::cpu
