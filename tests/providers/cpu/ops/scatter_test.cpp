#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuScatterElements, ReducesWhereIndicesMeet) {
  for (const auto& [reduction, expected] :
       std::vector<std::pair<const char*, std::vector<float>>>{{"none", {1, 5, 3}},
                                                               {"add", {1, 2 + 4 + 5, 3}},
                                                               {"mul", {1, 2 * 4 * 5, 3}},
                                                               {"min", {1, 2, 3}},
                                                               {"max", {1, 5, 3}}}) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({1, 3}, {1, 2, 3}));
    const auto at = graph.input(tensor<int64_t>({1, 2}, {1, -2}));
    const auto updates = graph.input(tensor<float>({1, 2}, {4, 5}));
    const auto y = graph.node("ScatterElements", {x, at, updates}, {{"axis", 1}, {"reduction", reduction}});
    graph.expect(y, tensor<float>({1, 3}, expected));
    graph.run();
  }
}

TEST(CpuScatterND, WritesBlocksAndElements) {
  TestGraph graph;
  const auto x = graph.input(tensor<int8_t>({2, 2}, {1, 2, 3, 4}));
  const auto row = graph.input(tensor<int64_t>({1, 1}, {-1}));
  const auto rows = graph.node("ScatterND", {x, row, graph.input(tensor<int8_t>({1, 2}, {7, 8}))});
  graph.expect(rows, tensor<int8_t>({2, 2}, {1, 2, 7, 8}));
  const auto one = graph.input(tensor<int32_t>({2}, {0, 1}));
  graph.expect(graph.node("ScatterND", {x, one, graph.input(tensor<int8_t>({}, {9}))}),
               tensor<int8_t>({2, 2}, {1, 9, 3, 4}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
