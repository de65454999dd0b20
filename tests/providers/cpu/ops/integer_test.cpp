// MatMulInteger, ConvInteger and their quantized forms against sums written out.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <type_traits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestOutput is(Type type) { return {type}; }

template <class T>
std::vector<T> random_bytes(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<T> values(static_cast<size_t>(count));
  for (T& value : values) value = static_cast<T>(random());
  return values;
}

// [batch, m, k] * [batch, k, n], zero points per row and per column (or one each).
template <class A, class B>
std::vector<int32_t> product(const std::vector<A>& a, const std::vector<A>& a_zero, const std::vector<B>& b,
                             const std::vector<B>& b_zero, int64_t batches, int64_t m, int64_t k, int64_t n) {
  std::vector<int32_t> sums;
  const auto at = [](const auto& list, int64_t i) { return int32_t{list[static_cast<size_t>(i)]}; };
  const auto zero = [&](const auto& list, int64_t i) { return list.size() == 1 ? at(list, 0) : at(list, i); };
  for (int64_t batch = 0; batch < batches; ++batch) {
    for (int64_t row = 0; row < m; ++row) {
      for (int64_t column = 0; column < n; ++column) {
        int32_t sum = 0;
        for (int64_t i = 0; i < k; ++i) {
          sum += (at(a, (batch * m + row) * k + i) - zero(a_zero, row)) *
                 (at(b, (batch * k + i) * n + column) - zero(b_zero, column));
        }
        sums.push_back(sum);
      }
    }
  }
  return sums;
}

// Zero points that leave signed numbers without one, which oneDNN multiplies where it is exact.
template <class T>
std::vector<T> middle(int64_t count) {
  return std::vector<T>(static_cast<size_t>(count), std::is_signed_v<T> ? T{0} : static_cast<T>(128));
}

template <class A, class B>
void check_matmul(int64_t batches, int64_t m, int64_t k, int64_t n, bool constant, bool per_line,
                  bool symmetric = false) {
  const auto a = random_bytes<A>(batches * m * k, 1);
  const auto b = random_bytes<B>(batches * k * n, 2);
  const auto a_zero = random_bytes<A>(per_line ? m : 1, 3);
  const auto b_zero = symmetric ? middle<B>(per_line ? n : 1) : random_bytes<B>(per_line ? n : 1, 4);
  TestGraph graph;
  graph.set_threads(3);
  const auto as = [&](auto values) { return constant ? graph.constant(values) : graph.input(values); };
  const Dims left = batches == 1 ? Dims{m, k} : Dims{batches, m, k};
  const Dims right = batches == 1 ? Dims{k, n} : Dims{batches, k, n};
  const Dims a_dims = per_line ? (batches == 1 ? Dims{m} : Dims{1, m, 1}) : Dims{};
  const Dims b_dims = per_line ? (batches == 1 ? Dims{n} : Dims{1, 1, n}) : Dims{};
  const auto y = graph.node("MatMulInteger",
                            {graph.input(tensor<A>(left, a)), as(tensor<B>(right, b)),
                             graph.input(tensor<A>(a_dims, a_zero)), as(tensor<B>(b_dims, b_zero))},
                            {}, is(Type::kInt32));
  const Dims dims = batches == 1 ? Dims{m, n} : Dims{batches, m, n};
  graph.expect(y, tensor<int32_t>(dims, product(a, a_zero, b, b_zero, batches, m, k, n)), 0);
  graph.run();
}

TEST(CpuMatMulInteger, IsExactForAllBytes) {
  check_matmul<uint8_t, int8_t>(1, 7, 33, 5, true, false);
  check_matmul<uint8_t, uint8_t>(1, 1, 200, 65, true, true);
  check_matmul<int8_t, int8_t>(3, 70, 31, 66, false, true);
  check_matmul<int8_t, uint8_t>(2, 5, 1, 3, true, false);
  check_matmul<uint8_t, uint8_t>(1, 130, 513, 70, false, false);
  check_matmul<uint8_t, int8_t>(1, 33, 129, 65, true, true, true);
  check_matmul<int8_t, int8_t>(1, 2, 64, 48, true, false, true);
  check_matmul<uint8_t, uint8_t>(1, 17, 40, 9, true, false, true);
}

