// Convolutions in the types that oneDNN does not take here, and deformed ones, against plain loops in double.
#include <gtest/gtest.h>

#include <cmath>

#include "providers/cpu/cast_helper.hpp"
#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

struct Case {
  int64_t batch = 2, channels = 4, height = 7, width = 9;
  int64_t out_channels = 6, kernel = 3, stride = 1, dilation = 1, pad = 1, groups = 1;
  bool bias = true;
  bool constant = true;
  uint32_t threads = 1;

  int64_t out(int64_t in) const { return (in + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1; }
  int64_t grown(int64_t in) const { return (in - 1) * stride + (kernel - 1) * dilation + 1 - 2 * pad; }
};

// Every pair of an input and an output element that a tap connects adds to the output.
template <class T>
void compare(const Case& c, bool transposed, double tolerance) {
  const int64_t per_group = c.channels / c.groups, out_per_group = c.out_channels / c.groups;
  const int64_t oh = transposed ? c.grown(c.height) : c.out(c.height);
  const int64_t ow = transposed ? c.grown(c.width) : c.out(c.width);
  const Dims x_dims{c.batch, c.channels, c.height, c.width};
  const Dims w_dims = transposed ? Dims{c.channels, out_per_group, c.kernel, c.kernel}
                                 : Dims{c.out_channels, per_group, c.kernel, c.kernel};
  const TestTensor x = cast<T>(made_up(x_dims, 1));
  const TestTensor w = cast<T>(made_up(w_dims, 2));
  const TestTensor bias = cast<T>(made_up({c.out_channels}, 3));
  std::vector<double> y(static_cast<size_t>(c.batch * c.out_channels * oh * ow));
  for (int64_t n = 0; n < c.batch; ++n) {
    for (int64_t m = 0; m < c.out_channels; ++m) {
      for (int64_t p = 0; p < oh * ow; ++p) {
        double sum = c.bias ? bias.at(static_cast<size_t>(m)) : 0;
        for (int64_t i = 0; i < per_group; ++i) {
          const int64_t channel = m / out_per_group * per_group + i;
          for (int64_t tap = 0; tap < c.kernel * c.kernel; ++tap) {
            int64_t at[2];
            bool inside = true;
            for (int d = 0; d < 2; ++d) {
              const int64_t o = d == 0 ? p / ow : p % ow;
              const int64_t k = (d == 0 ? tap / c.kernel : tap % c.kernel) * c.dilation;
              const int64_t reach = transposed ? o + c.pad - k : o * c.stride - c.pad + k;
              at[d] = transposed ? reach / c.stride : reach;
              inside = inside && reach >= 0 && at[d] < x_dims[static_cast<size_t>(d) + 2] &&
                       (!transposed || reach % c.stride == 0);
            }
            if (!inside) continue;
            const int64_t weight = transposed ? channel * out_per_group + m % out_per_group : m * per_group + i;
            sum +=
                x.at(static_cast<size_t>(((n * c.channels + channel) * c.height + at[0]) * c.width + at[1])) *
                w.at(static_cast<size_t>(weight * c.kernel * c.kernel + tap));
          }
        }
        y[static_cast<size_t>((n * c.out_channels + m) * oh * ow + p)] = sum;
      }
    }
  }
  TestGraph graph;
  graph.set_threads(c.threads);
  std::vector<TestGraph::Ref> inputs{graph.input(x), c.constant ? graph.constant(w) : graph.input(w)};
  if (c.bias) inputs.push_back(graph.input(bias));
  graph.expect(graph.node(transposed ? "ConvTranspose" : "Conv", inputs,
                          {{"strides", std::vector<int64_t>{c.stride, c.stride}},
                           {"dilations", std::vector<int64_t>{c.dilation, c.dilation}},
                           {"pads", std::vector<int64_t>(4, c.pad)},
                           {"group", c.groups}}),
               cast<T>({c.batch, c.out_channels, oh, ow}, y), tolerance);
  graph.run();
}

TEST(CpuColumnConvolution, FormsOfFloat64) {
  for (const bool transposed : {false, true}) {
    SCOPED_TRACE(transposed);
    compare<double>({}, transposed, 1e-12);
    compare<double>({.stride = 2, .bias = false, .constant = false}, transposed, 1e-12);
    compare<double>({.dilation = 2, .pad = 2, .groups = 2}, transposed, 1e-12);
    compare<double>({.out_channels = 4, .groups = 4}, transposed, 1e-12);
    compare<double>({.batch = 1, .channels = 3, .height = 5, .width = 5, .out_channels = 70, .threads = 4},
                    transposed, 1e-12);
    compare<double>({.height = 20, .width = 31, .threads = 3}, transposed, 1e-12);
  }
}

TEST(CpuColumnConvolution, SixteenBitFloatsAreRoundedOnce) {
  for (const bool transposed : {false, true}) {
    for (const bool constant : {false, true}) {
      compare<Half>({.channels = 32, .stride = 2, .constant = constant}, transposed, 6e-4);
      compare<Bfloat16>({.channels = 32, .groups = 2, .constant = constant}, transposed, 5e-3);
    }
  }
}

TEST(CpuDeformConv, WithoutOffsetsIsAConvolution) {
  const TestTensor x = made_up({1, 4, 6, 7}, 1);
  const TestTensor w = made_up({6, 2, 3, 3}, 2);
  const TestTensor bias = made_up({6}, 3);
  const Dims offsets{1, 2 * 9, 6, 7};
  TestGraph plain;
  const TestAttributes attributes{{"pads", std::vector<int64_t>(4, 1)}, {"group", 2}};
  plain.output(plain.node("Conv", {plain.input(x), plain.constant(w), plain.input(bias)}, attributes),
               {1, 6, 6, 7});
  TestGraph graph;
  const auto zero = graph.input(tensor<float>(offsets, std::vector<float>(18 * 42)));
  graph.expect(
      graph.node("DeformConv", {graph.input(x), graph.constant(w), zero, graph.input(bias)}, attributes),
      plain.run()[0], 1e-5);
  graph.run();
}

// One tap, one channel: the output is the sample itself, times the mask.
TEST(CpuDeformConv, SamplesBetweenElements) {
  const TestTensor x = tensor<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  TestGraph graph;
  const auto image = graph.input(x);
  const auto one = graph.constant(tensor<float>({1, 1, 1, 1}, {1}));
  // Down, then right: inside, half outside at the top, far outside, at the last element.
  const auto offset = graph.input(tensor<float>({1, 2, 2, 2}, {0.5f, -0.5f, 5, 0, 0.25f, 0, 0, 0}));
  const auto mask = graph.input(tensor<float>({1, 1, 2, 2}, {2, 1, 1, 0.5f}));
  graph.expect(graph.node("DeformConv", {image, one, offset, TestGraph::kOmitted, mask}),
               tensor<float>({1, 1, 2, 2}, {2 * 2.25f, 1, 0, 2}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
