// Tests core/src/load/sequence_map.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check/check_graph.hpp"
#include "model_helper.hpp"

namespace bp {
namespace {

using test::add_input;
using test::add_node;
using test::add_output;
using testing::HasSubstr;

// y = [s + x + k for s in xs]; the body calls its inputs as the graph around calls other values.
onnx::ModelProto map_model() {
  onnx::ModelProto proto = test::make_model();
  onnx::GraphProto& graph = *proto.mutable_graph();
  auto* sequence = graph.add_input();
  sequence->set_name("xs");
  sequence->mutable_type()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(
      1);
  add_input(graph, "x", {1});
  add_input(graph, "k", {1});
  onnx::NodeProto* map = add_node(graph, "SequenceMap", "map", {"xs", "x"}, {"y"});
  onnx::GraphProto* body = test::add_attribute(*map, "body", onnx::AttributeProto::GRAPH)->mutable_g();
  add_input(*body, "x", {1});
  add_input(*body, "other", {1});
  add_node(*body, "Add", "", {"x", "other"}, {"sum"});
  add_node(*body, "Add", "", {"sum", "k"}, {"out"});
  add_output(*body, "out");
  body->mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(1);
  add_output(graph, "y");
  return proto;
}

TEST(SequenceMap, BecomesALoop) {
  const auto model = test::load(map_model());
  ASSERT_TRUE(model.ok()) << model.status().message();
  const Graph& graph = *model->graph;
  const Node& loop = graph.node(graph.value(graph.outputs()[0]).producer);
  ASSERT_EQ(loop.region, RegionKind::kLoop);
  EXPECT_EQ(loop.name, "map");
  const Graph& body = *loop.regions[0];
  std::vector<std::string> operators;
  for (NodeId id = 0; id < body.node_count(); ++id) operators.push_back(body.node(id).op_type);
  EXPECT_EQ(operators,
            (std::vector<std::string>{"SequenceAt", "Identity", "Add", "Add", "Identity", "SequenceInsert"}));
  EXPECT_EQ(body.value(body.node(1).inputs[0]).name, "x");  // the outer x, not the body's
  EXPECT_EQ(body.value(body.node(3).inputs[1]).name, "k");
  EXPECT_EQ(loop.capture_count, 3U);
  EXPECT_TRUE(check_graph(graph).ok()) << check_graph(graph).message();
}

TEST(SequenceMap, KnowsTheKindOfAnInputByTheNodeThatMakesIt) {
  const auto first_two = [](const char* op, const char* input) {
    onnx::ModelProto proto = map_model();
    add_node(*proto.mutable_graph(), op, "", {input}, {"untyped"});
    proto.mutable_graph()->mutable_node(0)->set_input(1, "untyped");
    const auto model = test::load(proto);
    EXPECT_TRUE(model.ok()) << model.status().message();
    const Graph& body =
        *model->graph->node(model->graph->value(model->graph->outputs()[0]).producer).regions[0];
    return body.node(0).op_type + " " + body.node(1).op_type;
  };
  EXPECT_EQ(first_two("Relu", "x"), "SequenceAt Identity");
  EXPECT_EQ(first_two("SplitToSequence", "x"), "SequenceAt SequenceAt");
}

TEST(SequenceMapErrors, NameTheNode) {
  onnx::ModelProto proto = map_model();
  proto.mutable_graph()->mutable_node(0)->add_input("k");
  EXPECT_THAT(test::load_error(proto),
              HasSubstr("SequenceMap 'map': has 3 inputs and 1 outputs, the body 2 and 1"));
  proto = map_model();
  add_node(*proto.mutable_graph(), "OptionalGetElement", "", {"x"}, {"untyped"});
  proto.mutable_graph()->mutable_node(0)->set_input(1, "untyped");
  EXPECT_THAT(test::load_error(proto), HasSubstr("SequenceMap 'map': input 1 'untyped' has no declared type"));
  proto = map_model();
  proto.mutable_graph()->mutable_node(0)->clear_attribute();
  EXPECT_THAT(test::load_error(proto), HasSubstr("SequenceMap 'map': attribute 'body' is missing"));
}

}  // namespace
}  // namespace bp
