#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Ints = std::vector<int64_t>;

TestTensor counted(Dims dims) {
  std::vector<float> values(static_cast<size_t>(element_count(dims)));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  return tensor<float>(std::move(dims), values);
}

TEST(CpuPooling, MaxWithPadsAndStrides) {
  TestGraph graph;
  const auto x = graph.input(counted({1, 1, 4, 4}));
  graph.expect(graph.node("MaxPool", {x},
                          {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}}),
               tensor<float>({1, 1, 2, 2}, {5, 7, 13, 15}));
  graph.run();
}

TEST(CpuPooling, CeilModeDropsWindowsThatStartOutside) {
  TestGraph graph;
  const auto x = graph.input(counted({1, 1, 5}));
  graph.expect(graph.node("MaxPool", {x}, {{"kernel_shape", Ints{2}}, {"strides", Ints{2}}, {"ceil_mode", 1}}),
               tensor<float>({1, 1, 3}, {1, 3, 4}));
  graph.run();
}

TEST(CpuPooling, AverageCountsPaddingOnlyWhereItIs) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1, 5}, {2, 4, 6, 8, 10}));
  const TestAttributes base{
      {"kernel_shape", Ints{3}}, {"strides", Ints{2}}, {"pads", Ints{1, 0}}, {"ceil_mode", 1}};
  TestAttributes counting = base;
  counting["count_include_pad"] = 1;
  // Windows: pad 2 4 | 4 6 8 | 8 10 and one past the end, which belongs to neither count.
  graph.expect(graph.node("AveragePool", {x}, base), tensor<float>({1, 1, 3}, {3, 6, 9}));
  graph.expect(graph.node("AveragePool", {x}, counting), tensor<float>({1, 1, 3}, {2, 6, 9}));
  graph.run();
}

TEST(CpuPooling, MaxGivesIndicesAndTakesDilations) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1, 3, 3}, {9, 1, 2, 3, 4, 5, 6, 7, 8}));
  const auto outputs = graph.nodes("MaxPool", {x}, {{"kernel_shape", Ints{2, 2}}, {"dilations", Ints{2, 2}}},
                                   {{Type::kFloat32}, {Type::kInt64}});
  graph.expect(outputs[0], tensor<float>({1, 1, 1, 1}, {9}));
  graph.expect(outputs[1], tensor<int64_t>({1, 1, 1, 1}, {0}));
  graph.run();
}

TEST(CpuPooling, GlobalFormsAndOtherTypes) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  const auto d = graph.input(tensor<double>({1, 1, 4}, {1, 2, 3, 6}));
  const auto u = graph.input(tensor<uint8_t>({1, 1, 4}, {1, 200, 3, 6}));
  graph.expect(graph.node("GlobalAveragePool", {x}), tensor<float>({1, 2, 1, 1}, {2.5f, 6.5f}));
  graph.expect(graph.node("GlobalMaxPool", {x}), tensor<float>({1, 2, 1, 1}, {4, 8}));
  graph.expect(graph.node("GlobalAveragePool", {d}), tensor<double>({1, 1, 1}, {3}));
  graph.expect(graph.node("MaxPool", {u}, {{"kernel_shape", Ints{2}}}),
               tensor<uint8_t>({1, 1, 3}, {200, 200, 6}));
  graph.expect(graph.node("LpPool", {d}, {{"kernel_shape", Ints{2}}, {"p", 1}}),
               tensor<double>({1, 1, 3}, {3, 5, 9}));
  graph.run();
}

struct Pooled {
  int64_t height, width;
  Ints kernel, strides, dilations, pads;
};

// [2, 3, height, width], the windows by definition.
TestTensor pooled(const Pooled& p, const TestTensor& x, bool average, bool count_pad) {
  Dims dims{2, 3};
  for (size_t i = 0; i < 2; ++i) {
    const int64_t in = i == 0 ? p.height : p.width;
    dims.push_back((in + p.pads[i] + p.pads[i + 2] - (p.kernel[i] - 1) * p.dilations[i] - 1) / p.strides[i] +
                   1);
  }
  std::vector<float> y;
  for (int64_t at = 0; at < element_count(dims); ++at) {
    const int64_t column = at % dims[3], row = at / dims[3] % dims[2], plane = at / (dims[2] * dims[3]);
    double sum = 0, most = -INFINITY;
    int64_t count = 0;
    for (int64_t k = 0; k < p.kernel[0] * p.kernel[1]; ++k) {
      const int64_t r = row * p.strides[0] - p.pads[0] + k / p.kernel[1] * p.dilations[0];
      const int64_t c = column * p.strides[1] - p.pads[1] + k % p.kernel[1] * p.dilations[1];
      const bool is_inside = r >= 0 && r < p.height && c >= 0 && c < p.width;
      count += is_inside || count_pad ? 1 : 0;
      if (!is_inside) continue;
      const double value = x.at(static_cast<size_t>((plane * p.height + r) * p.width + c));
      sum += value;
      most = std::max(most, value);
    }
    y.push_back(static_cast<float>(average ? sum / static_cast<double>(count) : most));
  }
  return tensor<float>(dims, y);
}

