#include "ops/onnx_bridge/function_body.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "load/load_model.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using test::GraphBuilder;

// The node's body, loaded; nullptr when it has none.
std::unique_ptr<Graph> body_of(GraphBuilder& b, int32_t since_version) {
  b.graph().node(0).since_version = since_version;
  const auto bytes = function_body_model(b.graph(), b.graph().node(0));
  EXPECT_TRUE(bytes.ok()) << bytes.status().to_string();
  if (!bytes.ok() || bytes->empty()) return nullptr;
  const auto owner = std::make_shared<std::string>(*bytes);
  auto model = load_model_bytes(std::as_bytes(std::span(*owner)), {}, owner);
  EXPECT_TRUE(model.ok()) << model.status().to_string();
  return model.ok() ? std::move(model->graph) : nullptr;
}

size_t count(const Graph& graph, const std::string& op_type) {
  size_t found = 0;
  for (const NodeId id : graph.topological_order()) found += graph.node(id).op_type == op_type;
  return found;
}

TEST(FunctionBody, DefinesHardSwishBySimplerOperators) {
  GraphBuilder b;
  b.output(b.node("HardSwish", {b.input("x", {2, 3})}, {2, 3}, {}, "h"));
  const auto body = body_of(b, 14);
  ASSERT_NE(body, nullptr);
  EXPECT_EQ(body->inputs().size(), 1u);
  EXPECT_EQ(body->outputs().size(), 1u);
  EXPECT_EQ(count(*body, "HardSigmoid"), 1u);
  EXPECT_EQ(count(*body, "Mul"), 1u);
  EXPECT_EQ(body->value(body->inputs()[0]).type.dims[1], Dim::of(3));
}

TEST(FunctionBody, ResolvesAttributesAndTheirDefaults) {
  // alpha 2.5 arrives where the body refers to it; without the attribute its default does.
  for (const bool is_given : {true, false}) {
    GraphBuilder b;
    const std::vector<Attribute> attributes =
        is_given ? std::vector<Attribute>{{"alpha", 2.5f}} : std::vector<Attribute>{};
    b.output(b.node("Celu", {b.input("x", {2, 3})}, {2, 3}, attributes));
    const auto body = body_of(b, 12);
    ASSERT_NE(body, nullptr);
    EXPECT_EQ(count(*body, "Elu"), 1u);
    float alpha = 0;
    for (ValueId id = 0; id < body->value_count(); ++id) {
      const TensorPtr& tensor = body->value(id).constant;
      if (tensor && tensor->type == ElementType::kFloat32) std::memcpy(&alpha, tensor->bytes.data(), 4);
    }
    EXPECT_EQ(alpha, is_given ? 2.5f : 1.0f);
  }
}

TEST(FunctionBody, BuildsTheOneThatDependsOnTypes) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3, 4});
  const ValueId scale = b.input("scale", std::vector<int64_t>{4});
  b.output(b.node("LayerNormalization", {x, scale}, {2, 3, 4}, {{"axis", int64_t{-1}}}));
  const auto body = body_of(b, 17);
  ASSERT_NE(body, nullptr);
  EXPECT_EQ(body->inputs().size(), 2u);
  EXPECT_GE(count(*body, "ReduceMean"), 2u);
}

TEST(FunctionBody, ServesANewerFormThatOnlyTakesMoreTypes) {
  GraphBuilder b;
  b.output(b.node("HardSwish", {b.input("x", {2})}, {2}));
  EXPECT_NE(body_of(b, 22), nullptr);
}

TEST(FunctionBody, IsEmptyForPrimitivesAndOtherForms) {
  GraphBuilder conv;
  conv.output(conv.node("Conv", {conv.input("x", {1, 1, 4, 4}), conv.input("w", {1, 1, 2, 2})}, {1, 1, 3, 3}));
  EXPECT_EQ(body_of(conv, 11), nullptr);
  // Its axes became an input at 18. A library that knows only the body of the older form has none.
  GraphBuilder changed;
  changed.output(changed.node("ReduceSumSquare", {changed.input("x", {2})}, {1}));
  if (const auto body = body_of(changed, 18); body != nullptr) {
    for (const NodeId id : body->topological_order()) {
      EXPECT_EQ(body->node(id).find_attribute("axes"), nullptr);
    }
  }
  GraphBuilder foreign;
  foreign.output(foreign.node("HardSwish", {foreign.input("x", {2})}, {2}));
  foreign.graph().node(0).domain = "com.acme";
  EXPECT_EQ(body_of(foreign, 14), nullptr);
}

}  // namespace
}  // namespace bp
