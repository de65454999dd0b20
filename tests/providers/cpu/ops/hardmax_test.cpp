#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

std::vector<float> one_at(size_t place, size_t length) {
  std::vector<float> values(length, 0.0F);
  values[place] = 1;
  return values;
}

// Every place of a line longer than the lanes, with an equal element behind it.
TEST(CpuHardmax, MarksTheFirstOfTheLargest) {
  constexpr size_t kLength = 53;
  for (size_t place = 0; place < kLength; ++place) {
    std::vector<float> values(kLength);
    for (size_t i = 0; i < kLength; ++i) values[i] = -static_cast<float>(i * 29 % 53) - 1;
    values[place] = values[std::min(place + 17, kLength - 1)] = -0.5F;
    TestGraph graph;
    graph.expect(graph.node("Hardmax", {graph.input(tensor<float>({1, kLength}, values))}),
                 tensor<float>({1, kLength}, one_at(place, kLength)), 0);
    graph.run();
  }
}

TEST(CpuHardmax, PassesNaNsBehindTheFirstElement) {
  const float nan = std::nanf("");
  const float infinite = std::numeric_limits<float>::infinity();
  std::vector<float> behind(40, 1.0F), front(40, 1.0F), lowest(40, -infinite);
  behind[3] = nan;
  behind[20] = 2;
  front[0] = nan;
  lowest[39] = nan;
  TestGraph graph;
  const auto expect_place = [&](const std::vector<float>& values, size_t place) {
    graph.expect(graph.node("Hardmax", {graph.input(tensor<float>({40}, values))}),
                 tensor<float>({40}, one_at(place, 40)), 0);
  };
  expect_place(behind, 20);
  expect_place(front, 0);
  expect_place(lowest, 0);
  graph.run();
}

TEST(CpuHardmax, TakesEveryAxisAndType) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({2, 3}, {1, 5, 2, 3, 4, 2}));
  graph.expect(graph.node("Hardmax", {x}, {{"axis", 0}}), tensor<double>({2, 3}, {0, 1, 1, 1, 0, 0}), 0);
  const auto halves = graph.input(tensor<Half>({2, 2}, {Half(1), Half(2), Half(-1), Half(-2)}));
  graph.expect(graph.node("Hardmax", {halves}), tensor<Half>({2, 2}, {Half(0), Half(1), Half(1), Half(0)}), 0);
  graph.expect(graph.node("Hardmax", {graph.input(tensor<float>({}, {7}))}), tensor<float>({}, {1}), 0);
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
