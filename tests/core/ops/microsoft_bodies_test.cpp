// Operators of com.microsoft: what is inferred for them, and what their bodies give, must agree.
#include <gtest/gtest.h>

#include "infer/infer.hpp"
#include "ops/bodies/bodies.hpp"
#include "ops/onnx_bridge/check_node.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

struct Given {
  Given(std::initializer_list<int64_t> size) : dims(size) {}
  Given(std::vector<int64_t> size, ElementType type) : dims(std::move(size)), element(type) {}
  std::vector<int64_t> dims;
  ElementType element = ElementType::kFloat32;
};

const Given kNone{{}, ElementType::kUndefined};

class MicrosoftBodies : public testing::Test {
 protected:
  // The composite's graph, types inferred.
  void build(const std::string& op, const std::vector<Given>& inputs, std::vector<Attribute> attributes,
             size_t outputs) {
    Node node;
    node.name = "n";
    node.domain = "com.microsoft";
    node.op_type = op;
    node.since_version = 1;
    node.attributes = std::move(attributes);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const bool given = inputs[i].element != ElementType::kUndefined;
      node.inputs.push_back(given ? builder.input("x" + std::to_string(i), inputs[i].dims, inputs[i].element)
                                  : kNoId);
    }
    for (size_t i = 0; i < outputs; ++i) {
      node.outputs.push_back(builder.graph().add_value("y" + std::to_string(i)));
      builder.graph().add_output(node.outputs.back());
    }
    builder.graph().add_node(std::move(node));
    const Status inferred = infer_types(builder.graph());
    ASSERT_TRUE(inferred.ok()) << inferred.message();
  }
  const Node& node() { return builder.graph().node(0); }

  // Every output of the body is of the type that was inferred for the composite.
  void expect_body(const std::string& op, const std::vector<Given>& inputs,
                   std::vector<Attribute> attributes = {}, size_t outputs = 1) {
    builder = test::GraphBuilder();
    build(op, inputs, std::move(attributes), outputs);
    const Status fits = check_node(node(), builder.graph());
    EXPECT_TRUE(fits.ok()) << fits.message();
    auto body = build_body(node(), builder.graph());
    ASSERT_TRUE(body.ok()) << op;
    ASSERT_NE(*body, nullptr) << op;
    const Status inferred = infer_types(**body);
    ASSERT_TRUE(inferred.ok()) << op << ": " << inferred.message();
    for (const NodeId id : (*body)->topological_order()) {
      const Status checked = check_node((*body)->node(id), **body);
      EXPECT_TRUE(checked.ok()) << op << ": " << checked.message();
    }
    ASSERT_EQ((*body)->outputs().size(), outputs) << op;
    for (size_t i = 0; i < outputs; ++i) {
      const ValueType& expected = builder.graph().value(node().outputs[i]).type;
      EXPECT_TRUE(expected.has_rank) << op << " output " << i;
      EXPECT_EQ((*body)->value((*body)->outputs()[i]).type.to_string((*body)->symbols()),
                expected.to_string(builder.graph().symbols()))
          << op << " output " << i;
    }
  }
  void expect_no_body(const std::string& op, const std::vector<Given>& inputs,
                      std::vector<Attribute> attributes = {}, size_t outputs = 1) {
    builder = test::GraphBuilder();
    build(op, inputs, std::move(attributes), outputs);
    const auto body = build_body(node(), builder.graph());
    ASSERT_TRUE(body.ok());
    EXPECT_EQ(*body, nullptr) << op;
  }

  test::GraphBuilder builder;
};

constexpr ElementType kInt = ElementType::kInt32;
const Attribute kTwoHeads{"num_heads", int64_t{2}};

TEST_F(MicrosoftBodies, SumsAndActivations) {
  const Given x{2, 5, 8}, row{8};
  expect_body("BiasGelu", {x, row});
  expect_body("FastGelu", {x});
  expect_body("BiasAdd", {x, row, x});
  expect_body("BiasSplitGelu", {x, row});
  expect_body("SkipLayerNormalization", {x, x, row, row, row}, {}, 4);
  expect_body("SkipSimplifiedLayerNormalization", {x, x, row}, {}, 1);
  expect_body("EmbedLayerNormalization",
              {{{2, 5}, kInt}, {{2, 5}, kInt}, {10, 8}, {6, 8}, {2, 8}, row, row, {{2, 5}, kInt}}, {}, 3);
  expect_body("GroupNorm", {{1, 4, 4, 8}, row, row}, {{"groups", int64_t{2}}, {"activation", int64_t{1}}});
}

