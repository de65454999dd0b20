#include "ops/bodies/bodies.hpp"

#include <gtest/gtest.h>

#include "infer/infer.hpp"
#include "ops/onnx_bridge/check_node.hpp"
#include "ops/op_schema.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

// The body must be right node by node, and give the types that the composite gives.
void expect_body(const std::string& op, std::vector<std::vector<int64_t>> inputs,
                 std::vector<Attribute> attributes, const std::string& type, size_t outputs = 1,
                 ElementType element = ElementType::kFloat32, int64_t opset = 24) {
  test::GraphBuilder builder;
  Node node;
  node.name = "n";
  node.op_type = op;
  node.since_version = since_version("", op, opset);
  node.attributes = std::move(attributes);
  for (size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.push_back(builder.input("x" + std::to_string(i), inputs[i], element));
  }
  for (size_t i = 0; i < outputs; ++i)
    node.outputs.push_back(builder.graph().add_value("y" + std::to_string(i)));
  auto body = build_body(node, builder.graph());
  ASSERT_TRUE(body.ok()) << op;
  ASSERT_NE(*body, nullptr) << op;
  EXPECT_EQ((*body)->inputs().size(), inputs.size()) << op;
  EXPECT_EQ((*body)->outputs().size(), outputs) << op;
  const Status inferred = infer_types(**body);
  EXPECT_TRUE(inferred.ok()) << op << ": " << inferred.message();
  for (const NodeId id : (*body)->topological_order()) {
    const Status checked = check_node((*body)->node(id), **body);
    EXPECT_TRUE(checked.ok()) << op << ": " << checked.message();
  }
  const GraphValue& out = (*body)->value((*body)->outputs()[0]);
  EXPECT_EQ(out.type.to_string((*body)->symbols()), type) << op;
}

TEST(Bodies, GiveTheCompositesTypes) {
  for (const char* op : {"Elu", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "LogSoftmax", "Mish", "Selu",
                         "Softmax", "Softsign", "Swish", "ThresholdedRelu"}) {
    expect_body(op, {{2, 3}}, {}, "float32[2,3]");
  }
  expect_body("Gelu", {{2, 3}}, {{"approximate", std::string("tanh")}}, "float32[2,3]");
  expect_body("PRelu", {{2, 3}, {3}}, {}, "float32[2,3]");
  expect_body("ReduceL2", {{2, 3}}, {{"keepdims", int64_t{0}}}, "float32[]");
  expect_body("LayerNormalization", {{2, 3, 4}, {4}, {4}}, {}, "float32[2,3,4]", 3);
  expect_body("LayerNormalization", {{2, 3, 4}, {3, 4}}, {{"axis", int64_t{-2}}}, "float32[2,3,4]");
  expect_body("RMSNormalization", {{2, 3, 4}, {4}}, {}, "float32[2,3,4]");
  expect_body("GroupNormalization", {{2, 4, 5, 5}, {4}, {4}}, {{"num_groups", int64_t{2}}}, "float32[2,4,5,5]");
}

TEST(Bodies, KeepNarrowTypesAndNormalizeInFloat32) {
  expect_body("Gelu", {{2, 3}}, {}, "float16[2,3]", 1, ElementType::kFloat16);
  expect_body("LayerNormalization", {{2, 4}, {4}, {4}}, {}, "float16[2,4]", 1, ElementType::kFloat16);
}

TEST(Bodies, AreNotMadeUpForOtherOperators) {
  test::GraphBuilder builder;
  Node node;
  node.op_type = "Conv";
  node.since_version = 22;
  const auto body = build_body(node, builder.graph());
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(*body, nullptr);
}

}  // namespace
}  // namespace bp
