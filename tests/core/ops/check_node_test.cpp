#include "ops/onnx_bridge/check_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bp {
namespace {

using testing::HasSubstr;

class CheckNodeTest : public testing::Test {
 protected:
  CheckNodeTest() { graph.opsets = {{"", 22}}; }

  ValueId tensor(ElementType element) {
    return graph.add_input(graph.unused_value_name("in"), ValueType::tensor(element, {Dim::of(2)}));
  }
  // The finding on a node of `op_type`, "" when there is none.
  std::string check(const std::string& op_type, std::vector<ValueId> inputs,
                    std::vector<Attribute> attributes = {}, size_t outputs = 1,
                    const std::string& domain = "") {
    Node node;
    node.name = "n";
    node.op_type = op_type;
    node.domain = domain;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    for (size_t i = 0; i < outputs; ++i)
      node.outputs.push_back(graph.add_value(graph.unused_value_name("out")));
    return check_node(graph.node(graph.add_node(std::move(node))), graph).message();
  }

  Graph graph;
};

TEST_F(CheckNodeTest, PassesARightNode) {
  const ValueId x = tensor(ElementType::kFloat32);
  EXPECT_EQ(check("Add", {x, x}), "");
  EXPECT_EQ(check("Clip", {x, kNoId, x}), "");
  EXPECT_EQ(check("Concat", {x, x, x}, {{"axis", int64_t{0}}}), "");
}

TEST_F(CheckNodeTest, CountsInputsAndOutputs) {
  const ValueId x = tensor(ElementType::kFloat32);
  EXPECT_EQ(check("Add", {x}), "Add 'n': must have at least 2 inputs, has 1");
  EXPECT_EQ(check("Relu", {x, x}), "Relu 'n': may have at most 1 inputs, has 2");
  EXPECT_EQ(check("Relu", {x}, {}, 2), "Relu 'n': may have at most 1 outputs, has 2");
  EXPECT_EQ(check("Add", {x, kNoId}), "Add 'n': input 1 ('B') is required, but empty");
  EXPECT_THAT(check("Concat", {}, {{"axis", int64_t{0}}}), HasSubstr("at least 1 inputs"));
}

TEST_F(CheckNodeTest, ChecksAttributes) {
  const ValueId x = tensor(ElementType::kFloat32);
  EXPECT_THAT(check("Concat", {x}), HasSubstr("attribute 'axis' is required"));
  EXPECT_THAT(check("Concat", {x}, {{"axis", 1.0f}}), HasSubstr("'axis' must be an integer, is a float"));
  EXPECT_THAT(check("Relu", {x}, {{"slope", 1.0f}}), HasSubstr("has no attribute 'slope'"));
  EXPECT_EQ(check("MaxPool", {x}, {{"kernel_shape", std::vector<int64_t>{2}}, {"pads", std::vector<float>{}}}),
            "");
}

TEST_F(CheckNodeTest, ChecksAttributeValues) {
  const ValueId x = tensor(ElementType::kFloat32);
  EXPECT_EQ(check("DepthToSpace", {x}, {{"blocksize", int64_t{2}}, {"mode", std::string("dcr")}}),
            "DepthToSpace 'n': attribute 'mode' must be one of DCR, CRD, is 'dcr'");
  EXPECT_EQ(check("Conv", {x, x}, {{"group", int64_t{0}}}),
            "Conv 'n': attribute 'group' must be at least 1, is 0");
  EXPECT_EQ(check("Conv", {x, x}, {{"strides", std::vector<int64_t>{1, 0}}}),
            "Conv 'n': attribute 'strides' must be at least 1, is 0");
  EXPECT_EQ(check("LpNormalization", {x}, {{"p", int64_t{3}}}),
            "LpNormalization 'n': attribute 'p' must be between 1 and 2, is 3");
  EXPECT_EQ(check("Cast", {x}, {{"to", int64_t{1} << 33}}),
            "Cast 'n': attribute 'to' must be the number of an element type, is 8589934592");
  EXPECT_EQ(check("QuantizeLinear", {x, x}, {{"output_dtype", int64_t{0}}}), "");
}

TEST_F(CheckNodeTest, ChecksElementTypes) {
  const ValueId f = tensor(ElementType::kFloat32);
  const ValueId i = tensor(ElementType::kInt64);
  EXPECT_THAT(check("Sqrt", {i}), HasSubstr("input 0 ('X', value 'in_"));
  EXPECT_THAT(check("Sqrt", {i}),
              HasSubstr("may not be int64[2], expected float32, float16, float64 or bfloat16"));
  EXPECT_THAT(check("Add", {f, i}), HasSubstr("input 1 ('B', value 'in_"));
  EXPECT_THAT(check("Add", {f, i}),
              HasSubstr("must have the type of input 0, which is float32[2], but is int64[2]"));
  EXPECT_EQ(check("Gather", {f, i}), "");
}

TEST_F(CheckNodeTest, NamesTheOpsetOfAnUnknownOperator) {
  const ValueId x = tensor(ElementType::kFloat32);
  EXPECT_THAT(check("Frobnicate", {x}), HasSubstr("has no operator 'Frobnicate' (opset 22)"));
  EXPECT_THAT(check("RMSNormalization", {x, x}), HasSubstr("from opset 23 on, the model imports opset 22"));
  EXPECT_THAT(check("Upsample", {x, x}), HasSubstr("withdrawn in opset 10"));
  EXPECT_THAT(check("Scaler", {x}, {}, 1, "ai.onnx.ml"), HasSubstr("imports no opset of domain 'ai.onnx.ml'"));
}

TEST_F(CheckNodeTest, ChecksWhatIsKnownOfOtherDomains) {
  graph.opsets.push_back({"com.microsoft", 1});
  const ValueId x = tensor(ElementType::kFloat32);
  EXPECT_EQ(check("FastGelu", {x, x}, {}, 1, "com.microsoft"), "");
  EXPECT_EQ(check("NoSuchOperator", {x}, {}, 1, "com.microsoft"), "");
  EXPECT_THAT(check("FastGelu", {x, x, x}, {}, 1, "com.microsoft"),
              HasSubstr("may have at most 2 inputs, has 3"));
  EXPECT_THAT(check("Attention", {x, x, x}, {}, 1, "com.microsoft"),
              HasSubstr("attribute 'num_heads' is required"));
  EXPECT_THAT(check("FastGelu", {tensor(ElementType::kInt64)}, {}, 1, "com.microsoft"),
              HasSubstr("may not be int64[2]"));
}

TEST_F(CheckNodeTest, LeavesOtherDomainsToTheProviders) {
  const ValueId x = tensor(ElementType::kFloat32);
  EXPECT_EQ(check("Anything", {x, x, x}, {{"a", int64_t{1}}}, 3, "com.acme"), "");
}

}  // namespace
}  // namespace bp