TEST(CpuMatMulInteger, TakesVectorsNothingAndNoZeroPoint) {
  TestGraph graph;
  const auto row = graph.input(tensor<uint8_t>({3}, {1, 2, 255}));
  const auto column = graph.input(tensor<int8_t>({3}, {-128, 4, 127}));
  graph.expect(graph.node("MatMulInteger", {row, column}, {}, is(Type::kInt32)),
               tensor<int32_t>({}, {-128 + 8 + 255 * 127}), 0);
  const auto empty = graph.input(tensor<uint8_t>({2, 0}, {}));
  const auto other = graph.input(tensor<int8_t>({0, 3}, {}));
  graph.expect(graph.node("MatMulInteger", {empty, other}, {}, is(Type::kInt32)),
               tensor<int32_t>({2, 3}, {0, 0, 0, 0, 0, 0}), 0);
  graph.run();
}

TEST(CpuMatMulInteger, SaysWhatDoesNotFit) {
  TestGraph graph;
  const auto a = graph.input(tensor<uint8_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto b = graph.input(tensor<int8_t>({2, 2}, {1, 2, 3, 4}));
  graph.output(graph.node("MatMulInteger", {a, b}, {}, is(Type::kInt32)), {2, 2});
  EXPECT_EQ(graph.specialize_error(), "MatMulInteger 'n0': inputs [2,3] and [2,2] do not multiply");
  TestGraph types;
  const auto c = types.input(tensor<uint8_t>({1, 1}, {1}));
  types.output(
      types.node("MatMulInteger", {c, c, types.constant(tensor<int8_t>({}, {0}))}, {}, is(Type::kInt32)));
  EXPECT_EQ(types.reasons(), "the zero point must be uint8 as input 0 is, is int8");
  TestGraph zeros;
  const auto d = zeros.input(tensor<uint8_t>({2, 1}, {1, 2}));
  const auto e = zeros.input(tensor<uint8_t>({1, 2}, {1, 2}));
  zeros.output(zeros.node("MatMulInteger", {d, e, zeros.constant(tensor<uint8_t>({3}, {0, 0, 0}))}, {},
                          is(Type::kInt32)),
               {2, 2});
  EXPECT_EQ(zeros.specialize_error(),
            "MatMulInteger 'n0': input 2 must be one element or have one for each of 2 rows; it has dims [3]");
}

uint8_t requantized(int32_t sum, float scale, int32_t zero) {
  const float value = std::nearbyint(static_cast<float>(sum) * scale) + static_cast<float>(zero);
  return static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
}

TEST(CpuQLinearMatMul, ScalesPerTensorAndPerColumn) {
  for (const bool per_column : {false, true}) {
    const int64_t m = 9, k = 40, n = 70;
    const auto a = random_bytes<uint8_t>(m * k, 5);
    const auto b = random_bytes<int8_t>(k * n, 6);
    std::vector<float> scales;
    for (int64_t i = 0; i < (per_column ? n : 1); ++i) scales.push_back(0.01f + 0.001f * static_cast<float>(i));
    const std::vector<int8_t> b_zero(scales.size(), 3);
    const auto sums = product<uint8_t, int8_t>(a, {128}, b, b_zero, 1, m, k, n);
    std::vector<uint8_t> expected;
    for (size_t i = 0; i < sums.size(); ++i) {
      const float scale = 0.5f * scales[per_column ? i % static_cast<size_t>(n) : 0] / 4.0f;
      expected.push_back(requantized(sums[i], scale, 100));
    }
    TestGraph graph;
    graph.set_threads(2);
    const Dims dims = per_column ? Dims{n} : Dims{};
    const auto y =
        graph.node("QLinearMatMul",
                   {graph.input(tensor<uint8_t>({m, k}, a)), graph.constant(tensor<float>({}, {0.5f})),
                    graph.constant(tensor<uint8_t>({}, {128})), graph.constant(tensor<int8_t>({k, n}, b)),
                    graph.constant(tensor<float>(dims, scales)), graph.constant(tensor<int8_t>(dims, b_zero)),
                    graph.constant(tensor<float>({}, {4.0f})), graph.constant(tensor<uint8_t>({}, {100}))},
                   {}, is(Type::kUint8));
    graph.expect(y, tensor<uint8_t>({m, n}, expected), 0);
    graph.run();
  }
}

TEST(CpuQLinearMatMul, TakesHalvesAndScalesPerRow) {
  TestGraph graph;
  const auto a = graph.input(tensor<int8_t>({2, 2}, {1, 2, 3, -4}));
  const auto b = graph.input(tensor<int8_t>({2, 1}, {10, 20}));
  const auto y = graph.node(
      "QLinearMatMul",
      {a, graph.constant(tensor<Half>({2}, {Half(0.5f), Half(0.25f)})), graph.constant(tensor<int8_t>({}, {0})),
       b, graph.constant(tensor<Half>({}, {Half(1.0f)})), graph.constant(tensor<int8_t>({}, {0})),
       graph.constant(tensor<Half>({}, {Half(1.0f)})), graph.constant(tensor<int8_t>({}, {1}))},
      {}, is(Type::kInt8));
  graph.expect(y, tensor<int8_t>({2, 1}, {26, -11}), 0);  // 25; -12.5 to even
  graph.run();
}

struct Convolution {
  Dims x;  // N, C, spatial
  Dims w;  // M, C / group, spatial
  int64_t group = 1;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  std::vector<int64_t> pads;  // begins, then ends
};

// Two spatial dims; one is written as [.., 1, w] by the caller.
template <class X, class W>
std::vector<int32_t> convolved(const Convolution& c, const std::vector<X>& x, int32_t x_zero,
                               const std::vector<W>& w, const std::vector<W>& w_zero, Dims* dims) {
  const int64_t out_h = (c.x[2] + c.pads[0] + c.pads[2] - (c.w[2] - 1) * c.dilations[0] - 1) / c.strides[0] + 1;
  const int64_t out_w = (c.x[3] + c.pads[1] + c.pads[3] - (c.w[3] - 1) * c.dilations[1] - 1) / c.strides[1] + 1;
  *dims = {c.x[0], c.w[0], out_h, out_w};
  std::vector<int32_t> sums;
  for (int64_t n = 0; n < c.x[0]; ++n) {
    for (int64_t m = 0; m < c.w[0]; ++m) {
      const int64_t first = m / (c.w[0] / c.group) * c.w[1];
      const int32_t zero = w_zero[w_zero.size() == 1 ? 0 : static_cast<size_t>(m)];
      for (int64_t p = 0; p < out_h * out_w; ++p) {
        int32_t sum = 0;
        for (int64_t i = 0; i < c.w[1] * c.w[2] * c.w[3]; ++i) {
          const int64_t kx = i % c.w[3], ky = i / c.w[3] % c.w[2], channel = i / (c.w[3] * c.w[2]);
          const int64_t row = p / out_w * c.strides[0] - c.pads[0] + ky * c.dilations[0];
          const int64_t column = p % out_w * c.strides[1] - c.pads[1] + kx * c.dilations[1];
          if (row < 0 || row >= c.x[2] || column < 0 || column >= c.x[3]) continue;
          const int64_t at = ((n * c.x[1] + first + channel) * c.x[2] + row) * c.x[3] + column;
          sum += (x[static_cast<size_t>(at)] - x_zero) *
                 (w[static_cast<size_t>(m * c.w[1] * c.w[2] * c.w[3] + i)] - zero);
        }
        sums.push_back(sum);
      }
    }
  }
  return sums;
}

const Convolution kConvolutions[] = {
    {{1, 3, 9, 11}, {5, 3, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1, 1, 1}},
    {{2, 4, 8, 7}, {6, 2, 3, 2}, 2, {2, 1}, {1, 2}, {0, 2, 1, 1}},
    {{1, 33, 12, 12}, {33, 1, 3, 3}, 33, {1, 1}, {1, 1}, {1, 1, 1, 1}},
    {{1, 64, 10, 10}, {70, 64, 1, 1}, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}},
    {{2, 4, 9, 8}, {3, 4, 3, 3}, 1, {1, 2}, {1, 1}, {-1, 2, 1, -2}},
};

