#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuCol2Im, AddsWhereBlocksMeet) {
  TestGraph graph;
  const auto columns = graph.input(tensor<float>({1, 2, 2}, {1, 2, 3, 4}));
  const auto shape = graph.constant(tensor<int64_t>({1}, {3}));
  const auto block = graph.constant(tensor<int64_t>({1}, {2}));
  graph.expect(graph.node("Col2Im", {columns, shape, block}), tensor<float>({1, 1, 3}, {1, 2 + 3, 4}));
  graph.run();
}

TEST(CpuMaxUnpool, PutsElementsBack) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1, 1, 2}, {5, 6}));
  const auto at = graph.input(tensor<int64_t>({1, 1, 1, 2}, {1, 7}));
  const auto y =
      graph.node("MaxUnpool", {x, at},
                 {{"kernel_shape", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 2}}});
  graph.expect(y, tensor<float>({1, 1, 2, 4}, {0, 5, 0, 0, 0, 0, 0, 6}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
