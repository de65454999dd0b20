#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuInPlace, TwoDyingInputsDoNotShareTheOutput) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3}, {1, -2, 3}));
  const auto a = graph.node("Neg", {x});
  const auto b = graph.node("Abs", {x});
  graph.expect(graph.node("Mul", {a, b}), tensor<float>({3}, {-1, 4, -9}));
  graph.run();
}

TEST(CpuInPlace, AnInputThatIsReadLaterKeepsItsMemory) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3}, {1, -2, 3}));
  const auto a = graph.node("Neg", {x});
  const auto b = graph.node("Relu", {a});
  graph.expect(graph.node("Add", {a, b}), tensor<float>({3}, {-1, 4, -3}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
