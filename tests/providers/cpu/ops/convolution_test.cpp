#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

struct Plan {
  Dims x, w;
  int64_t group = 1;
  Dims strides, dilations, pads;
  Dims out_padding;
};

// Calls f with every index of `dims`.
void each(const Dims& dims, const std::function<void(const Dims&)>& f) {
  if (element_count(dims) == 0) return;
  Dims at(dims.size(), 0);
  while (true) {
    f(at);
    size_t i = dims.size();
    while (i-- > 0) {
      if (++at[i] < dims[i]) break;
      at[i] = 0;
      if (i == 0) return;
    }
  }
}

size_t place(const Dims& dims, const Dims& at) {
  int64_t offset = 0;
  for (size_t i = 0; i < dims.size(); ++i) offset = offset * dims[i] + at[i];
  return static_cast<size_t>(offset);
}

// The definition, in double. `bias` may be empty.
TestTensor reference(const Plan& plan, const TestTensor& x, const TestTensor& w, const TestTensor* bias,
                     const Dims& out_dims, bool transposed) {
  const size_t spatial = plan.x.size() - 2;
  std::vector<double> sums(static_cast<size_t>(element_count(out_dims)), 0.0);
  const int64_t out_channels = out_dims[1];
  const int64_t in_per_group = plan.x[1] / plan.group;
  const int64_t out_per_group = out_channels / plan.group;
  const Dims kernel(plan.w.begin() + 2, plan.w.end());
  const Dims from(plan.x.begin() + 2, plan.x.end());
  const Dims to(out_dims.begin() + 2, out_dims.end());
  // Forward: out[o] += x[o * stride + k * dilation - pad] * w. Transposed: the same with in and out changed
  // over.
  const Dims& walked = transposed ? from : to;
  const Dims& reached = transposed ? to : from;
  for (int64_t n = 0; n < plan.x[0]; ++n) {
    for (int64_t m = 0; m < out_channels; ++m) {
      const int64_t group = m / out_per_group;
      for (int64_t c = 0; c < in_per_group; ++c) {
        each(walked, [&](const Dims& at) {
          each(kernel, [&](const Dims& k) {
            Dims other(spatial);
            for (size_t i = 0; i < spatial; ++i) {
              other[i] = at[i] * plan.strides[i] + k[i] * plan.dilations[i] - plan.pads[i];
              if (other[i] < 0 || other[i] >= reached[i]) return;
            }
            Dims in{n, group * in_per_group + c};
            Dims out{n, m};
            const Dims& in_at = transposed ? at : other;
            const Dims& out_at = transposed ? other : at;
            in.insert(in.end(), in_at.begin(), in_at.end());
            out.insert(out.end(), out_at.begin(), out_at.end());
            Dims weight = transposed ? Dims{group * in_per_group + c, m % out_per_group} : Dims{m, c};
            weight.insert(weight.end(), k.begin(), k.end());
            sums[place(out_dims, out)] += x.at(place(plan.x, in)) * w.at(place(plan.w, weight));
          });
        });
      }
    }
  }
  std::vector<float> result(sums.size());
  const int64_t area = element_count(to);
  for (size_t i = 0; i < sums.size(); ++i) {
    const auto channel = static_cast<size_t>(static_cast<int64_t>(i) / area % out_channels);
    result[i] = static_cast<float>(sums[i] + (bias != nullptr ? bias->at(channel) : 0.0));
  }
  return tensor<float>(out_dims, result);
}

Dims forward_dims(const Plan& plan) {
  Dims out{plan.x[0], plan.w[0]};
  const size_t spatial = plan.x.size() - 2;
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t reach = (plan.w[i + 2] - 1) * plan.dilations[i] + 1;
    out.push_back((plan.x[i + 2] + plan.pads[i] + plan.pads[i + spatial] - reach) / plan.strides[i] + 1);
  }
  return out;
}

