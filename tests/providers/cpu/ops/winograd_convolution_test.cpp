// Convolutions by Winograd's algorithm in a graph, against the same graph without it.
#include <gtest/gtest.h>

#include <algorithm>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

const TestAttributes kPadded = {{"pads", std::vector<int64_t>{1, 1, 1, 1}}};

// Builds the graph twice and compares.
template <class Build>
void expect_same(Build&& build, const std::string& step) {
  TestTensor expected;
  for (const bool winograd : {false, true}) {
    TestGraph graph;
    graph.set_option("winograd", winograd);
    const auto y = build(graph);
    if (winograd) {
      graph.expect(y, expected, 1e-4);
    } else {
      graph.output(y, {1, 32, 20, 20});
    }
    const auto results = graph.run();
    ASSERT_EQ(results.size(), 1u);
    expected = results[0];
    const auto& steps = graph.steps();
    EXPECT_EQ(std::count(steps.begin(), steps.end(), step), 1) << step;
  }
}

TEST(CpuWinogradConvolution, TakesAResidualAndAnActivation) {
  expect_same(
      [](TestGraph& graph) {
        const auto weights = graph.constant(made_up({32, 32, 3, 3}, 2));
        const auto bias = graph.constant(made_up({32}, 3));
        const auto a = graph.node("Conv", {graph.input(made_up({1, 32, 20, 20}, 1)), weights, bias}, kPadded);
        const auto relu = graph.node("Relu", {a});
        const auto b = graph.node("Conv", {relu, weights, bias}, kPadded);
        return graph.node("LeakyRelu", {graph.node("Add", {b, relu})}, {{"alpha", 0.25f}});
      },
      "Conv+Add+LeakyRelu");
}

TEST(CpuWinogradConvolution, LeavesWhatItCannotDoToOtherSteps) {
  expect_same(
      [](TestGraph& graph) {
        const auto weights = graph.constant(made_up({32, 32, 3, 3}, 2));
        const auto a = graph.node("Conv", {graph.input(made_up({1, 32, 20, 20}, 1)), weights}, kPadded);
        // Blocks of 16 channels, by the Concat.
        const auto b = graph.node("Concat", {a, a}, {{"axis", 1}});
        const auto c = graph.node("Conv", {b, graph.constant(made_up({32, 64, 1, 1}, 3))});
        return graph.node("Conv", {graph.node("Tanh", {graph.node("Relu", {c})}), weights}, kPadded);
      },
      "Concat");
}

TEST(CpuWinogradConvolution, TakesWeightsThatComeAtRun) {
  expect_same(
      [](TestGraph& graph) {
        const auto x = graph.input(made_up({1, 32, 20, 20}, 1));
        return graph.node("Relu", {graph.node("Conv", {x, graph.input(made_up({32, 32, 3, 3}, 2))}, kPadded)});
      },
      "Conv+Relu");
}

}  // namespace
}  // namespace bp::cpu::test