TestAttributes attributes_of(const Convolution& c) {
  return {{"group", c.group}, {"strides", c.strides}, {"dilations", c.dilations}, {"pads", c.pads}};
}

template <class X, class W>
void check_conv_integer(const Convolution& c, bool constant, bool symmetric = false) {
  const auto x = random_bytes<X>(element_count(c.x), 7);
  const auto w = random_bytes<W>(element_count(c.w), 8);
  const auto zeros = symmetric ? middle<W>(c.w[0]) : random_bytes<W>(c.w[0], 9);
  Dims dims;
  const auto sums = convolved<X, W>(c, x, 77, w, zeros, &dims);
  TestGraph graph;
  graph.set_threads(3);
  const auto as = [&](auto values) { return constant ? graph.constant(values) : graph.input(values); };
  const auto y = graph.node("ConvInteger",
                            {graph.input(tensor<X>(c.x, x)), as(tensor<W>(c.w, w)),
                             graph.input(tensor<X>({}, {77})), as(tensor<W>({c.w[0]}, zeros))},
                            attributes_of(c), is(Type::kInt32));
  graph.expect(y, tensor<int32_t>(dims, sums), 0);
  graph.run();
}

TEST(CpuConvInteger, IsExactForAllBytes) {
  for (const Convolution& c : kConvolutions) {
    check_conv_integer<uint8_t, int8_t>(c, true);
    check_conv_integer<int8_t, uint8_t>(c, false);
    check_conv_integer<uint8_t, int8_t>(c, true, true);
    check_conv_integer<int8_t, uint8_t>(c, true, true);
  }
}

