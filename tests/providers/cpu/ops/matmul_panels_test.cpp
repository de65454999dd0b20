// Products in the types that oneDNN does not multiply here, against plain loops.
#include <gtest/gtest.h>

#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

template <class T>
std::vector<T> numbers(int64_t count, uint32_t seed) {
  const TestTensor made = made_up({count}, seed);
  std::vector<T> values;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    values.push_back(static_cast<T>(static_cast<float>(kIsFloat<T> ? made.at(i) : made.at(i) * 100)));
  }
  return values;
}

// [batch, rows, depth] times [batch or 1, depth, columns].
template <class T>
void compare(int64_t batch, int64_t rows, int64_t depth, int64_t columns, bool shared, uint32_t threads,
             double tolerance) {
  const std::vector<T> a = numbers<T>(batch * rows * depth, 1);
  const std::vector<T> b = numbers<T>((shared ? 1 : batch) * depth * columns, 2);
  std::vector<T> y;
  for (int64_t n = 0; n < batch; ++n) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        double sum = 0;
        for (int64_t k = 0; k < depth; ++k) {
          sum += static_cast<double>(a[static_cast<size_t>((n * rows + r) * depth + k)]) *
                 static_cast<double>(b[static_cast<size_t>(((shared ? 0 : n) * depth + k) * columns + c)]);
        }
        if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, Bfloat16>) {
          y.push_back(static_cast<T>(static_cast<float>(sum)));
        } else {
          y.push_back(static_cast<T>(sum));
        }
      }
    }
  }
  SCOPED_TRACE(testing::Message() << batch << " " << rows << " " << depth << " " << columns << shared);
  const TestTensor right = tensor<T>(shared ? Dims{depth, columns} : Dims{batch, depth, columns}, b);
  for (const bool constant : {false, true}) {
    TestGraph graph;
    graph.set_threads(threads);
    const auto left = graph.input(tensor<T>({batch, rows, depth}, a));
    graph.expect(graph.node("MatMul", {left, constant ? graph.constant(right) : graph.input(right)}),
                 tensor<T>({batch, rows, columns}, y), tolerance);
    graph.run();
  }
}

template <class T>
void every_shape(double tolerance) {
  compare<T>(1, 1, 70, 130, true, 1, tolerance);
  compare<T>(2, 7, 33, 65, true, 2, tolerance);
  compare<T>(5, 13, 1, 3, false, 2, tolerance);
  compare<T>(1, 100, 40, 9, false, 4, tolerance);
}

TEST(CpuPanelMatMul, Floats) {
  every_shape<double>(1e-13);
  every_shape<Half>(1e-3);
  every_shape<Bfloat16>(8e-3);
}

TEST(CpuPanelMatMul, DeepProductsAreCutInPieces) { compare<double>(1, 3, 2500, 5, true, 1, 1e-12); }

TEST(CpuPanelMatMul, Integers) {
  every_shape<int32_t>(0);
  every_shape<int64_t>(0);
  TestGraph graph;
  const auto large = graph.input(tensor<uint32_t>({1, 2}, {std::numeric_limits<uint32_t>::max(), 3}));
  graph.expect(graph.node("MatMul", {large, graph.input(tensor<uint32_t>({2, 1}, {2, 5}))}),
               tensor<uint32_t>({1, 1}, {13}));  // -2 + 15, modulo 2^32
  const auto wide = graph.input(tensor<uint64_t>({1, 1}, {uint64_t{1} << 40}));
  graph.expect(graph.node("MatMul", {wide, graph.input(tensor<uint64_t>({1, 1}, {uint64_t{1} << 12}))}),
               tensor<uint64_t>({1, 1}, {uint64_t{1} << 52}));
  graph.run();
}

TEST(CpuPanelGemm, ScalesAndAddsInEveryOrder) {
  // a = [[1, 2, 3], [4, 5, 6]], b = [[1, 0], [2, 1], [0, 3]]: the product is [[5, 11], [14, 23]].
  for (const bool constant : {false, true}) {
    for (const bool a_turned : {false, true}) {
      for (const bool b_turned : {false, true}) {
        TestGraph graph;
        const auto a = graph.input(a_turned ? tensor<double>({3, 2}, {1, 4, 2, 5, 3, 6})
                                            : tensor<double>({2, 3}, {1, 2, 3, 4, 5, 6}));
        const TestTensor right =
            b_turned ? tensor<double>({2, 3}, {1, 2, 0, 0, 1, 3}) : tensor<double>({3, 2}, {1, 0, 2, 1, 0, 3});
        const auto b = constant ? graph.constant(right) : graph.input(right);
        const TestAttributes attributes{
            {"transA", int{a_turned}}, {"transB", int{b_turned}}, {"alpha", 0.5f}, {"beta", 2.0f}};
        const auto row = graph.input(tensor<double>({2}, {1, -1}));
        const auto column = graph.input(tensor<double>({2, 1}, {1, -1}));
        graph.expect(graph.node("Gemm", {a, b, row}, attributes), tensor<double>({2, 2}, {4.5, 3.5, 9, 9.5}),
                     0);
        graph.expect(graph.node("Gemm", {a, b, column}, attributes), tensor<double>({2, 2}, {4.5, 7.5, 5, 9.5}),
                     0);
        graph.expect(graph.node("Gemm", {a, b}, attributes), tensor<double>({2, 2}, {2.5, 5.5, 7, 11.5}), 0);
        graph.run();
      }
    }
  }
  TestGraph graph;
  const auto two = graph.input(tensor<int32_t>({1, 1}, {2}));
  const auto three = graph.input(tensor<int32_t>({1, 1}, {-3}));
  graph.expect(graph.node("Gemm", {two, three, two}, {{"alpha", 0.5f}, {"beta", 3.0f}}),
               tensor<int32_t>({1, 1}, {3}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
