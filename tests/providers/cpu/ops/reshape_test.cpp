#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuReshape, FillsZeroAndMinusOne) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  const auto shape = graph.constant(tensor<int64_t>({2}, {0, -1}));
  const auto y = graph.node("Reshape", {x, shape});
  graph.expect(y, tensor<float>({2, 6}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  graph.run();
}

TEST(CpuReshape, TakesTheTargetThatTheHostKnows) {
  TestGraph graph;
  const auto x = graph.input(tensor<int64_t>({4}, {1, 2, 3, 4}));
  const auto shape = graph.known(tensor<int64_t>({2}, {2, 2}));
  graph.expect(graph.node("Reshape", {x, shape}), tensor<int64_t>({2, 2}, {1, 2, 3, 4}));
  graph.run();
}

TEST(CpuReshape, RunsNothingBetweenKernels) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, -2, 3, -4}));
  const auto shape = graph.constant(tensor<int64_t>({1}, {4}));
  const auto y = graph.node("Reshape", {graph.node("Neg", {x}), shape});
  graph.expect(graph.node("Relu", {y}), tensor<float>({4}, {0, 2, 0, 4}));
  graph.run();
  EXPECT_EQ(graph.steps().size(), 2u);
}

TEST(CpuReshape, ViewsOfOneValueMayBothBeOutputs) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, -2, 3, -4}));
  const auto y = graph.node("Neg", {x});
  graph.expect(graph.node("Flatten", {y}, {{"axis", 0}}), tensor<float>({1, 4}, {-1, 2, -3, 4}));
  graph.expect(y, tensor<float>({2, 2}, {-1, 2, -3, 4}));
  graph.expect(graph.node("Identity", {x}), tensor<float>({2, 2}, {1, -2, 3, -4}));
  graph.run();
}

TEST(CpuReshape, RejectsATargetThatNobodyKnows) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({4}, {1, 2, 3, 4}));
  const auto shape = graph.input(tensor<int64_t>({2}, {2, 2}));
  graph.output(graph.node("Reshape", {x, shape}));
  EXPECT_NE(graph.reasons().find("must be constant"), std::string::npos);
}

TEST(CpuReshape, SaysWhatDoesNotFit) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({4}, {1, 2, 3, 4}));
  const auto shape = graph.constant(tensor<int64_t>({1}, {3}));
  graph.output(graph.node("Reshape", {x, shape}));
  EXPECT_EQ(graph.specialize_error(), "Reshape 'n0': cannot give [4] the dims [3]");
}

}  // namespace
}  // namespace bp::cpu::test
