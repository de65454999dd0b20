// Types and dims of ai.onnx.ml, and of strings.
#include <gtest/gtest.h>

#include "infer/infer.hpp"

namespace bp {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;

class InferMachineLearning : public testing::Test {
 protected:
  InferMachineLearning() {
    graph.opsets = {{"", 20}, {"ai.onnx.ml", 3}, {"com.microsoft", 1}};
    rows = graph.symbols().intern("N");
  }

  ValueId input(ElementType element, int64_t columns) {
    return graph.add_input(graph.unused_value_name("x"),
                           ValueType::tensor(element, {Dim::named(rows), Dim::of(columns)}));
  }
  // The types of the node's outputs.
  Strings types(const std::string& op, std::vector<ValueId> inputs, std::vector<Attribute> attributes,
                size_t outputs, const std::string& domain = "ai.onnx.ml") {
    Node node;
    node.name = op;
    node.op_type = op;
    node.domain = domain;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    std::vector<ValueId> made;
    for (size_t i = 0; i < outputs; ++i) made.push_back(graph.add_value(graph.unused_value_name("y")));
    node.outputs = made;
    graph.add_node(std::move(node));
    const Status status = infer_types(graph);
    EXPECT_TRUE(status.ok()) << status.message();
    Strings result;
    for (const ValueId id : made) result.push_back(graph.value(id).type.to_string(graph.symbols()));
    return result;
  }

  Graph graph;
  SymbolId rows;
};

TEST_F(InferMachineLearning, CountsScoresOfClassifiers) {
  const ValueId x = input(ElementType::kFloat32, 4);
  EXPECT_EQ(types("TreeEnsembleClassifier", {x}, {{"classlabels_strings", Strings{"a", "b", "c"}}}, 2),
            (Strings{"string[N]", "float32[N,3]"}));
  EXPECT_EQ(types("LinearClassifier", {x}, {{"classlabels_ints", Ints{0, 1}}}, 2),
            (Strings{"int64[N]", "float32[N,2]"}));
}

TEST_F(InferMachineLearning, CountsPairsOfClassesWithoutProbabilities) {
  const ValueId x = input(ElementType::kFloat32, 4);
  std::vector<Attribute> attributes = {{"classlabels_ints", Ints{0, 1, 2, 3}},
                                       {"vectors_per_class", Ints{1, 1, 1, 1}}};
  EXPECT_EQ(types("SVMClassifier", {x}, attributes, 2)[1], "float32[N,6]");
  attributes.push_back({"prob_a", Floats{1, 1, 1, 1, 1, 1}});
  EXPECT_EQ(types("SVMClassifier", {x}, attributes, 2)[1], "float32[N,4]");
  attributes = {{"classlabels_ints", Ints{0, 1}}, {"vectors_per_class", Ints{1, 1}}};
  EXPECT_EQ(types("SVMClassifier", {x}, attributes, 2)[1], "float32[N,2]");
}

TEST_F(InferMachineLearning, FollowsColumns) {
  const ValueId x = input(ElementType::kInt64, 4);
  EXPECT_EQ(types("FeatureVectorizer", {x, x}, {{"inputdimensions", Ints{4, 2}}}, 1)[0], "float32[N,6]");
  EXPECT_EQ(types("OneHotEncoder", {x}, {{"cats_int64s", Ints{1, 2, 3}}}, 1)[0], "float32[N,4,3]");
  EXPECT_EQ(types("LabelEncoder", {x}, {{"keys_int64s", Ints{1}}, {"values_strings", Strings{"a"}}}, 1)[0],
            "string[N,4]");
  const ValueId at = graph.add_constant("at", Tensor::of_int64({2}, Ints{0, 3}));
  EXPECT_EQ(types("ArrayFeatureExtractor", {x, at}, {}, 1)[0], "int64[N,2]");
}

TEST_F(InferMachineLearning, AddsADimForTokens) {
  const ValueId x = input(ElementType::kString, 4);
  const std::string found = types("Tokenizer", {x}, {}, 1, "com.microsoft")[0];
  EXPECT_EQ(found.substr(0, 11), "string[N,4,") << found;
}

}  // namespace
}  // namespace bp
