#include <gtest/gtest.h>

#include <algorithm>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

struct Plan {
  Dims x, w;
  std::vector<int64_t> pads;
};

TestAttributes attributes(const Plan& plan) { return {{"pads", plan.pads}}; }

TEST(CpuFusion, ResidualAndActivationAreOneStep) {
  const Plan plan{{1, 32, 6, 6}, {32, 32, 3, 3}, {1, 1, 1, 1}};
  const TestTensor x = made_up(plan.x, 1);
  const TestTensor w = made_up(plan.w, 2);
  TestTensor expected;
  for (const bool fusion : {false, true}) {
    TestGraph graph;
    graph.set_option("fusion", fusion);
    const auto weights = graph.constant(w);
    const auto a = graph.node("Relu", {graph.node("Conv", {graph.input(x), weights}, attributes(plan))});
    const auto b = graph.node("Conv", {a, weights}, attributes(plan));
    const auto sum = graph.node("Add", {b, a});
    const auto y = graph.node("Relu", {sum});
    if (fusion) {
      graph.expect(y, expected, 1e-4);
    } else {
      graph.output(y, {1, plan.w[0], 6, 6});
    }
    const auto results = graph.run();
    ASSERT_EQ(results.size(), 1u);
    if (!fusion) expected = results[0];
    const auto& steps = graph.steps();
    EXPECT_EQ(std::count(steps.begin(), steps.end(), "Conv+Add+Relu"), fusion ? 1 : 0);
  }
}

TEST(CpuFusion, AValueThatIsReadLaterIsNotOverwritten) {
  const Plan plan{{1, 16, 6, 6}, {16, 16, 1, 1}, {0, 0, 0, 0}};
  const TestTensor x = made_up(plan.x, 1);
  const TestTensor w = made_up(plan.w, 2);
  TestTensor expected;
  for (const bool fusion : {false, true}) {
    TestGraph graph;
    graph.set_option("fusion", fusion);
    const auto weights = graph.constant(w);
    const auto a = graph.node("Conv", {graph.input(x), weights}, attributes(plan));
    const auto r = graph.node("Relu", {a});
    const auto b = graph.node("Conv", {r, weights}, attributes(plan));
    const auto sum = graph.node("Add", {a, b});
    const auto last = graph.node("Conv", {graph.node("Add", {sum, a}), weights}, attributes(plan));
    if (fusion) {
      graph.expect(last, expected, 1e-4);
    } else {
      graph.output(last, {1, plan.w[0], 6, 6});
    }
    const auto results = graph.run();
    ASSERT_EQ(results.size(), 1u);
    if (!fusion) expected = results[0];
  }
}

TEST(CpuFusion, SigmoidGateBecomesSwish) {
  const Plan plan{{1, 8, 6, 6}, {16, 8, 1, 1}, {0, 0, 0, 0}};
  TestTensor expected;
  for (const bool fusion : {false, true}) {
    TestGraph graph;
    graph.set_option("fusion", fusion);
    const auto a = graph.node("Conv", {graph.input(made_up(plan.x, 1)), graph.constant(made_up(plan.w, 2))},
                              attributes(plan));
    const auto y = graph.node("Mul", {a, graph.node("Sigmoid", {a})});
    if (fusion) {
      graph.expect(y, expected, 1e-4);
    } else {
      graph.output(y, {1, plan.w[0], 6, 6});
    }
    const auto results = graph.run();
    ASSERT_EQ(results.size(), 1u);
    if (!fusion) expected = results[0];
    const auto& steps = graph.steps();
    EXPECT_EQ(std::count(steps.begin(), steps.end(), "Conv+Sigmoid+Mul"), fusion ? 1 : 0);
  }
}

}  // namespace
}  // namespace bp::cpu::test