TEST(CpuQLinearConv, ScalesChannelsAndAddsBias) {
  for (const Convolution& c : kConvolutions) {
    for (const bool per_channel : {false, true}) {
      const auto x = random_bytes<uint8_t>(element_count(c.x), 10);
      const auto w = random_bytes<int8_t>(element_count(c.w), 11);
      std::vector<float> scales;
      std::vector<int32_t> bias;
      for (int64_t i = 0; i < (per_channel ? c.w[0] : 1); ++i)
        scales.push_back(0.002f + 1e-4f * static_cast<float>(i));
      for (int64_t i = 0; i < c.w[0]; ++i) bias.push_back(static_cast<int32_t>(i * 1000 - 500));
      const std::vector<int8_t> w_zero(scales.size(), 0);
      Dims dims;
      const auto sums = convolved<uint8_t, int8_t>(c, x, 120, w, w_zero, &dims);
      std::vector<uint8_t> expected;
      for (size_t i = 0; i < sums.size(); ++i) {
        const size_t m = i / static_cast<size_t>(dims[2] * dims[3]) % static_cast<size_t>(c.w[0]);
        const float scale = 0.5f * scales[per_channel ? m : 0] / 0.25f;
        expected.push_back(requantized(sums[i] + bias[m], scale, 128));
      }
      TestGraph graph;
      graph.set_threads(2);
      const Dims channel_dims = per_channel ? Dims{c.w[0]} : Dims{};
      const auto y = graph.node(
          "QLinearConv",
          {graph.input(tensor<uint8_t>(c.x, x)), graph.constant(tensor<float>({}, {0.5f})),
           graph.constant(tensor<uint8_t>({}, {120})), graph.constant(tensor<int8_t>(c.w, w)),
           graph.constant(tensor<float>(channel_dims, scales)),
           graph.constant(tensor<int8_t>(channel_dims, w_zero)), graph.constant(tensor<float>({}, {0.25f})),
           graph.constant(tensor<uint8_t>({}, {128})), graph.constant(tensor<int32_t>({c.w[0]}, bias))},
          attributes_of(c), is(Type::kUint8));
      graph.expect(y, tensor<uint8_t>(dims, expected), 0);
      graph.run();
    }
  }
}

TEST(CpuQLinearConv, SaysWhatDoesNotFit) {
  TestGraph graph;
  const auto one = graph.constant(tensor<float>({}, {1}));
  const auto zero = graph.constant(tensor<uint8_t>({}, {0}));
  const auto x = graph.input(tensor<uint8_t>({1, 1, 2}, {1, 2}));
  const auto w = graph.constant(tensor<uint8_t>({2, 1, 1}, {1, 2}));
  const auto scales = graph.constant(tensor<float>({3}, {1, 1, 1}));
  graph.output(graph.node("QLinearConv", {x, one, zero, w, scales, zero, one, zero}, {}, is(Type::kUint8)),
               {1, 2, 2});
  EXPECT_EQ(graph.specialize_error(), "QLinearConv 'n0': input 4 must be one element or 2, has dims [3]");
}

}  // namespace
}  // namespace bp::cpu::test
