#include <gtest/gtest.h>

#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

TestGraph::Ref ml(TestGraph& graph, const char* op, TestGraph::Ref input, TestAttributes attributes,
                  TestOutput output, int32_t version = 2) {
  return graph.nodes(op, {input}, std::move(attributes), {std::move(output)}, "ai.onnx.ml", version)[0];
}

TEST(CpuLabelEncoder, NumbersStringsInTheFirstForm) {
  TestGraph graph;
  const TestAttributes attributes = {{"classes_strings", Strings{"a", "b"}}, {"default_int64", 9}};
  const auto x = graph.input(strings({3}, {"b", "?", "a"}));
  graph.expect(ml(graph, "LabelEncoder", x, attributes, {Type::kInt64, {3}, true}, 1),
               tensor<int64_t>({3}, {1, 9, 0}));
  const auto y = graph.input(tensor<int64_t>({2}, {1, 2}));
  graph.expect(ml(graph, "LabelEncoder", y, attributes, {Type::kString, {2}, true}, 1),
               strings({2}, {"b", "_Unused"}));
  graph.run();
}

TEST(CpuLabelEncoder, MapsEveryKindOfLists) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  TestGraph graph;
  const auto words = graph.input(strings({2}, {"y", "z"}));
  const auto numbers = graph.input(tensor<int64_t>({2}, {4, 5}));
  const auto floats = graph.input(tensor<float>({3}, {0.5f, nan, 2}));
  graph.expect(
      ml(graph, "LabelEncoder", words,
         {{"keys_strings", Strings{"x", "y"}}, {"values_floats", Floats{1, 2}}, {"default_float", -1.5f}},
         {Type::kFloat32, {2}, true}),
      tensor<float>({2}, {2, -1.5f}));
  graph.expect(ml(graph, "LabelEncoder", numbers,
                  {{"keys_int64s", Ints{4}}, {"values_strings", Strings{"four"}}, {"default_string", "none"}},
                  {Type::kString, {2}, true}),
               strings({2}, {"four", "none"}));
  graph.expect(
      ml(graph, "LabelEncoder", floats, {{"keys_floats", Floats{nan, 0.5f}}, {"values_int64s", Ints{1, 2}}},
         {Type::kInt64, {3}, true}),
      tensor<int64_t>({3}, {2, 1, -1}));
  graph.run();
}

TEST(CpuLabelEncoder, MapsTensors) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({2}, {0.25, 4}));
  graph.expect(ml(graph, "LabelEncoder", x,
                  {{"keys_tensor", tensor<double>({2}, {0.25, 1})},
                   {"values_tensor", strings({2}, {"quarter", "one"})},
                   {"default_tensor", strings({1}, {"other"})}},
                  {Type::kString, {2}, true}, 4),
               strings({2}, {"quarter", "other"}));
  const auto y = graph.input(strings({2}, {"a", "b"}));
  graph.expect(ml(graph, "LabelEncoder", y,
                  {{"keys_strings", Strings{"a"}},
                   {"values_tensor", tensor<int16_t>({1}, {7})},
                   {"default_tensor", tensor<int16_t>({1}, {42})}},
                  {Type::kInt16, {2}, true}, 4),
               tensor<int16_t>({2}, {7, 42}));
  graph.run();
}

TEST(CpuLabelEncoder, RefusesListsThatDoNotFit) {
  const auto error = [](TestAttributes attributes) {
    TestGraph graph;
    const auto x = graph.input(strings({1}, {"a"}));
    graph.output(ml(graph, "LabelEncoder", x, std::move(attributes), {Type::kInt64, {1}, true}));
    return graph.specialize_error();
  };
  EXPECT_NE(error({{"keys_strings", Strings{"a", "b"}}, {"values_int64s", Ints{1}}}).find("are 2 and 1"),
            std::string::npos);
  EXPECT_NE(
      error({{"keys_int64s", Ints{1}}, {"values_int64s", Ints{1}}}).find("'keys_strings' or 'keys_tensor'"),
      std::string::npos);
}

TEST(CpuCategoryMapper, MapsBothWays) {
  TestGraph graph;
  const TestAttributes attributes = {{"cats_strings", Strings{"a", "b"}}, {"cats_int64s", Ints{5, 6}}};
  const auto x = graph.input(strings({2}, {"b", "c"}));
  const auto y = graph.input(tensor<int64_t>({2}, {5, 7}));
  graph.expect(ml(graph, "CategoryMapper", x, attributes, {Type::kInt64, {2}, true}),
               tensor<int64_t>({2}, {6, -1}));
  graph.expect(ml(graph, "CategoryMapper", y, attributes, {Type::kString, {2}, true}),
               strings({2}, {"a", "_Unused"}));
  graph.run();
}

TEST(CpuOneHotEncoder, SetsTheCategory) {
  TestGraph graph;
  const TestOutput hot{Type::kFloat32, {-1, -1}, true};
  const auto x = graph.input(strings({3}, {"b", "?", "a"}));
  graph.expect(ml(graph, "OneHotEncoder", x, {{"cats_strings", Strings{"a", "b"}}}, hot),
               tensor<float>({3, 2}, {0, 1, 0, 0, 1, 0}));
  const auto y = graph.input(tensor<float>({2}, {3, 7}));
  graph.expect(ml(graph, "OneHotEncoder", y, {{"cats_int64s", Ints{7, 3}}, {"zeros", 0}}, hot),
               tensor<float>({2, 2}, {0, 1, 1, 0}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