Dims transposed_dims(const Plan& plan) {
  Dims out{plan.x[0], plan.w[1] * plan.group};
  const size_t spatial = plan.x.size() - 2;
  for (size_t i = 0; i < spatial; ++i) {
    out.push_back((plan.x[i + 2] - 1) * plan.strides[i] + plan.out_padding[i] +
                  (plan.w[i + 2] - 1) * plan.dilations[i] + 1 - plan.pads[i] - plan.pads[i + spatial]);
  }
  return out;
}

TestTensor nothing_negative(const TestTensor& from) {
  std::vector<float> values(static_cast<size_t>(element_count(from.dims)));
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::max(0.0F, static_cast<float>(from.at(i)));
  return tensor<float>(from.dims, values);
}

TestAttributes attributes(const Plan& plan) {
  return {{"group", plan.group}, {"strides", plan.strides}, {"dilations", plan.dilations}, {"pads", plan.pads}};
}

class CpuConv : public testing::TestWithParam<Plan> {};

TEST_P(CpuConv, MatchesTheDefinition) {
  const Plan& plan = GetParam();
  const TestTensor x = made_up(plan.x, 1);
  const TestTensor w = made_up(plan.w, 2);
  const TestTensor bias = made_up({plan.w[0]}, 3);
  const TestTensor expected = reference(plan, x, w, &bias, forward_dims(plan), false);
  for (const bool constant : {true, false}) {
    TestGraph graph;
    graph.set_threads(2);
    const auto weights = constant ? graph.constant(w) : graph.input(w);
    const auto y = graph.node("Conv", {graph.input(x), weights, graph.constant(bias)}, attributes(plan));
    graph.expect(y, expected, 1e-4);
    graph.run();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, CpuConv,
    testing::Values(Plan{{1, 3, 9, 8}, {16, 3, 3, 3}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}, {}},
                    Plan{{2, 16, 7, 7}, {32, 16, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}, {}},
                    Plan{{1, 32, 5, 5}, {48, 32, 1, 1}, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, {}},
                    Plan{{1, 24, 8, 8}, {24, 1, 3, 3}, 24, {1, 1}, {1, 1}, {1, 1, 1, 1}, {}},
                    Plan{{1, 20, 8, 8}, {40, 5, 3, 3}, 4, {2, 1}, {1, 1}, {0, 1, 1, 0}, {}},
                    Plan{{1, 5, 11, 11}, {7, 5, 3, 3}, 1, {1, 1}, {2, 3}, {2, 3, 2, 3}, {}},
                    Plan{{1, 1, 12, 12}, {8, 1, 5, 5}, 1, {1, 1}, {1, 1}, {2, 2, 2, 2}, {}},
                    Plan{{2, 16, 37, 1}, {32, 16, 5, 1}, 1, {2, 1}, {1, 1}, {1, 0, 2, 0}, {}},
                    Plan{{1, 6, 40, 1}, {6, 1, 3, 1}, 6, {1, 1}, {2, 1}, {2, 0, 2, 0}, {}},
                    Plan{{1, 1, 1, 600}, {1, 1, 1, 256}, 1, {1, 2}, {1, 1}, {0, 0, 0, 0}, {}},
                    Plan{{2, 4, 13}, {6, 4, 5}, 1, {3}, {1}, {2, 1}, {}},
                    Plan{{1, 2, 4, 5, 6}, {3, 2, 2, 3, 2}, 1, {1, 2, 1}, {1, 1, 1}, {0, 1, 0, 1, 1, 1}, {}}));

