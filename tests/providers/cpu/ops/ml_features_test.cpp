#include <gtest/gtest.h>

#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

const TestOutput kFloats{Type::kFloat32, {-1, -1}, true};
const float kNan = std::numeric_limits<float>::quiet_NaN();

TestGraph::Ref ml(TestGraph& graph, const char* op, std::vector<TestGraph::Ref> inputs,
                  TestAttributes attributes, TestOutput output = kFloats) {
  return graph.nodes(op, std::move(inputs), std::move(attributes), {std::move(output)}, "ai.onnx.ml", 1)[0];
}

TEST(CpuLinearClassifier, ScoresEveryClass) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, 2, 0.2f, -0.3f}));
  const TestAttributes attributes = {{"coefficients", Floats{0.5f, -1, 0.2f, 0.3f}},
                                     {"intercepts", Floats{0.1f, 0}},
                                     {"classlabels_strings", Strings{"a", "b"}},
                                     {"post_transform", "SOFTMAX"}};
  const auto out =
      graph.nodes("LinearClassifier", {x}, attributes, {{Type::kString, {-1}, true}, kFloats}, "ai.onnx.ml", 1);
  graph.expect(out[0], strings({2}, {"b", "a"}));
  graph.expect(out[1], tensor<float>({2, 2}, {0.09975048f, 0.90024954f, 0.63413561f, 0.36586437f}));
  graph.run();
}

TEST(CpuLinearClassifier, CompletesOneScoreOfTwoClasses) {
  TestGraph graph;
  const auto x = graph.input(tensor<int32_t>({2, 2}, {1, 2, 2, 0}));
  const TestAttributes attributes = {{"coefficients", Floats{0.5f, -1}},
                                     {"intercepts", Floats{0.1f}},
                                     {"classlabels_ints", Ints{10, 20}},
                                     {"post_transform", "LOGISTIC"}};
  const auto out =
      graph.nodes("LinearClassifier", {x}, attributes, {{Type::kInt64, {-1}, true}, kFloats}, "ai.onnx.ml", 1);
  graph.expect(out[0], tensor<int64_t>({2}, {10, 20}));
  graph.expect(out[1], tensor<float>({2, 2}, {0.80218389f, 0.19781611f, 0.24973989f, 0.75026011f}));
  graph.run();
}

TEST(CpuLinearRegressor, HasTargets) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({2, 2}, {1, 2, -1, 0.5}));
  graph.expect(
      ml(graph, "LinearRegressor", {x},
         {{"coefficients", Floats{0.5f, -1, 0.2f, 0.3f}}, {"intercepts", Floats{0.1f, 0}}, {"targets", 2}}),
      tensor<float>({2, 2}, {-1.4f, 0.8f, -0.9f, -0.05f}));
  graph.run();
}

TEST(CpuLinearRegressor, RefusesListsThatDoNotFit) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 3}, {1, 2, 3}));
  graph.output(ml(graph, "LinearRegressor", {x}, {{"coefficients", Floats{1, 2}}}));
  EXPECT_NE(graph.specialize_error().find("'coefficients' must have 3 elements, has 2"), std::string::npos);
}

TEST(CpuScaler, ScalesColumns) {
  TestGraph graph;
  const auto x = graph.input(tensor<int64_t>({2, 2}, {1, 2, 3, 4}));
  graph.expect(ml(graph, "Scaler", {x}, {{"offset", Floats{1, 2}}, {"scale", Floats{2, 0.5f}}}),
               tensor<float>({2, 2}, {0, 0, 4, 1}));
  graph.expect(ml(graph, "Scaler", {x}, {{"offset", Floats{1}}}), tensor<float>({2, 2}, {0, 1, 2, 3}));
  graph.run();
}

TEST(CpuImputer, ReplacesGaps) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {kNan, 2, 3, kNan}));
  graph.expect(
      ml(graph, "Imputer", {x}, {{"imputed_value_floats", Floats{7, 8}}, {"replaced_value_float", kNan}}),
      tensor<float>({2, 2}, {7, 2, 3, 8}));
  const auto y = graph.input(tensor<int64_t>({2, 2}, {-1, 2, 3, -1}));
  graph.expect(ml(graph, "Imputer", {y}, {{"imputed_value_int64s", Ints{9}}, {"replaced_value_int64", -1}},
                  {Type::kInt64, {2, 2}, true}),
               tensor<int64_t>({2, 2}, {9, 2, 3, 9}));
  graph.run();
}

TEST(CpuBinarizer, ComparesWithTheThreshold) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 3}, {0.5f, 1, 1.5f}));
  graph.expect(ml(graph, "Binarizer", {x}, {{"threshold", 1.0f}}), tensor<float>({1, 3}, {0, 0, 1}));
  graph.run();
}

TEST(CpuNormalizer, DividesRows) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3, 2}, {3, -4, 0, 0, -1, -2}));
  graph.expect(ml(graph, "Normalizer", {x}, {{"norm", "MAX"}}),
               tensor<float>({3, 2}, {1, -4.0f / 3, 0, 0, 1, 2}));
  graph.expect(ml(graph, "Normalizer", {x}, {{"norm", "L1"}}),
               tensor<float>({3, 2}, {3.0f / 7, -4.0f / 7, 0, 0, -1.0f / 3, -2.0f / 3}));
  graph.expect(ml(graph, "Normalizer", {x}, {{"norm", "L2"}}),
               tensor<float>({3, 2}, {0.6f, -0.8f, 0, 0, -0.4472136f, -0.8944272f}));
  graph.run();
}

TEST(CpuFeatureVectorizer, PutsColumnsBesideEachOther) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, 2, 3, 4}));
  const auto y = graph.input(tensor<int64_t>({2, 2}, {5, 6, 7, 8}));
  graph.expect(ml(graph, "FeatureVectorizer", {x, y}, {{"inputdimensions", Ints{3, 1}}}),
               tensor<float>({2, 4}, {1, 2, 0, 5, 3, 4, 0, 7}));
  graph.run();
}

TEST(CpuArrayFeatureExtractor, PicksColumns) {
  TestGraph graph;
  const auto at = graph.input(tensor<int64_t>({1, 2}, {2, 0}));
  const auto x = graph.input(strings({2, 3}, {"a", "b", "c", "d", "e", "f"}));
  graph.expect(ml(graph, "ArrayFeatureExtractor", {x, at}, {}, {Type::kString, {2, 2}, true}),
               strings({2, 2}, {"c", "a", "f", "d"}));
  const auto y = graph.input(tensor<int32_t>({3}, {7, 8, 9}));
  graph.expect(ml(graph, "ArrayFeatureExtractor", {y, at}, {}, {Type::kInt32, {1, 2}, true}),
               tensor<int32_t>({1, 2}, {9, 7}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
