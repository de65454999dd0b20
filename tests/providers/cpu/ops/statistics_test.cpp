// Normalizations by statistics of the input, against their formulas in double.
#include <gtest/gtest.h>

#include <cmath>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

// [2, channels, 5, 7] in blocks of `block` channels.
TestTensor normalized(const TestTensor& x, const TestTensor& scale, const TestTensor& bias, int64_t channels,
                      int64_t block, double epsilon) {
  std::vector<float> y;
  const int64_t count = block * 35;
  for (int64_t i = 0; i < 2 * channels * 35; ++i) {
    const int64_t start = i / count * count;
    double mean = 0, squares = 0;
    for (int64_t k = 0; k < count; ++k)
      mean += x.at(static_cast<size_t>(start + k)) / static_cast<double>(count);
    for (int64_t k = 0; k < count; ++k) squares += std::pow(x.at(static_cast<size_t>(start + k)) - mean, 2);
    const auto channel = static_cast<size_t>(i / 35 % channels);
    y.push_back(static_cast<float>((x.at(static_cast<size_t>(i)) - mean) /
                                       std::sqrt(squares / static_cast<double>(count) + epsilon) *
                                       scale.at(channel) +
                                   bias.at(channel)));
  }
  return tensor<float>({2, channels, 5, 7}, y);
}

TEST(CpuStatistics, InstancesAndGroups) {
  const TestTensor x = made_up({2, 6, 5, 7}, 1);
  const TestTensor scale = made_up({6}, 2);
  const TestTensor bias = made_up({6}, 3);
  TestGraph graph;
  graph.set_threads(3);
  const std::vector<TestGraph::Ref> inputs{graph.input(x), graph.input(scale), graph.constant(bias)};
  graph.expect(graph.node("InstanceNormalization", inputs), normalized(x, scale, bias, 6, 1, 1e-5));
  graph.expect(graph.node("GroupNormalization", inputs, {{"num_groups", 2}, {"epsilon", 0.1f}}),
               normalized(x, scale, bias, 6, 3, 0.1));
  graph.run();
}

TEST(CpuStatistics, RefusesGroupsThatDoNotDivide) {
  TestGraph graph;
  const auto six = graph.input(made_up({6}));
  graph.output(
      graph.node("GroupNormalization", {graph.input(made_up({2, 6, 3})), six, six}, {{"num_groups", 4}}));
  EXPECT_NE(graph.specialize_error().find("6 channels do not divide into 4 groups"), std::string::npos);
}

TEST(CpuStatistics, MeanVarianceOverAnyAxes) {
  const TestTensor x = made_up({3, 4, 5}, 5);
  std::vector<double> y(60);
  for (int64_t b = 0; b < 4; ++b) {
    double mean = 0, squares = 0;
    const auto at = [&](int64_t a, int64_t c) { return static_cast<size_t>((a * 4 + b) * 5 + c); };
    for (int64_t i = 0; i < 15; ++i) mean += x.at(at(i / 5, i % 5)) / 15;
    for (int64_t i = 0; i < 15; ++i) squares += std::pow(x.at(at(i / 5, i % 5)) - mean, 2) / 15;
    for (int64_t i = 0; i < 15; ++i) y[at(i / 5, i % 5)] = (x.at(at(i / 5, i % 5)) - mean) / std::sqrt(squares);
  }
  TestGraph graph;
  const TestAttributes attributes{{"axes", std::vector<int64_t>{0, -1}}};
  graph.expect(graph.node("MeanVarianceNormalization", {graph.input(x)}, attributes),
               tensor<float>({3, 4, 5}, std::vector<float>(y.begin(), y.end())));
  graph.run();
}

TEST(CpuStatistics, MeanVarianceOfEqualElementsIsZero) {
  TestGraph graph;
  graph.expect(graph.node("MeanVarianceNormalization",
                          {graph.input(tensor<float>({3, 2, 9, 11}, std::vector<float>(594, 0.1f)))}),
               tensor<float>({3, 2, 9, 11}, std::vector<float>(594, 0.0f)));
  graph.run();
}

TEST(CpuStatistics, NormsOfRows) {
  const TestTensor x = made_up({3, 53}, 6);
  std::vector<float> first(159, 0.0f), second(159, 0.0f);
  for (size_t row = 0; row < 3; ++row) {
    double sum = 0, squares = 0;
    for (size_t i = row * 53; i < row * 53 + 53; ++i) {
      sum += std::abs(x.at(i));
      squares += x.at(i) * x.at(i);
    }
    for (size_t i = row * 53; i < row * 53 + 53; ++i) {
      first[i] = static_cast<float>(x.at(i) / sum);
      second[i] = static_cast<float>(x.at(i) / std::sqrt(squares));
    }
  }
  TestGraph graph;
  graph.expect(graph.node("LpNormalization", {graph.input(x)}, {{"p", 1}}), tensor<float>({3, 53}, first));
  graph.expect(graph.node("LpNormalization", {graph.input(x)}), tensor<float>({3, 53}, second));
  graph.run();
}

TEST(CpuStatistics, NormsOfBothOrders) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({2, 3}, {3, 0, -1, 4, 0, 1}));
  graph.expect(graph.node("LpNormalization", {x}, {{"axis", 0}}),
               tensor<double>({2, 3}, {0.6, 0, -std::sqrt(0.5), 0.8, 0, std::sqrt(0.5)}), 1e-12);
  graph.expect(graph.node("LpNormalization", {x}, {{"p", 1}}),
               tensor<double>({2, 3}, {0.75, 0, -0.25, 0.8, 0, 0.2}), 1e-12);
  graph.run();
}

TEST(CpuSoftmax, SixteenBitResultsAreRoundedOnce) {
  const TestTensor x = made_up({5, 33}, 9);
  std::vector<Bfloat16> in, out;
  for (size_t i = 0; i < 5 * 33; ++i) in.emplace_back(static_cast<float>(3 * x.at(i)));
  for (size_t row = 0; row < 5; ++row) {
    double total = 0;
    for (size_t i = 0; i < 33; ++i) total += std::exp(static_cast<double>(in[row * 33 + i]));
    for (size_t i = 0; i < 33; ++i) {
      out.emplace_back(static_cast<float>(std::exp(static_cast<double>(in[row * 33 + i])) / total));
    }
  }
  TestGraph graph;
  graph.output(graph.node("Softmax", {graph.input(tensor<Bfloat16>({5, 33}, in))}), {5, 33});
  const TestTensor found = graph.run()[0];
  for (size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(found.at(i), out[i], 0.004 * out[i]) << i;
}

}  // namespace
}  // namespace bp::cpu::test