TEST_F(MicrosoftBodies, Products) {
  expect_body("FusedMatMul", {{2, 4, 5}, {2, 4, 6}}, {{"transA", int64_t{1}}, {"alpha", 0.5F}});
  expect_body("FusedMatMul", {{4, 2, 3, 5}, {2, 3, 4, 6}},
              {{"transBatchA", int64_t{1}}, {"transA", int64_t{1}}});
  expect_body("FusedMatMulActivation", {{4, 5}, {5, 6}}, {{"activation", std::string("Tanh")}});
  expect_body("GemmFastGelu", {{4, 5}, {5, 6}, {6}});
  expect_body("FusedGemm", {{4, 5}, {5, 6}, {6}}, {{"activation", std::string("Relu")}});
  expect_body("FusedConv", {{1, 3, 6, 6}, {4, 3, 3, 3}, {4}, {1, 4, 4, 4}},
              {{"activation", std::string("Relu")}});
  expect_body("MatMulNBits", {{3, 40}, {{6, 3, 8}, ElementType::kUint8}, {6, 3}, {{6, 2}, ElementType::kUint8}},
              {{"K", int64_t{40}}, {"N", int64_t{6}}, {"bits", int64_t{4}}, {"block_size", int64_t{16}}});
}

TEST_F(MicrosoftBodies, Attention) {
  const Given x{2, 4, 8}, weights{8, 24}, row{24}, past{2, 2, 2, 3, 4};
  expect_body("Attention", {x, weights, row}, {kTwoHeads});
  expect_body("Attention", {x, weights, row, {{2}, kInt}}, {kTwoHeads});
  expect_body("Attention", {x, weights, row, {{4}, kInt}}, {kTwoHeads});
  expect_body("Attention", {x, weights, row, {{2, 7}, kInt}, past}, {kTwoHeads, {"unidirectional", int64_t{1}}},
              2);
  expect_body("Attention", {x, weights, row, {{2, 1, 9, 9}, kInt}, past}, {kTwoHeads}, 2);
  expect_body("Attention", {x, {8, 28}, {28}},
              {kTwoHeads, {"qkv_hidden_sizes", std::vector<int64_t>{8, 8, 12}}});
  expect_no_body("Attention", {x, weights, row, {{8}, kInt}}, {kTwoHeads});
  expect_no_body("Attention", {x, weights, row}, {kTwoHeads, {"do_rotary", int64_t{1}}});
}

TEST_F(MicrosoftBodies, MultiHeadAttention) {
  const Given q{2, 4, 8}, k{2, 6, 8}, v{2, 6, 12}, past{2, 2, 3, 4};
  expect_body("MultiHeadAttention", {q, k, v, {28}}, {kTwoHeads});
  expect_body("MultiHeadAttention", {{2, 4, 2, 3, 4}}, {kTwoHeads});
  expect_body("MultiHeadAttention", {q, {2, 6, 2, 2, 4}}, {kTwoHeads}, 3);
  expect_body("MultiHeadAttention", {q, {2, 2, 6, 4}, {2, 2, 6, 4}}, {kTwoHeads});
  expect_body("MultiHeadAttention", {q, q, q, kNone, {{2, 7}, kInt}, kNone, past, past}, {kTwoHeads}, 3);
  expect_no_body("MultiHeadAttention", {q, k, v, kNone, kNone, kNone, kNone, kNone, {{1}, kInt}}, {kTwoHeads});
}

TEST_F(MicrosoftBodies, GroupQueryAttentionAndRotaryEmbedding) {
  const std::vector<Attribute> heads{{"num_heads", int64_t{4}}, {"kv_num_heads", int64_t{2}}};
  const Given q{2, 4, 32}, k{2, 4, 16}, ends{{2}, kInt}, total{{1}, kInt};
  builder = test::GraphBuilder();
  build("GroupQueryAttention", {q, k, k, kNone, kNone, ends, total}, heads, 3);
  const auto body = build_body(node(), builder.graph());
  ASSERT_TRUE(body.ok());
  ASSERT_NE(*body, nullptr);
  EXPECT_EQ(builder.graph().value(node().outputs[0]).type.to_string(builder.graph().symbols()),
            "float32[2,4,32]");
  expect_no_body("GroupQueryAttention", {q, k, k, kNone, kNone, ends, total},
                 {heads[0], heads[1], {"smooth_softmax", int64_t{1}}});
  expect_body("RotaryEmbedding", {{2, 3, 16}, {{2, 3}, ElementType::kInt64}, {10, 4}, {10, 4}});
  expect_body("RotaryEmbedding", {{2, 2, 3, 8}, {{1}, ElementType::kInt64}, {10, 4}, {10, 4}});
  expect_no_body("RotaryEmbedding", {{2, 3, 16}, {{2, 3}, ElementType::kInt64}, {10, 4}, {10, 4}},
                 {{"scale", 2.0F}});
}

