#include <gtest/gtest.h>

#include <cmath>

#include "ops/pairwise_coupling.hpp"
#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

const TestOutput kScores{Type::kFloat32, {-1, -1}, true};
const TestOutput kLabels{Type::kInt64, {-1}, true};

// Three vectors of two features; rows to be judged.
const Floats kVectors = {1, 0, 0, 1, -1, -1};
const Floats kRows = {1, 2, -1, 0.5f, 0.2f, -0.3f};

TestAttributes machine(const char* kernel) {
  return {{"kernel_type", kernel},
          {"kernel_params", Floats{0.5f, 0.1f, 2}},
          {"support_vectors", kVectors},
          {"coefficients", Floats{0.5f, -1, 0.3f}},
          {"rho", Floats{0.1f}}};
}

TEST(CpuSvmRegressor, HasFourKernels) {
  const std::pair<const char*, double (*)(double dot, double distance)> kernels[] = {
      {"LINEAR", [](double dot, double) { return dot; }},
      {"POLY", [](double dot, double) { return (0.5 * dot + 0.1) * (0.5 * dot + 0.1); }},
      {"RBF", [](double, double distance) { return std::exp(-0.5 * distance); }},
      {"SIGMOID", [](double dot, double) { return std::tanh(0.5 * dot + 0.1); }}};
  for (const auto& [name, kernel] : kernels) {
    Floats expected, signs;
    for (size_t row = 0; row < 3; ++row) {
      double sum = 0.1;
      for (size_t i = 0; i < 3; ++i) {
        double dot = 0, distance = 0;
        for (size_t j = 0; j < 2; ++j) {
          const double a = kRows[2 * row + j], b = kVectors[2 * i + j];
          dot += a * b;
          distance += (a - b) * (a - b);
        }
        sum += (i == 0 ? 0.5 : i == 1 ? -1 : 0.3) * kernel(dot, distance);
      }
      expected.push_back(static_cast<float>(sum));
      signs.push_back(sum > 0 ? 1 : -1);
    }
    TestGraph graph;
    const auto x = graph.input(tensor<float>({3, 2}, kRows));
    TestAttributes attributes = machine(name);
    attributes["n_supports"] = 3;
    graph.expect(graph.nodes("SVMRegressor", {x}, attributes, {kScores}, "ai.onnx.ml", 1)[0],
                 tensor<float>({3, 1}, expected));
    attributes["one_class"] = 1;
    graph.expect(graph.nodes("SVMRegressor", {x}, attributes, {kScores}, "ai.onnx.ml", 1)[0],
                 tensor<float>({3, 1}, signs));
    graph.run();
  }
}

TEST(CpuSvmClassifier, DecidesBetweenTwo) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({2, 2}, {1, 2, -3, -4}));
  TestAttributes attributes = machine("LINEAR");
  attributes["classlabels_ints"] = Ints{10, 20};
  attributes["vectors_per_class"] = Ints{2, 1};
  const auto out = graph.nodes("SVMClassifier", {x}, attributes, {kLabels, kScores}, "ai.onnx.ml", 1);
  // 0.1 + 0.5 * 1 - 1 * 2 + 0.3 * -3, and 0.1 + 0.5 * -3 + 4 + 0.3 * 7
  graph.expect(out[0], tensor<int64_t>({2}, {20, 10}));
  graph.expect(out[1], tensor<float>({2, 2}, {2.3f, -2.3f, -4.7f, 4.7f}));
  graph.run();
}