TEST(CpuPooling, MatchesTheDefinition) {
  const std::vector<Pooled> cases = {{7, 9, {3, 2}, {2, 1}, {1, 3}, {1, 1, 1, 2}},
                                     {20, 33, {3, 3}, {2, 2}, {1, 1}, {0, 0, 0, 0}},
                                     {5, 40, {2, 5}, {1, 3}, {2, 1}, {0, 4, 1, 2}},
                                     {13, 50, {3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}}};
  for (const Pooled& p : cases) {
    const TestTensor x = made_up({2, 3, p.height, p.width}, 8);
    TestAttributes all{
        {"kernel_shape", p.kernel}, {"strides", p.strides}, {"dilations", p.dilations}, {"pads", p.pads}};
    TestGraph graph;
    graph.set_threads(3);
    const auto in = graph.input(x);
    graph.expect(graph.node("MaxPool", {in}, all), pooled(p, x, false, false));
    graph.expect(graph.node("AveragePool", {in}, all), pooled(p, x, true, false), 1e-6);
    all["count_include_pad"] = 1;
    graph.expect(graph.node("AveragePool", {in}, all), pooled(p, x, true, true), 1e-6);
    graph.run();
  }
}

TEST(CpuPooling, GreatestOfWindowsKeepsNan) {
  std::vector<float> x(40, -INFINITY);
  x[20] = NAN;
  TestGraph graph;
  graph.output(graph.node("MaxPool", {graph.input(tensor<float>({1, 1, 1, 40}, x))},
                          {{"kernel_shape", Ints{1, 3}}, {"dilations", Ints{1, 2}}}),
               {1, 1, 1, 36});
  const TestTensor found = graph.run()[0];
  for (size_t i = 0; i < 36; ++i) {
    EXPECT_EQ(std::isnan(found.at(i)), i == 16 || i == 18 || i == 20) << i;
    EXPECT_TRUE(std::isnan(found.at(i)) || found.at(i) == -INFINITY) << i;
  }
}

TEST(CpuPooling, PowersOfWindows) {
  // Pads, strides and dilations that differ; windows that hang over both ends.
  const TestTensor x = made_up({2, 3, 7, 9}, 8);
  for (const int p : {1, 2, 3}) {
    std::vector<float> y;
    for (int64_t plane = 0; plane < 6; ++plane) {
      for (int64_t row = 0; row < 4; ++row) {
        for (int64_t column = 0; column < 9; ++column) {
          double sum = 0;
          for (int64_t i = 0; i < 3; ++i) {
            for (int64_t j = 0; j < 2; ++j) {
              const int64_t r = row * 2 - 1 + i;
              const int64_t c = column - 1 + j * 3;
              if (r < 0 || r >= 7 || c < 0 || c >= 9) continue;
              sum += std::pow(std::abs(x.at(static_cast<size_t>((plane * 7 + r) * 9 + c))), p);
            }
          }
          y.push_back(static_cast<float>(std::pow(sum, 1.0 / p)));
        }
      }
    }
    TestGraph graph;
    graph.set_threads(3);
    graph.expect(graph.node("LpPool", {graph.input(x)},
                            {{"kernel_shape", Ints{3, 2}},
                             {"strides", Ints{2, 1}},
                             {"dilations", Ints{1, 3}},
                             {"pads", Ints{1, 1, 1, 2}},
                             {"p", p}}),
                 tensor<float>({2, 3, 4, 9}, y));
    graph.run();
  }
}

TEST(CpuPooling, GreatestOfPlanesKeepsNan) {
  std::vector<float> x(3 * 37, -1.0f);
  x[30] = 5;
  x[37 + 36] = 7;
  x[74 + 3] = NAN;
  TestGraph graph;
  graph.output(graph.node("GlobalMaxPool", {graph.input(tensor<float>({1, 3, 37}, x))}), {1, 3, 1});
  const TestTensor found = graph.run()[0];
  EXPECT_EQ(found.at(0), 5);
  EXPECT_EQ(found.at(1), 7);
  EXPECT_TRUE(std::isnan(found.at(2)));
}

TEST(CpuNormalization, BatchNormalizationScalesChannels) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 2, 2}, {1, 3, 5, 7}));
  const auto scale = graph.constant(tensor<float>({2}, {2, 1}));
  const auto shift = graph.constant(tensor<float>({2}, {0, 1}));
  const auto mean = graph.constant(tensor<float>({2}, {1, 5}));
  const auto variance = graph.constant(tensor<float>({2}, {4, 1}));
  graph.expect(graph.node("BatchNormalization", {x, scale, shift, mean, variance}, {{"epsilon", 0.0f}}),
               tensor<float>({1, 2, 2}, {0, 2, 1, 3}));
  graph.run();
}

