#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuGather, ReadsRowsAndColumns) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto at = graph.input(tensor<int32_t>({2}, {-1, 0}));
  graph.expect(graph.node("Gather", {x, at}, {{"axis", 1}}), tensor<float>({2, 2}, {3, 1, 6, 4}));
  graph.expect(graph.node("Gather", {x, at}), tensor<float>({2, 3}, {4, 5, 6, 1, 2, 3}));
  graph.run();
}

TEST(CpuGather, IsAViewAtOneKnownIndex) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, 2, 3, -4}));
  const auto at = graph.constant(tensor<int64_t>({}, {-1}));
  const auto row = graph.node("Gather", {graph.node("Neg", {x}), at}, {}, {Type::kFloat32, {2}, true});
  graph.expect(graph.node("Relu", {row}), tensor<float>({2}, {0, 4}));
  graph.run();
  EXPECT_EQ(graph.steps().size(), 2u);
}

TEST(CpuGatherElements, MovesAlongTheAxis) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const auto at = graph.input(tensor<int64_t>({2, 3}, {1, 2, 0, 2, 0, -3}));
  graph.expect(graph.node("GatherElements", {x, at}), tensor<float>({2, 3}, {4, 8, 3, 7, 2, 3}));
  graph.run();
}

// Along the first, a middle and the last axis, with negative indices, against plain loops.
TEST(CpuGatherElements, MovesAlongEveryAxis) {
  const Dims dims = {5, 7, 41};
  std::vector<float> values;
  for (int64_t i = 0; i < element_count(dims); ++i) values.push_back(static_cast<float>(i));
  for (size_t axis = 0; axis < 3; ++axis) {
    std::vector<int64_t> indices;
    std::vector<float> expected;
    const Dims strides = {7 * 41, 41, 1};
    for (int64_t i = 0; i < element_count(dims); ++i) {
      const int64_t to = i * 31 % dims[axis];
      const int64_t from = i / strides[axis] % dims[axis];
      indices.push_back(i % 3 == 0 ? to - dims[axis] : to);
      expected.push_back(values[static_cast<size_t>(i + (to - from) * strides[axis])]);
    }
    TestGraph graph;
    graph.set_threads(2);
    const auto x = graph.input(tensor<float>(dims, values));
    const auto at = graph.input(tensor<int64_t>(dims, indices));
    graph.expect(graph.node("GatherElements", {x, at}, {{"axis", static_cast<int64_t>(axis)}}),
                 tensor<float>(dims, expected), 0);
    graph.run();
  }
}

TEST(CpuGatherND, PointsIntoBatches) {
  TestGraph graph;
  const auto x = graph.input(tensor<int32_t>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}));
  const auto at = graph.input(tensor<int64_t>({2, 1}, {1, 0}));
  graph.expect(graph.node("GatherND", {x, at}, {{"batch_dims", 1}}, {Type::kInt32}),
               tensor<int32_t>({2, 2}, {2, 3, 4, 5}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