// Expected figures: ONNX Runtime 1.31.
TEST(CpuSvmClassifier, GivesProbabilitiesOfThree) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3, 2}, kRows));
  TestAttributes attributes = machine("RBF");
  attributes["coefficients"] = Floats{0.5f, 1, -0.7f, 0.3f, -0.2f, 0.6f};
  attributes["rho"] = Floats{0.1f, -0.1f, 0.2f};
  attributes["classlabels_strings"] = Strings{"a", "b", "c"};
  attributes["vectors_per_class"] = Ints{1, 1, 1};
  const TestOutput words{Type::kString, {-1}, true};
  const auto votes = graph.nodes("SVMClassifier", {x}, attributes, {words, kScores}, "ai.onnx.ml", 1);
  graph.expect(votes[0], strings({3}, {"a", "a", "a"}));
  graph.expect(votes[1],
               tensor<float>({3, 3}, {0.53554708f, -0.06045182f, 0.12732618f, 0.69497794f, -0.29142684f,
                                      0.28773919f, 0.86814994f, -0.15842924f, 0.34437960f}));
  attributes["prob_a"] = Floats{-1.5f, -1, -2};
  attributes["prob_b"] = Floats{0.2f, 0.1f, 0};
  const auto likely = graph.nodes("SVMClassifier", {x}, attributes, {words, kScores}, "ai.onnx.ml", 1);
  graph.expect(likely[1],
               tensor<float>({3, 3}, {0.37809548f, 0.29140630f, 0.33049831f, 0.37762207f, 0.29571107f,
                                      0.32666689f, 0.42049769f, 0.26877177f, 0.31073058f}));
  graph.run();
}

TEST(CpuSvmClassifier, IsLinearWithoutVectors) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, 2, -1, 0.5f}));
  const TestAttributes attributes = {{"coefficients", Floats{0.5f, 1, -0.7f, 0.3f, -0.2f, 0.6f}},
                                     {"rho", Floats{0.1f}},
                                     {"classlabels_ints", Ints{1, 2, 3}}};
  const auto out = graph.nodes("SVMClassifier", {x}, attributes, {kLabels, kScores}, "ai.onnx.ml", 1);
  graph.expect(out[0], tensor<int64_t>({2}, {1, 2}));
  graph.expect(out[1], tensor<float>({2, 3}, {2.6f, 0, 1.1f, 0.1f, 0.95f, 0.6f}));
  graph.run();
}

TEST(CpuSvmClassifier, RefusesListsThatDoNotFit) {
  const auto expect = [](const std::string& name, TestAttribute value, const std::string& part) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({3, 2}, kRows));
    TestAttributes attributes = machine("RBF");
    attributes["classlabels_ints"] = Ints{10, 20};
    attributes["vectors_per_class"] = Ints{2, 1};
    attributes[name] = std::move(value);
    graph.output(graph.nodes("SVMClassifier", {x}, attributes, {kLabels, kScores}, "ai.onnx.ml", 1)[1]);
    const std::string found = graph.specialize_error();
    EXPECT_NE(found.find(part), std::string::npos) << "found: " << found << "\nexpected: " << part;
  };
  expect("support_vectors", Floats{1}, "'support_vectors' must have 6 elements, has 1");
  expect("coefficients", Floats{1}, "'coefficients' must have 3 elements, has 1");
  expect("vectors_per_class", Ints{1, 1, 1}, "'vectors_per_class' must have 2 elements, has 3");
  expect("vectors_per_class", Ints{4, -1}, "vectors_per_class holds -1");
  expect("vectors_per_class", Ints{1, INT64_MAX}, "vectors_per_class holds 9223372036854775807");
  expect("rho", Floats{}, "'rho' must have 1 elements, has 0");
  expect("prob_a", Floats{1, 2}, "'prob_a' must have 1 elements, has 2");
  expect("prob_a", Floats{1}, "'prob_b' must have 1 elements, has 0");
  expect("kernel_params", Floats{1}, "'kernel_params' must have 3 elements, has 1");
  expect("classlabels_ints", Ints{1}, "at least two classes");
}

TEST(CpuPairwiseCoupling, FindsProbabilitiesThatExplainThePairs) {
  // p = (0.5, 0.3, 0.2): each pair's share.
  const float pairs[] = {0.5f / 0.8f, 0.5f / 0.7f, 0.3f / 0.5f};
  std::vector<double> memory(static_cast<size_t>(coupling_size(3)));
  float found[3];
  couple_pairs(pairs, 3, memory.data(), found);
  EXPECT_NEAR(found[0], 0.5f, 2e-3f);
  EXPECT_NEAR(found[1], 0.3f, 2e-3f);
  EXPECT_NEAR(found[2], 0.2f, 2e-3f);
}

}  // namespace
}  // namespace bp::cpu::test
