#include <gtest/gtest.h>

#include <algorithm>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

// Made-up numbers and the same as T.
template <class T>
struct Both {
  TestTensor narrow, wide;
};

template <class T>
Both<T> both(const Dims& dims, uint32_t seed) {
  const TestTensor x = made_up(dims, seed);
  std::vector<T> narrow;
  std::vector<float> wide;
  for (size_t i = 0; i < static_cast<size_t>(element_count(dims)); ++i) {
    narrow.emplace_back(static_cast<float>(x.at(i)));
    wide.push_back(static_cast<float>(narrow.back()));
  }
  return {tensor<T>(dims, narrow), tensor<float>(dims, wide)};
}

// Conv, Relu (an output), Transpose, Greater (not an arithmetic node), Concat with an input, MatMul.
std::vector<TestTensor> run(TestGraph& graph, const TestTensor& x, const TestTensor& w, const TestTensor& past,
                            const TestTensor& b) {
  const auto conv = graph.node("Conv", {graph.input(x), graph.constant(w)});
  const auto relu = graph.node("Relu", {conv});
  const auto turned = graph.node("Transpose", {relu}, {{"perm", std::vector<int64_t>{0, 1, 3, 2}}});
  const auto joined = graph.node("Concat", {graph.input(past), turned}, {{"axis", 2}});
  graph.output(relu, {1, 16, 4, 5});
  graph.output(graph.node("Shape", {joined}, {}, {Type::kInt64}), {4});
  graph.output(graph.node("Greater", {relu, conv}, {}, {Type::kBool}), {1, 16, 4, 5});
  graph.output(graph.node("MatMul", {joined, graph.constant(b)}), {1, 16, 7, 3});
  return graph.run();
}

template <class T>
void compare(double tolerance) {
  const Both<T> x = both<T>({1, 16, 4, 5}, 1), w = both<T>({16, 16, 1, 1}, 2), past = both<T>({1, 16, 2, 4}, 3),
                b = both<T>({4, 3}, 4);
  TestGraph narrow, wide;
  const auto found = run(narrow, x.narrow, w.narrow, past.narrow, b.narrow);
  const auto expected = run(wide, x.wide, w.wide, past.wide, b.wide);
  ASSERT_EQ(found.size(), 4u);
  for (size_t output = 0; output < 4; ++output) {
    ASSERT_EQ(found[output].dims, expected[output].dims);
    if (output == 2) continue;
    for (size_t i = 0; i < static_cast<size_t>(element_count(found[output].dims)); ++i) {
      EXPECT_NEAR(found[output].at(i), expected[output].at(i),
                  tolerance * (1 + std::abs(expected[output].at(i))));
    }
  }
  EXPECT_EQ(found[0].type, x.narrow.type);
  EXPECT_EQ(found[3].type, x.narrow.type);
  // Rounded once, where it leaves: what the activation is fused into is no step of its own.
  EXPECT_EQ(std::count(narrow.steps().begin(), narrow.steps().end(), "Relu"),
            std::count(wide.steps().begin(), wide.steps().end(), "Relu"));
}

TEST(CpuFloat32Islands, GiveWhatFloat32GivesRoundedOnce) {
  compare<Half>(1e-3);
  compare<Bfloat16>(8e-3);
}

TEST(CpuFloat32Islands, LeaveArithmeticAloneWhereNothingIsHeavy) {
  const Both<Half> x = both<Half>({3, 7}, 1);
  TestGraph graph;
  graph.output(graph.node("Relu", {graph.input(x.narrow)}), {3, 7});
  graph.run();
  EXPECT_EQ(std::count(graph.steps().begin(), graph.steps().end(), "Cast"), 0);
}

}  // namespace
}  // namespace bp::cpu::test
