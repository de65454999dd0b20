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

TEST(Bodies, RearrangeByReshapeAndTranspose) {
  expect_body("DepthToSpace", {{2, 8, 3, 5}}, {{"blocksize", int64_t{2}}}, "float32[2,2,6,10]");
  expect_body("DepthToSpace", {{2, 8, 3, 5}}, {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}},
              "float32[2,2,6,10]");
  expect_body("SpaceToDepth", {{2, 2, 6, 10}}, {{"blocksize", int64_t{2}}}, "float32[2,8,3,5]");
  expect_body("Trilu", {{3, 4}}, {}, "float32[3,4]");
  expect_body("InstanceNormalization", {{2, 4, 5, 5}, {4}, {4}}, {}, "float32[2,4,5,5]");
  expect_body("CastLike", {{2, 3}, {1}}, {}, "float32[2,3]");
  expect_body("Dropout", {{2, 3}}, {}, "float32[2,3]", 2);
}

TEST(Bodies, WriteOutAttention) {
  expect_body("Attention", {{2, 3, 4, 8}, {2, 3, 6, 8}, {2, 3, 6, 10}}, {}, "float32[2,3,4,10]", 4);
  expect_body("Attention", {{2, 6, 4, 8}, {2, 3, 6, 8}, {2, 3, 6, 8}, {4, 6}, {2, 3, 5, 8}, {2, 3, 5, 8}},
              {{"is_causal", int64_t{1}}, {"softcap", 2.0F}}, "float32[2,6,4,8]", 3);
  expect_body("Attention", {{2, 4, 24}, {2, 6, 12}, {2, 6, 12}},
              {{"q_num_heads", int64_t{4}}, {"kv_num_heads", int64_t{2}}}, "float32[2,4,24]");
  expect_body("Attention", {{1, 1, 4, 8}, {1, 1, 6, 8}, {1, 1, 6, 8}},
              {{"left_window_size", int64_t{1}}, {"right_window_size", int64_t{0}}}, "float16[1,1,4,8]", 1,
              ElementType::kFloat16, 25);
}

TEST(Bodies, TurnAndScatter) {
  expect_body("RotaryEmbedding", {{2, 3, 4, 8}, {2, 4, 4}, {2, 4, 4}}, {}, "float32[2,3,4,8]");
  expect_body("RotaryEmbedding", {{2, 4, 24}, {2, 4, 2}, {2, 4, 2}},
              {{"num_heads", int64_t{3}}, {"interleaved", int64_t{1}}, {"rotary_embedding_dim", int64_t{4}}},
              "float32[2,4,24]");
  expect_body("TensorScatter", {{2, 3, 8, 4}, {2, 3, 2, 4}}, {}, "float32[2,3,8,4]");
}

TEST(Bodies, WriteOutEinsum) {
  const auto equation = [](const char* text) {
    return std::vector<Attribute>{{"equation", std::string(text)}};
  };
  expect_body("Einsum", {{2, 3}}, equation("ij->ji"), "float32[3,2]");
  expect_body("Einsum", {{2, 3}}, equation("ij->i"), "float32[2]");
  expect_body("Einsum", {{4}, {4}}, equation("i,i"), "float32[]");
  expect_body("Einsum", {{2, 3, 4}, {2, 4, 5}}, equation("bij, bjk -> bik"), "float32[2,3,5]");
  expect_body("Einsum", {{2, 8, 5, 4}, {2, 8, 6, 4}}, equation("b h i d, b h j d -> b h i j"),
              "float32[2,8,5,6]");
  expect_body("Einsum", {{2, 3}, {4}}, equation("ij,k->kij"), "float32[4,2,3]");
  expect_body("Einsum", {{2, 3, 4}, {3, 4, 5}}, equation("ijk,jkl->il"), "float32[2,5]");
  expect_body("Einsum", {{3, 5, 5}}, equation("...ii->...i"), "float32[3,5]");
  expect_body("Einsum", {{4, 4}, {4}}, equation("ii,i"), "float32[]");
  expect_body("Einsum", {{2, 3, 4}, {4, 5}}, equation("...ij,jk->...ik"), "float32[2,3,5]");
  expect_body("Einsum", {{2, 3}, {3, 4}, {4, 5}}, equation("ij,jk,kl->il"), "float32[2,5]");
  expect_body("Einsum", {{1, 3, 4}, {2, 4, 5}}, equation("aij,ajk->aik"), "float32[2,3,5]");
}

