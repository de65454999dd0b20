#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "providers/cpu/graph_helper.hpp"
#include "providers/cpu/in_place_helper.hpp"

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

TEST(CpuInPlace, AnOutputTakesTheMemoryOfAnInputThatIsReadNoMore) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3}, {1, -2, 3}));
  const auto a = graph.node("Neg", {graph.node("Abs", {x})});
  graph.expect(a, tensor<float>({3}, {-1, -2, -3}));
  graph.run();
  EXPECT_EQ(outputs_over_inputs(), 1u);
}

TEST(CpuInPlace, EachInputIsOfferedOnceAndOnlyWhenItIsDone) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3}, {1, -2, 3}));
  const auto y = graph.input(tensor<float>({3}, {5, 6, 7}));
  graph.expect(graph.node("Neg", {x}), tensor<float>({3}, {-1, 2, -3}));
  graph.expect(graph.node("Abs", {x}), tensor<float>({3}, {1, 2, 3}));
  graph.expect(graph.node("Add", {y, x}), tensor<float>({3}, {6, 4, 10}));
  graph.run();
  EXPECT_EQ(outputs_over_inputs(), 1u);
}

TEST(CpuInPlace, PartsOfAConcatAreWrittenIntoIt) {
  const TestTensor x = made_up({1, 32, 4, 4}, 1);
  TestGraph graph;
  const auto in = graph.input(x);
  const auto a = graph.node("Relu", {in});
  const auto b = graph.node("Neg", {in});
  const auto first = graph.node("Concat", {a, b}, {{"axis", 1}});
  const auto c = graph.node("Abs", {first});
  const auto all = graph.node("Concat", {first, c, a}, {{"axis", 1}});  // a lies in `first` already: copied
  graph.output(graph.node("Neg", {all}), {1, 160, 4, 4});
  graph.output(graph.node("Exp", {a}), {1, 32, 4, 4});  // read after it became a part
  const auto results = graph.run();
  ASSERT_EQ(results.size(), 2u);
  const auto& steps = graph.steps();
  EXPECT_EQ(std::count(steps.begin(), steps.end(), "Concat"), 1);
  const size_t count = 32 * 16;
  for (size_t i = 0; i < count; ++i) {
    const double value = x.at(i);
    const double relu = std::max(value, 0.0);
    EXPECT_EQ(results[0].at(i), -relu);
    EXPECT_EQ(results[0].at(count + i), value);
    EXPECT_EQ(results[0].at(2 * count + i), -relu);
    EXPECT_EQ(results[0].at(3 * count + i), -std::abs(value));
    EXPECT_EQ(results[0].at(4 * count + i), -relu);
    EXPECT_NEAR(results[1].at(i), std::exp(relu), 1e-5);
  }
}

TEST(CpuInPlace, WhatIsReadInAJoinedValueIsNotOverwritten) {
  const TestTensor x = made_up({1, 32, 6, 6}, 1);
  const TestTensor w = made_up({64, 64, 1, 1}, 2);
  TestTensor expected;
  for (const bool fusion : {false, true}) {
    TestGraph graph;
    graph.set_option("fusion", fusion);
    const auto in = graph.input(x);
    const auto a = graph.node("Relu", {in});
    const auto joined = graph.node("Concat", {a, graph.node("Neg", {in})}, {{"axis", 1}});
    const auto weights = graph.constant(w);
    // Nobody reads `joined` after the sum, but a part of it is.
    const auto sum =
        graph.node("Add", {graph.node("Conv", {graph.node("Conv", {joined, weights}), weights}), joined});
    const auto last = graph.node("Concat", {sum, a}, {{"axis", 1}});
    const auto y = graph.node("Neg", {last});
    if (fusion) {
      graph.expect(y, expected, 1e-4);
    } else {
      graph.output(y, {1, 96, 6, 6});
    }
    const auto results = graph.run();
    ASSERT_EQ(results.size(), 1u);
    expected = results[0];
    for (size_t i = 0; i < 32 * 36; ++i) EXPECT_EQ(results[0].at(64 * 36 + i), -std::max(x.at(i), 0.0));
  }
}

}  // namespace
}  // namespace bp::cpu::test
