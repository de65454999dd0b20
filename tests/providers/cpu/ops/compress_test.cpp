#include <gtest/gtest.h>

#include <cmath>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestOutput depends(Type type) { return {type, {}, false, true}; }

TEST(CpuNonZero, GivesAColumnPerElement) {
  TestGraph graph;
  const auto x = graph.input(tensor<bool>({2, 2}, {true, false, true, true}));
  graph.expect(graph.node("NonZero", {x}, {}, depends(Type::kInt64)),
               tensor<int64_t>({2, 3}, {0, 1, 1, 0, 0, 1}));
  graph.run();
}

TEST(CpuCompress, KeepsColumnsAndElements) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto keep = graph.input(tensor<bool>({3}, {false, true, true}));
  graph.expect(graph.node("Compress", {x, keep}, {{"axis", 1}}, depends(Type::kFloat32)),
               tensor<float>({2, 2}, {2, 3, 5, 6}));
  graph.expect(graph.node("Compress", {x, keep}, {}, depends(Type::kFloat32)), tensor<float>({2}, {2, 3}));
  graph.run();
}

TEST(CpuUnique, CountsInOrderOfAppearance) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({5}, {3, 1, 3, 2, 1}));
  const auto y = graph.nodes(
      "Unique", {x}, {{"sorted", 0}},
      {depends(Type::kFloat32), depends(Type::kInt64), depends(Type::kInt64), depends(Type::kInt64)});
  graph.expect(y[0], tensor<float>({3}, {3, 1, 2}));
  graph.expect(y[1], tensor<int64_t>({3}, {0, 1, 3}));
  graph.expect(y[2], tensor<int64_t>({5}, {0, 1, 0, 2, 1}));
  graph.expect(y[3], tensor<int64_t>({3}, {2, 2, 1}));
  graph.run();
}

TEST(CpuUnique, SortsRowsAndTakesNaNAsOneValue) {
  const float nan = std::nanf("");
  TestGraph graph;
  const auto x = graph.input(tensor<float>({4, 1}, {nan, 2, nan, 1}));
  const auto y = graph.nodes("Unique", {x}, {{"axis", 0}}, {depends(Type::kFloat32), depends(Type::kInt64)});
  graph.output(y[0], {-1, -1});
  graph.expect(y[1], tensor<int64_t>({3}, {3, 1, 0}));
  EXPECT_EQ(graph.run()[0].dims, (Dims{3, 1}));
}

}  // namespace
}  // namespace bp::cpu::test