TEST(Bodies, WriteStftAsAConvolution) {
  test::GraphBuilder builder;
  Node node;
  node.name = "stft";
  node.op_type = "STFT";
  node.since_version = 17;
  const ValueId step = builder.graph().add_constant("step", Tensor::of_int64({}, std::vector<int64_t>{8}));
  node.inputs = {builder.input("signal", {1, 128, 1}), step, builder.input("window", {16})};
  node.outputs = {builder.graph().add_value("y")};
  const auto body = build_body(node, builder.graph());
  ASSERT_TRUE(body.ok());
  ASSERT_NE(*body, nullptr);
  const Status inferred = infer_types(**body);
  ASSERT_TRUE(inferred.ok()) << inferred.message();
  EXPECT_EQ((*body)->value((*body)->outputs()[0]).type.to_string((*body)->symbols()), "float32[1,15,9,2]");
}

TEST(Bodies, MultiplyFloat8ThroughFloats) {
  test::GraphBuilder builder;
  Node node;
  node.name = "n";
  node.op_type = "QLinearMatMul";
  node.since_version = since_version("", "QLinearMatMul", 21);
  const auto eight = ElementType::kFloat8E4M3FN, other = ElementType::kFloat8E5M2;
  node.inputs = {builder.input("a", {2, 3}, eight),
                 builder.input("a_scale", {}, ElementType::kFloat32),
                 builder.input("a_zero", {}, eight),
                 builder.input("b", {3, 4}, eight),
                 builder.input("b_scale", {}, ElementType::kFloat32),
                 builder.input("b_zero", {}, eight),
                 builder.input("y_scale", {}, ElementType::kFloat32),
                 builder.input("y_zero", {}, other)};
  node.outputs = {builder.graph().add_value("y")};
  const auto body = build_body(node, builder.graph());
  ASSERT_TRUE(body.ok());
  ASSERT_NE(*body, nullptr);
  ASSERT_TRUE(infer_types(**body).ok());
  for (const NodeId id : (*body)->topological_order()) {
    const Status checked = check_node((*body)->node(id), **body);
    EXPECT_TRUE(checked.ok()) << checked.message();
  }
  const GraphValue& out = (*body)->value((*body)->outputs()[0]);
  EXPECT_EQ(out.type.to_string((*body)->symbols()), "float8e5m2[2,4]");
}

TEST(Bodies, QuantizeThroughFloat32) {
  test::GraphBuilder builder;
  const ValueId x = builder.input("x", {2, 3});
  const ValueId scale = builder.input("scale", {3});
  const ValueId zero = builder.input("zero", {3}, ElementType::kInt8);
  Node node;
  node.name = "q";
  node.op_type = "QuantizeLinear";
  node.since_version = 21;
  node.inputs = {x, scale, zero};
  node.outputs = {builder.graph().add_value("y")};
  const auto body = build_body(node, builder.graph());
  ASSERT_TRUE(body.ok());
  ASSERT_NE(*body, nullptr);
  ASSERT_TRUE(infer_types(**body).ok());
  EXPECT_EQ((*body)->value((*body)->outputs()[0]).type.to_string((*body)->symbols()), "int8[2,3]");
}

TEST(Bodies, TakeOneScaleWrittenAsAList) {
  test::GraphBuilder builder;
  Node node;
  node.name = "dq";
  node.op_type = "DequantizeLinear";
  node.since_version = 21;
  node.inputs = {builder.input("x", {16}, ElementType::kInt32), builder.input("scale", {1}),
                 builder.input("zero", std::vector<int64_t>{}, ElementType::kInt32)};
  node.outputs = {builder.graph().add_value("y")};
  const auto body = build_body(node, builder.graph());
  ASSERT_TRUE(body.ok());
  ASSERT_NE(*body, nullptr);
  EXPECT_EQ(test::ops_of(**body), "Cast Cast Sub Mul");
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
