#include <gtest/gtest.h>

#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuUnary, ReluKeepsNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, -2, nan, -0.5f}));
  graph.expect(graph.node("Relu", {x}), tensor<float>({2, 2}, {1, 0, nan, 0}));
  graph.run();
}

TEST(CpuUnary, CeluAndHardSigmoidKeepNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3}, {2, nan, -10}));
  graph.expect(graph.node("HardSigmoid", {x}), tensor<float>({3}, {0.9f, nan, 0}));
  graph.expect(graph.node("Celu", {x}), tensor<float>({3}, {2, nan, -0.9999546f}));
  graph.run();
}

TEST(CpuUnary, NegTakesEveryFloatAndSignedInt) {
  TestGraph graph;
  const auto a = graph.input(tensor<Half>({2}, {1.5f, -2.f}));
  const auto b = graph.input(tensor<Bfloat16>({2}, {1.5f, -2.f}));
  const auto c = graph.input(tensor<int8_t>({2}, {1, -2}));
  graph.expect(graph.node("Neg", {a}), tensor<Half>({2}, {-1.5f, 2.f}));
  graph.expect(graph.node("Neg", {b}), tensor<Bfloat16>({2}, {-1.5f, 2.f}));
  graph.expect(graph.node("Neg", {c}), tensor<int8_t>({2}, {-1, 2}));
  graph.run();
}

TEST(CpuUnary, ChainRunsInPlaceAndOnTwoThreads) {
  const TestTensor x = made_up({3, 20000});
  TestGraph graph;
  graph.set_threads(2);
  auto y = graph.input(x);
  for (int i = 0; i < 4; ++i) y = graph.node("Neg", {y});
  graph.expect(y, x);
  graph.run();
}

TEST(CpuUnary, EmptyTensorsRunNothing) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({0, 3}, {}));
  graph.expect(graph.node("Abs", {x}), tensor<float>({0, 3}, {}));
  graph.run();
  EXPECT_TRUE(graph.steps().empty());
}

TEST(CpuUnary, RejectsTypesWithoutKernelNamingThem) {
  TestGraph graph;
  const auto x = graph.input(tensor<uint8_t>({1}, {1}));
  graph.output(graph.node("Relu", {x}));
  EXPECT_NE(graph.reasons().find("input 0 is uint8"), std::string::npos) << graph.reasons();
}

TEST(CpuUnary, RejectsUnknownOperators) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1}, {1}));
  graph.output(graph.node("NoSuchOperator", {x}));
  EXPECT_NE(graph.reasons().find("NoSuchOperator"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
