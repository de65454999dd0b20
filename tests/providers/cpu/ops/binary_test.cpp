#include <gtest/gtest.h>

#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuBinary, TwoDyingInputsDoNotShareTheMemoryOfTheOutput) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2}, {1, 2}));
  const auto a = graph.node("Exp", {graph.node("Neg", {x})});
  const auto b = graph.node("Neg", {graph.node("Neg", {x})});
  graph.expect(graph.node("Sub", {graph.node("Neg", {b}), graph.node("Abs", {b})}),
               tensor<float>({2}, {-2, -4}));
  graph.expect(graph.node("Sub", {graph.node("Neg", {a}), graph.node("Neg", {a})}), tensor<float>({2}, {0, 0}));
  graph.run();
}

TEST(CpuBinary, BroadcastsInBothDirections) {
  TestGraph graph;
  const auto a = graph.input(tensor<float>({2, 1}, {10, 20}));
  const auto b = graph.input(tensor<float>({3}, {1, 2, 3}));
  graph.expect(graph.node("Add", {a, b}), tensor<float>({2, 3}, {11, 12, 13, 21, 22, 23}));
  graph.run();
}

TEST(CpuBinary, ScalarsAndEmptyTensorsBroadcast) {
  TestGraph graph;
  const auto scalar = graph.input(tensor<float>({}, {2}));
  const auto empty = graph.input(tensor<float>({0, 3}, {}));
  const auto one = graph.input(tensor<float>({1, 1}, {3}));
  graph.expect(graph.node("Mul", {scalar, one}), tensor<float>({1, 1}, {6}));
  graph.expect(graph.node("Mul", {scalar, empty}), tensor<float>({0, 3}, {}));
  graph.run();
}

TEST(CpuBinary, IntegerDivisionNeitherCrashesNorRounds) {
  const int32_t lowest = std::numeric_limits<int32_t>::min();
  TestGraph graph;
  const auto a = graph.input(tensor<int32_t>({4}, {-7, 7, 5, lowest}));
  const auto b = graph.input(tensor<int32_t>({4}, {2, -2, 0, -1}));
  graph.expect(graph.node("Div", {a, b}), tensor<int32_t>({4}, {-3, -3, 0, lowest}));
  graph.expect(graph.node("Mod", {a, b}), tensor<int32_t>({4}, {1, -1, 0, 0}));
  graph.run();
}

TEST(CpuBinary, ExtremesKeepNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  TestGraph graph;
  const auto a = graph.input(tensor<float>({3}, {nan, 1, 2}));
  const auto b = graph.input(tensor<float>({3}, {1, nan, 3}));
  graph.expect(graph.node("Max", {a, b}), tensor<float>({3}, {nan, nan, 3}));
  graph.expect(graph.node("Min", {a, b}), tensor<float>({3}, {nan, nan, 2}));
  graph.run();
}

TEST(CpuBinary, MeansOfTwoAndOfMore) {
  TestGraph graph;
  const auto a = graph.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto b = graph.input(tensor<float>({3}, {3, 0, 5}));
  const auto c = graph.input(tensor<float>({2, 1}, {2, 1}));
  graph.expect(graph.node("Mean", {a, b}), tensor<float>({2, 3}, {2, 1, 4, 3.5f, 2.5f, 5.5f}), 0);
  graph.expect(graph.node("Mean", {a, b, c}), tensor<float>({2, 3}, {2, 4.0f / 3, 10.0f / 3, 8.0f / 3, 2, 4}));
  graph.expect(graph.node("Mean", {a}), tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}), 0);
  const auto largest = graph.input(tensor<Half>({1}, {Half(65504.0f)}));
  graph.expect(graph.node("Mean", {largest, largest}), tensor<Half>({1}, {Half(65504.0f)}), 0);
  graph.run();
}

TEST(CpuBinary, SumsOfHalfsAreRoundedOnce) {
  TestGraph graph;
  const auto large = graph.input(tensor<Half>({2}, {2048.f, 1.f}));
  const auto one = graph.input(tensor<Half>({1}, {1.f}));
  graph.expect(graph.node("Sum", {large, one, one, one}), tensor<Half>({2}, {2052.f, 4.f}), 1e-6);
  graph.expect(graph.node("Mean", {one, one, large, one}), tensor<Half>({2}, {513.f, 1.f}), 1e-6);
  graph.run();
}

TEST(CpuBinary, ShapesThatDoNotBroadcastAreToldByNode) {
  TestGraph graph;
  const auto a = graph.input(tensor<float>({2}, {1, 2}));
  const auto b = graph.input(tensor<float>({3}, {1, 2, 3}));
  graph.output(graph.node("Add", {a, b}));
  EXPECT_NE(graph.specialize_error().find("broadcast"), std::string::npos);
}

}  // namespace
}  // namespace bp::cpu::test
