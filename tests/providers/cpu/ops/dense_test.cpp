// The option `precision`: products with constant weights in bfloat16.
#include "kernels/dense.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

constexpr int64_t kRows = 10, kDepth = 33, kColumns = 50;

// MatMul, Add, Gelu, Add; Sigmoid, which no dense product takes along; Gemm with turned weights.
TestTensor run(const char* precision, uint32_t threads) {
  TestGraph graph;
  graph.set_threads(threads);
  graph.choose("precision", precision);
  const auto x = graph.input(made_up({2, kRows / 2, kDepth}, 1));
  auto y = graph.node("MatMul", {x, graph.constant(made_up({kDepth, kColumns}, 2))});
  y = graph.node("Gelu", {graph.node("Add", {y, graph.constant(made_up({kColumns}, 3))})});
  y = graph.node("Add", {y, graph.input(made_up({2, kRows / 2, kColumns}, 4))});
  y = graph.node("Sigmoid", {graph.node("MatMul", {y, graph.constant(made_up({kColumns, kDepth}, 5))})});
  y = graph.node("Reshape", {y, graph.constant(tensor<int64_t>({2}, {kRows, kDepth}))}, {},
                 {Type::kFloat32, {kRows, kDepth}, true});
  y = graph.node("Gemm",
                 {y, graph.constant(made_up({kColumns, kDepth}, 6)), graph.constant(made_up({kColumns}, 7))},
                 {{"transB", 1}}, {Type::kFloat32, {kRows, kColumns}, true});
  graph.output(y, {kRows, kColumns});
  return graph.run().at(0);
}

TEST(CpuDense, Bfloat16IsCloseToFloat32AndNotEqual) {
  const TestTensor expected = run("f32", 1);
  for (const uint32_t threads : {1u, 2u}) {
    const TestTensor found = run("bf16", threads);
    double error = 0, size = 0;
    for (size_t i = 0; i < static_cast<size_t>(kRows * kColumns); ++i) {
      error += std::pow(found.at(i) - expected.at(i), 2);
      size += std::pow(expected.at(i), 2);
    }
    const double relative = std::sqrt(error / size);
    EXPECT_LT(relative, 0.01);
    EXPECT_EQ(relative > 1e-5, dense_runs(DenseType::kBfloat16)) << relative;
  }
}

}  // namespace
}  // namespace bp::cpu::test