// oneDNN's plain loops take no activation with them, its generated code does.
TEST(CpuConvSteps, OneChannelTakesGeneratedCode) {
  if (!__builtin_cpu_supports("avx512f")) GTEST_SKIP() << "which code there is depends on the machine";
  for (const Dims& weights : {Dims{8, 1, 5, 5}, Dims{1, 1, 1, 256}}) {
    const Plan plan{{1, 1, 28, 600}, weights, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, {}};
    TestGraph graph;
    const auto x = graph.input(made_up(plan.x, 1));
    const auto y = graph.node("Conv", {x, graph.constant(made_up(weights, 2))}, attributes(plan));
    graph.expect(graph.node("Relu", {y}, {}),
                 nothing_negative(reference(plan, made_up(plan.x, 1), made_up(weights, 2), nullptr,
                                            forward_dims(plan), false)),
                 1e-3);
    graph.run();
    EXPECT_EQ(std::count(graph.steps().begin(), graph.steps().end(), "Conv+Relu"), 1);
  }
}

// A residual, a bias per channel and a Relu behind one column of many rows, which oneDNN sees as one row.
TEST(CpuConvSteps, ColumnsTakeWhatFollowsWithThem) {
  const Plan plan{{1, 16, 20, 1}, {16, 16, 3, 1}, 1, {1, 1}, {1, 1}, {1, 0, 1, 0}, {}};
  const TestTensor x = made_up(plan.x, 1), w = made_up(plan.w, 2), residual = made_up({1, 16, 20, 1}, 3);
  const TestTensor y = reference(plan, x, w, nullptr, forward_dims(plan), false);
  std::vector<float> sums;
  for (size_t i = 0; i < 16 * 20; ++i) sums.push_back(static_cast<float>(y.at(i) + residual.at(i)));
  TestGraph graph;
  const auto conv = graph.node("Conv", {graph.input(x), graph.constant(w)}, attributes(plan));
  const auto sum = graph.node("Add", {conv, graph.input(residual)});
  graph.expect(graph.node("Relu", {sum}, {}), nothing_negative(tensor<float>({1, 16, 20, 1}, sums)), 1e-4);
  graph.run();
  EXPECT_EQ(std::count(graph.steps().begin(), graph.steps().end(), "Conv+Add+Relu"), 1);
}

// Grouped, channels shuffled, depthwise, grouped: all with channels last where oneDNN takes groups so.
TEST(CpuConvSteps, ShuffledChannelsStayWhereTheyLie) {
  const Dims dims{2, 136, 6, 5};
  const Plan grouped{dims, {136, 34, 1, 1}, 4, {1, 1}, {1, 1}, {0, 0, 0, 0}, {}};
  const Plan depthwise{dims, {136, 1, 3, 3}, 136, {1, 1}, {1, 1}, {1, 1, 1, 1}, {}};
  const TestTensor x = made_up(dims, 1), w = made_up(grouped.w, 2), d = made_up(depthwise.w, 3);
  const TestTensor first = reference(grouped, x, w, nullptr, dims, false);
  std::vector<float> shuffled;
  for (size_t i = 0; i < 2 * 136 * 30; ++i) {
    const size_t channel = i / 30 % 136;
    const size_t source = channel % 4 * 34 + channel / 4;
    shuffled.push_back(static_cast<float>(first.at((i / 4080 * 136 + source) * 30 + i % 30)));
  }
  const TestTensor last = reference(depthwise, tensor<float>(dims, shuffled), d, nullptr, dims, false);
  for (const bool fusion : {true, false}) {
    TestGraph graph;
    graph.set_threads(2);
    graph.set_option("fusion", fusion);
    const auto shape = [&](const Dims& to) {
      return graph.constant(tensor<int64_t>({static_cast<int64_t>(to.size())}, to));
    };
    const auto y = graph.node("Conv", {graph.input(x), graph.constant(w)}, attributes(grouped));
    const auto apart =
        graph.node("Reshape", {y, shape({2, 4, 34, 6, 5})}, {}, {Type::kFloat32, {2, 4, 34, 6, 5}, true});
    const auto turned = graph.node("Transpose", {apart}, {{"perm", Dims{0, 2, 1, 3, 4}}},
                                   {Type::kFloat32, {2, 34, 4, 6, 5}, true});
    const auto back = graph.node("Reshape", {turned, shape(dims)}, {}, {Type::kFloat32, dims, true});
    graph.expect(graph.node("Conv", {back, graph.constant(d)}, attributes(depthwise)), last, 1e-4);
    graph.run();
    const auto& steps = graph.steps();
    if (__builtin_cpu_supports("avx512f")) {
      EXPECT_EQ(std::count(steps.begin(), steps.end(), "Reshape+Transpose+Reshape"), fusion ? 1 : 0);
    }
  }
}

