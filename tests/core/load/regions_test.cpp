// Tests core/src/load/regions.cpp and the captures of build_graph.cpp.
#include "load/regions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check/check_graph.hpp"
#include "model_helper.hpp"

namespace bp {
namespace {

using test::add_attribute;
using test::add_input;
using test::add_node;
using test::add_output;
using testing::HasSubstr;

onnx::GraphProto* body_of(onnx::NodeProto* node, const std::string& name) {
  return add_attribute(*node, name, onnx::AttributeProto::GRAPH)->mutable_g();
}

// If 'c' then (Add x k) else (Neg x): both branches use the outer x, one the outer constant k.
onnx::ModelProto branch_model() {
  onnx::ModelProto proto = test::make_model();
  onnx::GraphProto& graph = *proto.mutable_graph();
  add_input(graph, "c", {}, 9);
  add_input(graph, "x", {1});
  test::add_initializer(graph, "k", {1}, 1)->add_float_data(2);
  onnx::NodeProto* branch = add_node(graph, "If", "if", {"c"}, {"y"});
  onnx::GraphProto* then_body = body_of(branch, "then_branch");
  add_node(*then_body, "Add", "", {"x", "k"}, {"t"});
  add_output(*then_body, "t");
  onnx::GraphProto* else_body = body_of(branch, "else_branch");
  add_node(*else_body, "Neg", "", {"x"}, {"e"});
  add_output(*else_body, "e");
  add_output(graph, "y");
  return proto;
}

TEST(Regions, CapturesBecomeInputsOfNodeAndBodies) {
  const auto model = test::load(branch_model());
  ASSERT_TRUE(model.ok()) << model.status().message();
  const Graph& graph = *model->graph;
  const Node& node = graph.node(0);
  EXPECT_EQ(node.region, RegionKind::kBranch);
  EXPECT_TRUE(node.attributes.empty());
  ASSERT_EQ(node.regions.size(), 2U);
  EXPECT_EQ(node.capture_count, 1U);
  EXPECT_EQ(node.inputs, (std::vector<ValueId>{*graph.find_value("c"), *graph.find_value("x")}));
  for (const auto& body : node.regions) {
    ASSERT_EQ(body->inputs().size(), 1U);
    EXPECT_EQ(body->value(body->inputs()[0]).name, "x");
    EXPECT_EQ(body->value(body->inputs()[0]).type.to_string(graph.symbols()), "float32[1]");
  }
  EXPECT_TRUE(check_graph(graph).ok()) << check_graph(graph).message();
}

TEST(Regions, OuterConstantsAreSharedNotCaptured) {
  const auto model = test::load(branch_model());
  ASSERT_TRUE(model.ok());
  const Graph& graph = *model->graph;
  const Graph& body = *graph.node(0).regions[0];
  EXPECT_EQ(body.value(*body.find_value("k")).constant, graph.value(*graph.find_value("k")).constant);
}

TEST(Regions, AnUnusedCaptureOfASiblingIsAnInputAllTheSame) {
  onnx::ModelProto proto = branch_model();
  onnx::GraphProto& other = *proto.mutable_graph()->mutable_node(0)->mutable_attribute(1)->mutable_g();
  other.mutable_node(0)->set_input(0, "k");  // else no longer uses x
  const auto model = test::load(proto);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->graph->node(0).regions[1]->inputs().size(), 1U);
  EXPECT_TRUE(check_graph(*model->graph).ok());
}

TEST(Regions, CapturesReachThroughAllLevels) {
  onnx::ModelProto proto = test::make_model();
  onnx::GraphProto& graph = *proto.mutable_graph();
  add_input(graph, "n", {}, 7);
  add_input(graph, "c", {}, 9);
  add_input(graph, "x", {1});
  onnx::NodeProto* loop = add_node(graph, "Loop", "loop", {"n", "c"}, {"y"});
  onnx::GraphProto* body = body_of(loop, "body");
  add_input(*body, "i", {}, 7);
  add_input(*body, "go", {}, 9);
  onnx::NodeProto* branch = add_node(*body, "If", "if", {"go"}, {"picked"});
  for (const char* name : {"then_branch", "else_branch"}) {
    onnx::GraphProto* inner = body_of(branch, name);
    add_node(*inner, "Relu", "", {"x"}, {"r"});
    add_output(*inner, "r");
  }
  add_output(*body, "go");
  add_output(*body, "picked");
  add_output(graph, "y");
  const auto model = test::load(proto);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const Node& outer = model->graph->node(0);
  EXPECT_EQ(outer.region, RegionKind::kLoop);
  EXPECT_EQ(outer.capture_count, 1U);
  EXPECT_EQ(outer.inputs.back(), *model->graph->find_value("x"));
  const Graph& middle = *outer.regions[0];
  EXPECT_EQ(middle.inputs().size(), 3U);
  EXPECT_EQ(middle.node(0).inputs.back(), middle.inputs()[2]);
  EXPECT_TRUE(check_graph(*model->graph).ok()) << check_graph(*model->graph).message();
}

TEST(Regions, ABodyMayGiveAnOuterValueAsItsOutput) {
  onnx::ModelProto proto = branch_model();
  onnx::GraphProto& body = *proto.mutable_graph()->mutable_node(0)->mutable_attribute(0)->mutable_g();
  body.clear_node();
  body.mutable_output(0)->set_name("x");
  const auto model = test::load(proto);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const Graph& then_body = *model->graph->node(0).regions[0];
  EXPECT_EQ(then_body.outputs()[0], then_body.inputs()[0]);
}

TEST(RegionErrors, NameBodyAndNode) {
  onnx::ModelProto proto = branch_model();
  proto.mutable_graph()->mutable_node(0)->mutable_attribute(0)->mutable_g()->mutable_node(0)->set_input(1,
                                                                                                        "gone");
  EXPECT_THAT(test::load_error(proto),
              HasSubstr("If 'if': in 'then_branch': Add 'Add_0': input 1 'gone' is defined nowhere"));
  proto = branch_model();
  proto.mutable_graph()->mutable_node(0)->mutable_attribute()->DeleteSubrange(1, 1);
  EXPECT_THAT(test::load_error(proto), HasSubstr("If 'if': attribute 'else_branch' is missing"));
}

TEST(RegionErrors, DeepNestingIsBounded) {
  onnx::ModelProto proto = test::make_model();
  add_input(*proto.mutable_graph(), "c", {}, 9);
  onnx::GraphProto* graph = proto.mutable_graph();
  for (int depth = 0; depth < 10; ++depth) {
    onnx::NodeProto* node = add_node(*graph, "If", "", {"c"}, {"y"});
    add_output(*graph, "y");
    onnx::GraphProto* other = body_of(node, "else_branch");
    add_node(*other, "Identity", "", {"c"}, {"y"});
    add_output(*other, "y");
    graph = body_of(node, "then_branch");
  }
  add_node(*graph, "Identity", "", {"c"}, {"y"});
  add_output(*graph, "y");
  EXPECT_TRUE(test::load(proto).ok());
  LoadOptions options;
  options.max_depth = 5;
  EXPECT_THAT(test::load_error(proto, options), HasSubstr("nested more than 5 deep"));
}

}  // namespace
}  // namespace bp
