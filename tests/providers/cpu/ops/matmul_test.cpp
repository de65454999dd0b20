#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

// a[.., M, K] * b[K, N] in double, rows of a.
TestTensor product(const TestTensor& a, const TestTensor& b, int64_t rows, int64_t depth, int64_t columns,
                   Dims dims) {
  std::vector<float> result;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      double sum = 0;
      for (int64_t k = 0; k < depth; ++k) {
        sum += a.at(static_cast<size_t>(r * depth + k)) * b.at(static_cast<size_t>(k * columns + c));
      }
      result.push_back(static_cast<float>(sum));
    }
  }
  return tensor<float>(std::move(dims), result);
}

TEST(CpuMatMul, OneWeightForAWholeBatch) {
  const TestTensor a = made_up({2, 5, 33}, 1);
  const TestTensor b = made_up({33, 18}, 2);
  for (const bool constant : {true, false}) {
    TestGraph graph;
    const auto weights = constant ? graph.constant(b) : graph.input(b);
    const TestOutput out{Type::kFloat32, {-1, -1, -1}};
    graph.expect(graph.node("MatMul", {graph.input(a), weights}, {}, out),
                 product(a, b, 10, 33, 18, {2, 5, 18}), 1e-4);
    graph.run();
  }
}

TEST(CpuMatMul, BatchesBroadcast) {
  const TestTensor a = tensor<float>({2, 1, 1, 2}, {1, 2, 3, 4});
  const TestTensor b = tensor<float>({3, 2, 1}, {1, 10, 2, 20, 3, 30});
  TestGraph graph;
  graph.expect(graph.node("MatMul", {graph.input(a), graph.input(b)}),
               tensor<float>({2, 3, 1, 1}, {21, 42, 63, 43, 86, 129}));
  graph.run();
}

TEST(CpuMatMul, VectorsLoseTheirDim) {
  const TestTensor v = tensor<float>({2}, {1, 2});
  const TestTensor m = tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  TestGraph graph;
  const auto a = graph.input(v);
  graph.expect(graph.node("MatMul", {a, graph.input(m)}), tensor<float>({3}, {9, 12, 15}));
  graph.expect(graph.node("MatMul", {a, a}, {}, TestOutput{Type::kFloat32, {}, true}), tensor<float>({}, {5}));
  const auto wide = graph.input(tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6}));
  graph.expect(graph.node("MatMul", {wide, a}), tensor<float>({3}, {5, 11, 17}));
  graph.run();
}

TEST(CpuMatMul, OtherTypesAndEmptyDepth) {
  TestGraph graph;
  const auto a = graph.input(tensor<int64_t>({2, 2}, {1, 2, 3, int64_t{1} << 30}));
  graph.expect(
      graph.node("MatMul", {a, a}),
      tensor<int64_t>({2, 2}, {7, 2 + (int64_t{2} << 30), 3 + (int64_t{3} << 30), 6 + (int64_t{1} << 60)}));
  const auto none = graph.input(tensor<float>({2, 0}, {}));
  const auto other = graph.input(tensor<float>({0, 2}, {}));
  graph.expect(graph.node("MatMul", {none, other}), tensor<float>({2, 2}, {0, 0, 0, 0}));
  const auto half = graph.input(tensor<Half>({1, 2}, {0.5f, 2.f}));
  const auto column = graph.input(tensor<Half>({2, 1}, {4.f, 0.25f}));
  graph.expect(graph.node("MatMul", {half, column}), tensor<Half>({1, 1}, {2.5f}));
  graph.run();
}

TEST(CpuGemm, ScalesTransposesAndAddsC) {
  const TestTensor a = tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  const TestTensor b = tensor<float>({2, 3}, {1, 0, 2, 0, 1, 1});
  const TestAttributes turned{{"transA", 1}, {"transB", 1}, {"alpha", 0.5f}, {"beta", 2.0f}};
  // a^T * b^T = [[1+0+10, 0+3+5], [2+0+12, 0+4+6]] = [[11, 8], [14, 10]]
  const auto check = [&](const TestTensor& c, const std::vector<float>& expected) {
    TestGraph graph;
    const auto y = graph.node("Gemm", {graph.input(a), graph.constant(b), graph.input(c)}, turned);
    graph.expect(y, tensor<float>({2, 2}, expected));
    graph.run();
  };
  check(tensor<float>({2}, {1, 2}), {7.5f, 8, 9, 9});
  check(tensor<float>({2, 1}, {1, 2}), {7.5f, 6, 11, 9});
  check(tensor<float>({2, 2}, {1, 2, 3, 4}), {7.5f, 8, 13, 13});
  check(tensor<float>({}, {1}), {7.5f, 6, 9, 7});
}

TEST(CpuGemm, BiasAndActivationAreOneStep) {
  TestGraph graph;
  const auto y = graph.node("Gemm", {graph.input(tensor<float>({1, 2}, {1, 2})),
                                     graph.constant(tensor<float>({2, 2}, {1, -1, 1, -1})),
                                     graph.constant(tensor<float>({2}, {0.5f, 0.25f}))});
  graph.expect(graph.node("Relu", {y}), tensor<float>({1, 2}, {3.5f, 0}));
  graph.run();
  EXPECT_EQ(graph.steps(), std::vector<std::string>{"Gemm+Relu"});
}

TEST(CpuMatMul, SaysWhatDoesNotMultiply) {
  TestGraph graph;
  graph.output(graph.node("MatMul", {graph.input(made_up({2, 3})), graph.input(made_up({2, 3}))}));
  EXPECT_EQ(graph.specialize_error(), "MatMul 'n0': inputs [2,3] and [2,3] do not multiply");
}

}  // namespace
}  // namespace bp::cpu::test