TEST_F(MicrosoftBodies, RefuseWhatTheyCannotExpress) {
  expect_no_body("FusedConv", {{1, 3, 6, 6}, {4, 3, 3, 3}}, {{"activation", std::string("Mystery")}});
  expect_no_body("MatMulNBits", {{3, 32}, {{6, 1, 12}, ElementType::kUint8}, {6, 1}},
                 {{"K", int64_t{32}}, {"N", int64_t{6}}, {"bits", int64_t{3}}, {"block_size", int64_t{32}}});
}

TEST_F(MicrosoftBodies, InferenceNamesWhatDoesNotFit) {
  Node node;
  node.name = "n";
  node.domain = "com.microsoft";
  node.op_type = "MatMulNBits";
  node.since_version = 1;
  node.inputs = {builder.input("a", {3, 32})};
  node.outputs = {builder.graph().add_value("y")};
  node.attributes = {{"K", int64_t{40}}, {"N", int64_t{6}}};
  builder.graph().add_node(std::move(node));
  EXPECT_NE(infer_types(builder.graph()).message().find("last dim of input 0 must be K = 40, is 32"),
            std::string::npos);
}

// One number of each kind: scale, zero point.
const Given kScale{};
const Given kZero{{}, ElementType::kUint8};

Given bytes(std::vector<int64_t> dims) { return {std::move(dims), ElementType::kUint8}; }

TEST_F(MicrosoftBodies, QuantizedElementwise) {
  const Given x = bytes({2, 3, 4}), row = bytes({4});
  for (const char* op : {"QLinearAdd", "QLinearMul"}) {
    expect_body(op, {x, kScale, kZero, row, kScale, kZero, kScale, kZero});
    expect_body(op, {row, kScale, kNone, x, kScale, kNone, kScale});
  }
  expect_body("QLinearSigmoid", {x, kScale, kZero, kScale, kZero});
  expect_body("QLinearLeakyRelu", {x, kScale, kZero, kScale, kZero}, {{"alpha", 0.2F}});
  expect_body("QLinearSoftmax", {x, kScale, kZero, kScale, kZero},
              {{"axis", int64_t{1}}, {"opset", int64_t{12}}});
  expect_body("QLinearSoftmax", {x, kScale, kZero, kScale, kZero},
              {{"axis", int64_t{-1}}, {"opset", int64_t{13}}});
  expect_body("QLinearConcat", {kScale, kZero, x, kScale, kZero, bytes({2, 5, 4}), kScale, kZero},
              {{"axis", int64_t{1}}});
  expect_body("QLinearWhere",
              {{{2, 3, 1}, ElementType::kBool}, x, kScale, kZero, row, kScale, kZero, kScale, kZero});
}

TEST_F(MicrosoftBodies, QuantizedPools) {
  const Given x = bytes({1, 8, 6, 4});
  const Attribute last{"channels_last", int64_t{1}};
  const Attribute kernel{"kernel_shape", std::vector<int64_t>{3, 2}};
  expect_body("QLinearGlobalAveragePool", {x, kScale, kZero, kScale, kZero});
  expect_body("QLinearGlobalAveragePool", {x, kScale, kZero, kScale, kZero}, {last});
  expect_body("QLinearAveragePool", {x, kScale, kZero, kScale, kZero}, {kernel});
  expect_body("QLinearAveragePool", {x, kScale, kZero, kScale, kZero}, {kernel, last});
  expect_body("QLinearReduceMean", {x, kScale, kZero, kScale, kZero},
              {{"axes", std::vector<int64_t>{1, 3}}, {"keepdims", int64_t{0}}});
  expect_body("QLinearConv", {x, kScale, kZero, bytes({5, 8, 3, 3}), kScale, kZero, kScale, kZero});
}

TEST_F(MicrosoftBodies, QuantizedProducts) {
  const Given a = bytes({3, 4}), b = bytes({4, 5}), sums{{5}, ElementType::kInt32};
  expect_body("QGemm", {a, kScale, kZero, b, {5}, bytes({5}), sums, kScale, kZero});
  expect_body("QGemm", {bytes({4, 3}), kScale, kZero, bytes({5, 4}), kScale, kZero},
              {{"transA", int64_t{1}}, {"transB", int64_t{1}}, {"alpha", 0.5F}});
  expect_body("DynamicQuantizeMatMul", {{2, 3, 4}, b, {5}, bytes({5}), {5}});
  expect_body("DynamicQuantizeMatMul", {{3, 4}, b, kScale});
  expect_body("MatMulIntegerToFloat", {a, b, kScale, {5}, kZero, bytes({5}), {5}});
  expect_body("MatMulIntegerToFloat", {a, b, kScale, kScale});
}

}  // namespace
}  // namespace bp