TEST(CpuNormalization, BatchNormalizationKeepsBlockedLayouts) {
  const TestTensor weights = made_up({16, 16, 1, 1}, 3);
  const TestTensor per_channel = made_up({16}, 4);
  TestTensor ones = tensor<float>({16}, std::vector<float>(16, 1.0f));
  TestTensor expected;
  for (const bool layouts_differ : {false, true}) {
    TestGraph graph;
    const auto conv = graph.node("Conv", {graph.input(made_up({2, 16, 5, 5})), graph.constant(weights)});
    // With an output between, the normalization reads the row-major copy's twin; the numbers are the same.
    const auto s = graph.constant(per_channel);
    const auto one = graph.constant(ones);
    const auto y = graph.node("BatchNormalization", {conv, s, s, s, one});
    if (layouts_differ) graph.output(conv);
    if (layouts_differ) {
      graph.expect(y, expected, 1e-5);
    } else {
      graph.output(y);
    }
    const auto results = graph.run();
    ASSERT_FALSE(results.empty());
    expected = results.back();
  }
  // Against the definition, from the plain output of the convolution alone.
  TestGraph graph;
  const auto conv = graph.node("Conv", {graph.input(made_up({2, 16, 5, 5})), graph.constant(weights)});
  graph.output(conv);
  const auto results = graph.run();
  ASSERT_EQ(results.size(), 1u);
  for (size_t i = 0; i < 2 * 16 * 25; ++i) {
    const double p = per_channel.at(i / 25 % 16);
    EXPECT_NEAR(expected.at(i), (results[0].at(i) - p) / std::sqrt(1.0 + 1e-5) * p + p, 1e-4);
  }
}

TEST(CpuNormalization, BatchNormalizationMatchesTheDefinitionInEveryLayout) {
  // The convolution leaves blocks (of which 24 and 40 channels fill the last one in part), or channels last.
  for (const int64_t channels : {2, 16, 24, 40}) {
    for (const bool constant : {true, false}) {
      const TestTensor x = made_up({2, channels, 5, 7}, 1);
      const TestTensor scale = made_up({channels}, 2), shift = made_up({channels}, 3),
                       mean = made_up({channels}, 4);
      std::vector<float> identity(static_cast<size_t>(channels * channels), 0.0F), variance, expected;
      for (int64_t c = 0; c < channels; ++c) {
        identity[static_cast<size_t>(c * channels + c)] = 1;
        variance.push_back(0.5F + static_cast<float>(c));
      }
      for (size_t i = 0; i < static_cast<size_t>(element_count(x.dims)); ++i) {
        const size_t c = i / 35 % static_cast<size_t>(channels);
        const double y = (x.at(i) - mean.at(c)) / std::sqrt(variance[c] + 1e-5) * scale.at(c) + shift.at(c);
        expected.push_back(static_cast<float>(std::max(0.0, y)));
      }
      TestGraph graph;
      graph.set_threads(2);
      const auto parameter = [&](const TestTensor& t) { return constant ? graph.constant(t) : graph.input(t); };
      const auto weights = graph.constant(tensor<float>({channels, channels, 1, 1}, identity));
      const auto conv = graph.node("Conv", {graph.input(x), weights});
      const auto norm =
          graph.node("BatchNormalization", {conv, parameter(scale), parameter(shift), parameter(mean),
                                            parameter(tensor<float>({channels}, variance))});
      graph.expect(graph.node("Relu", {norm}), tensor<float>(x.dims, expected), 1e-5);
      graph.run();
      EXPECT_EQ(std::count(graph.steps().begin(), graph.steps().end(), "BatchNormalization+Relu"), 1);
    }
  }
}

TEST(CpuNormalization, LrnSumsNeighbours) {
  for (const int64_t size : {int64_t{3}, int64_t{2}}) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({1, 3, 1, 1}, {1, 2, 3}));
    const TestAttributes attributes{{"size", size}, {"alpha", 3.0f}, {"beta", 1.0f}, {"bias", 1.0f}};
    const auto y = graph.node("LRN", {x}, attributes);
    if (size == 3) {
      graph.expect(y, tensor<float>({1, 3, 1, 1}, {1 / 6.0f, 2 / 15.0f, 3 / 14.0f}));
    } else {
      // floor((2 - 1) / 2) = 0 before, 1 after; alpha / size = 1.5
      graph.expect(y, tensor<float>({1, 3, 1, 1}, {1 / 8.5f, 2 / 20.5f, 3 / 14.5f}));
    }
    graph.run();
  }
}

}  // namespace
}  // namespace bp::cpu::test
