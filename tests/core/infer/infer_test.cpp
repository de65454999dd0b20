#include "infer/infer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bp {
namespace {

using testing::HasSubstr;

class InferTest : public testing::Test {
 protected:
  InferTest() { graph.opsets = {{"", 17}}; }

  ValueId input(const std::string& name, ElementType element, const std::vector<std::string>& dims) {
    Dims list;
    for (const std::string& dim : dims) {
      const bool number = !dim.empty() && (isdigit(static_cast<unsigned char>(dim[0])) != 0);
      list.push_back(number ? Dim::of(std::stoll(dim)) : Dim::named(graph.symbols().intern(dim)));
    }
    return graph.add_input(name, ValueType::tensor(element, std::move(list)));
  }
  ValueId constant(std::vector<int64_t> values) {
    const auto count = static_cast<int64_t>(values.size());
    return graph.add_constant(graph.unused_value_name("c"), Tensor::of_int64({count}, values));
  }
  ValueId scalar(int64_t value) {
    return graph.add_constant(graph.unused_value_name("s"), Tensor::of_int64({}, std::vector{value}));
  }
  ValueId add(const std::string& op, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}) {
    Node node;
    node.name = op + "_node";
    node.op_type = op;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    const ValueId out = graph.add_value(graph.unused_value_name("out"));
    node.outputs = {out};
    graph.add_node(std::move(node));
    return out;
  }
  std::string type(ValueId id) const { return graph.value(id).type.to_string(graph.symbols()); }
  void infer() {
    const Status status = infer_types(graph);
    ASSERT_TRUE(status.ok()) << status.message();
  }

  Graph graph;
};

TEST_F(InferTest, FollowsSymbolsThroughElementwiseNodes) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "3"});
  const ValueId y = add("Relu", {x});
  const ValueId z = add("Add", {y, x});
  infer();
  EXPECT_EQ(type(z), "float32[N,3]");
}

TEST_F(InferTest, ComputesAReshapeFromAShapeChain) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "S", "12", "32"});
  const ValueId shape = add("Shape", {x});
  const ValueId n = add("Gather", {shape, scalar(0)});
  const ValueId s = add("Gather", {shape, scalar(1)});
  const ValueId n1 = add("Unsqueeze", {n, constant({0})});
  const ValueId s1 = add("Unsqueeze", {s, constant({0})});
  const ValueId target = add("Concat", {n1, s1, constant({-1})}, {{"axis", int64_t{0}}});
  const ValueId y = add("Reshape", {x, target});
  infer();
  EXPECT_EQ(type(y), "float32[N,S,384]");
}

TEST_F(InferTest, NamesASumOfSymbols) {
  const ValueId past = input("past", ElementType::kFloat32, {"N", "P"});
  const ValueId now = input("now", ElementType::kFloat32, {"N", "S"});
  const ValueId all = add("Concat", {past, now}, {{"axis", int64_t{1}}});
  infer();
  EXPECT_EQ(type(all), "float32[N,P+S]");
}

TEST_F(InferTest, LearnsRanksFromWeights) {
  ValueType unknown = ValueType::tensor(ElementType::kFloat32);
  const ValueId x = graph.add_input("x", unknown);
  const ValueId filter = input("w", ElementType::kFloat32, {"8", "4", "3"});
  const ValueId conv = add("Conv", {x, filter});
  const ValueId gates = input("g", ElementType::kFloat32, {"1", "20", "4"});
  const ValueId recurrence = input("r", ElementType::kFloat32, {"1", "20", "5"});
  const ValueId lstm = add("LSTM", {x, gates, recurrence});
  infer();
  EXPECT_EQ(graph.value(conv).type.dims.size(), 3u);
  EXPECT_EQ(graph.value(conv).type.dims[1], Dim::of(8));
  EXPECT_EQ(graph.value(lstm).type.dims.size(), 4u);
  EXPECT_EQ(graph.value(lstm).type.dims[3], Dim::of(5));
}

TEST_F(InferTest, UsesLibonnxForOperatorsWithoutAnEntry) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "4", "5"});
  const ValueId w = input("w", ElementType::kFloat32, {"5", "7"});
  const ValueId y = add("MatMul", {x, w});
  const ValueId t = add("Transpose", {y}, {{"perm", std::vector<int64_t>{2, 0, 1}}});
  infer();
  EXPECT_EQ(type(t), "float32[7,N,4]");
}

TEST_F(InferTest, LetsADeclaredTypeRefineAndNotContradict) {
  const ValueId x = input("x", ElementType::kFloat32, {"2", "3"});
  const ValueId y = add("Relu", {x});
  graph.value(y).type = ValueType::tensor(ElementType::kFloat32, {Dim::of(2), Dim::of(4)});
  const Status status = infer_types(graph);
  EXPECT_EQ(status.code(), ErrorCode::kInvalidModel);
  EXPECT_THAT(status.message(), HasSubstr("Relu 'Relu_node': output 0"));
  EXPECT_THAT(status.message(), HasSubstr("inferred float32[2,3], declared float32[2,4]"));
}

TEST_F(InferTest, PutsTheNodesLabelIntoErrors) {
  const ValueId x = input("x", ElementType::kFloat32, {"2", "3", "8", "8"});
  const ValueId w = input("w", ElementType::kFloat32, {"4", "5", "3", "3"});
  add("Conv", {x, w});
  EXPECT_EQ(infer_types(graph).message(),
            "Conv 'Conv_node': input 0 must have 5 channels (5 per group, 1 groups), has 3");
}

TEST_F(InferTest, LeavesUnknownDomainsUnknown) {
  const ValueId x = input("x", ElementType::kFloat32, {"2"});
  const ValueId y = add("Relu", {x});
  graph.node(graph.value(y).producer).domain = "com.acme";
  const ValueId z = add("Relu", {y});
  infer();
  EXPECT_EQ(type(y), "unknown");
  EXPECT_EQ(type(z), "unknown");
}

TEST_F(InferTest, IsStableWhenRunAgain) {
  const ValueId x = input("x", ElementType::kFloat32, {"N", "3", "H", "W"});
  const ValueId y = add(
      "MaxPool", {x}, {{"kernel_shape", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 2}}});
  infer();
  const std::string before = type(y);
  EXPECT_EQ(before, "float32[N,3,floor((H-2)/2)+1,floor((W-2)/2)+1]");
  infer();
  EXPECT_EQ(type(y), before);
}

}  // namespace
}  // namespace bp
