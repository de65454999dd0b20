#include <gtest/gtest.h>

#include <cmath>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

// Channel 0 holds 1, 3, 5, 7 (mean 4, variance 5), channel 1 holds 2, 2, 2, 2.
TEST(CpuBatchStatistics, NormalizeAndMoveTheRunningOnes) {
  TestGraph graph;
  graph.set_threads(2);
  const auto x = graph.input(tensor<float>({2, 2, 2}, {1, 3, 2, 2, 5, 7, 2, 2}));
  const auto scale = graph.constant(tensor<float>({2}, {2, 3}));
  const auto shift = graph.constant(tensor<float>({2}, {0.5f, -1}));
  const auto mean = graph.input(tensor<double>({2}, {10, 20}));
  const auto variance = graph.input(tensor<double>({2}, {1, 2}));
  const auto out = graph.nodes(
      "BatchNormalization", {x, scale, shift, mean, variance},
      {{"training_mode", 1}, {"momentum", 0.75f}, {"epsilon", 0.0625f}},
      {{Type::kFloat32, {2, 2, 2}, true}, {Type::kFloat64, {2}, true}, {Type::kFloat64, {2}, true}});
  const float unit = 2 / std::sqrt(5.0625f);
  graph.expect(out[0], tensor<float>({2, 2, 2}, {0.5f - 3 * unit, 0.5f - unit, -1, -1, 0.5f + unit,
                                                 0.5f + 3 * unit, -1, -1}));
  graph.expect(out[1], tensor<double>({2}, {0.75 * 10 + 0.25 * 4, 0.75 * 20 + 0.25 * 2}));
  graph.expect(out[2], tensor<double>({2}, {0.75 * 1 + 0.25 * 5, 0.75 * 2}));
  graph.run();
}

TEST(CpuBatchStatistics, NeedElements) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({0, 1, 2}, {}));
  const auto c = graph.constant(tensor<float>({1}, {1}));
  graph.output(graph.node("BatchNormalization", {x, c, c, c, c}, {{"training_mode", 1}}));
  EXPECT_NE(graph.specialize_error().find("a batch without elements"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