class CpuConvTranspose : public testing::TestWithParam<Plan> {};

TEST_P(CpuConvTranspose, MatchesTheDefinition) {
  const Plan& plan = GetParam();
  const TestTensor x = made_up(plan.x, 1);
  const TestTensor w = made_up(plan.w, 2);
  const TestTensor bias = made_up({plan.w[1] * plan.group}, 3);
  TestAttributes all = attributes(plan);
  all["output_padding"] = plan.out_padding;
  for (const bool constant : {true, false}) {
    TestGraph graph;
    graph.set_threads(2);
    const auto weights = constant ? graph.constant(w) : graph.input(w);
    const auto y = graph.node("ConvTranspose", {graph.input(x), weights, graph.constant(bias)}, all);
    graph.expect(y, reference(plan, x, w, &bias, transposed_dims(plan), true), 1e-4);
    graph.run();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, CpuConvTranspose,
    testing::Values(Plan{{1, 4, 5, 5}, {4, 6, 3, 3}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
                    Plan{{1, 16, 4, 4}, {16, 16, 4, 4}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}, {0, 0}},
                    Plan{{2, 6, 5, 4}, {6, 2, 3, 3}, 2, {3, 2}, {1, 1}, {1, 0, 0, 1}, {1, 1}},
                    Plan{{1, 3, 7}, {3, 2, 3}, 1, {2}, {2}, {1, 1}, {1}},
                    Plan{{1, 24, 5, 7}, {24, 24, 2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
                    Plan{{2, 16, 5, 4}, {16, 1, 2, 2}, 1, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
                    Plan{{1, 8, 6, 5}, {8, 3, 3, 6}, 1, {1, 3}, {1, 1}, {1, 2, 1, 1}, {0, 1}},
                    Plan{{1, 5, 6, 5}, {5, 7, 5, 5}, 1, {2, 2}, {1, 1}, {4, 4, 3, 3}, {0, 0}},
                    Plan{{2, 20, 9}, {20, 14, 8}, 1, {4}, {1}, {2, 3}, {1}}));

TEST(CpuConvTransposeSteps, RunsByPhasesWithItsActivation) {
  for (const int64_t channels : {1, 32}) {
    const Plan plan{{1, 16, 6, 5}, {16, channels, 4, 4}, 1, {2, 2}, {1, 1}, {1, 1, 1, 1}, {0, 0}};
    const TestTensor x = made_up(plan.x, 1);
    const TestTensor w = made_up(plan.w, 2);
    TestGraph graph;
    const auto y = graph.node("ConvTranspose", {graph.input(x), graph.constant(w)}, attributes(plan));
    graph.expect(graph.node("Relu", {y}, {}),
                 nothing_negative(reference(plan, x, w, nullptr, transposed_dims(plan), true)), 1e-4);
    graph.run();
    EXPECT_EQ(std::count(graph.steps().begin(), graph.steps().end(), "ConvTranspose+Relu"), 1);
  }
}

TEST(CpuConv, SaysWhichDimsDoNotFit) {
  TestGraph graph;
  graph.output(graph.node("Conv", {graph.input(made_up({1, 3, 4, 4})), graph.constant(made_up({8, 4, 3, 3}))}));
  EXPECT_EQ(graph.specialize_error(), "Conv 'n0': input [1,3,4,4] and weights [8,4,3,3] do not fit group 1");
}

}  // namespace
}  // namespace bp::cpu::test
