// Dynamically quantized products as one step, against the same nodes one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/dense.hpp"
#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

struct Case {
  Type type = Type::kInt8;      // of the weights
  std::vector<int> zeros = {};  // of the weights: none, one, or one per column
  bool scale_per_column = false;
  bool has_rest = true;  // bias, Gelu, residual
  const char* step = "MatMulInteger+Cast+Mul+Add+Gelu+Add";
};

constexpr int64_t kDepth = 24, kColumns = 50;

TestTensor weights(Type type) {
  std::vector<uint8_t> bytes;
  for (int64_t i = 0; i < kDepth * kColumns; ++i) bytes.push_back(static_cast<uint8_t>(i * 37 + i / 7));
  TestTensor result = tensor<uint8_t>({kDepth, kColumns}, bytes);
  result.type = type;
  return result;
}

std::vector<TestTensor> run(const Case& c, bool fusion, uint32_t threads) {
  TestGraph graph;
  graph.set_option("fusion", fusion);
  graph.set_threads(threads);
  const auto x = graph.input(made_up({2, 9, kDepth}, 1));
  const auto q =
      graph.nodes("DynamicQuantizeLinear", {x}, {},
                  {{Type::kUint8, {2, 9, kDepth}, true}, {Type::kFloat32, {}, true}, {Type::kUint8, {}, true}});
  const auto w = graph.constant(weights(c.type));
  TestGraph::Ref zero = TestGraph::kOmitted;
  if (!c.zeros.empty()) {
    std::vector<uint8_t> bytes;
    for (const int z : c.zeros) bytes.push_back(static_cast<uint8_t>(z));
    TestTensor zeros = tensor<uint8_t>(c.zeros.size() == 1 ? Dims{} : Dims{kColumns}, bytes);
    zeros.type = c.type;
    zero = graph.constant(zeros);
  }
  const auto w_scale = graph.constant(c.scale_per_column ? made_up({kColumns}, 5) : tensor<float>({}, {0.03f}));
  const auto scale = graph.node("Mul", {q[1], w_scale}, {},
                                {Type::kFloat32, c.scale_per_column ? Dims{kColumns} : Dims{}, true});
  const Dims dims = {2, 9, kColumns};
  const auto sums = graph.node("MatMulInteger", {q[0], w, q[2], zero}, {}, {Type::kInt32, dims, true});
  auto y = graph.node("Mul", {graph.node("Cast", {sums}, {{"to", 1}}, {Type::kFloat32, dims, true}), scale});
  if (c.has_rest) {
    y = graph.node("Gelu", {graph.node("Add", {y, graph.constant(made_up({kColumns}, 3))})});
    y = graph.node("Add", {y, graph.input(made_up(dims, 4))});
  }
  graph.output(y, dims);
  auto results = graph.run();
  const auto& steps = graph.steps();
  EXPECT_EQ(std::count(steps.begin(), steps.end(), c.step), fusion && dense_runs(DenseType::kBytes) ? 1 : 0);
  return results;
}

void compare(const Case& c) {
  const auto expected = run(c, false, 1);
  for (const uint32_t threads : {1u, 2u}) {
    const auto found = run(c, true, threads);
    ASSERT_EQ(found.size(), 1u);
    for (size_t i = 0; i < expected[0].bytes.size() / sizeof(float); ++i) {
      const double tolerance = c.has_rest ? 4e-6 * (1 + std::abs(expected[0].at(i))) : 0;
      ASSERT_NEAR(found[0].at(i), expected[0].at(i), tolerance) << i;
    }
  }
}

TEST(CpuDenseBytes, SignedWeights) { compare({}); }

TEST(CpuDenseBytes, SumsAndScalesAreTheSameBits) {
  compare({.has_rest = false, .step = "MatMulInteger+Cast+Mul"});
  compare({.scale_per_column = true, .has_rest = false, .step = "MatMulInteger+Cast+Mul"});
}

TEST(CpuDenseBytes, WeightsWithZeroPoints) {
  compare({.zeros = {0}});
  compare({.type = Type::kUint8, .zeros = {128}});
  compare({.type = Type::kUint8, .zeros = {3}, .has_rest = false, .step = "MatMulInteger+Cast+Mul"});
  compare({.type = Type::kUint8, .has_rest = false, .step = "MatMulInteger+Cast+Mul"});
  std::vector<int> zeros;
  for (int i = 0; i < kColumns; ++i) zeros.push_back(i * 5 % 256);
  compare({.type = Type::kUint8,
           .zeros = zeros,
           .scale_per_column = true,
           .has_rest = false,
           .step = "MatMulInteger+Cast+Mul"});
}

}  // namespace
}  // namespace bp::cpu::test
