// Tests core/src/load/functions.cpp.
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

onnx::NodeProto* add_body_node(onnx::FunctionProto& function, const std::string& op,
                               std::initializer_list<const char*> inputs,
                               std::initializer_list<const char*> outputs) {
  onnx::GraphProto scratch;
  *function.add_node() = *add_node(scratch, op, "", inputs, outputs);
  return function.mutable_node(function.node_size() - 1);
}

onnx::FunctionProto* add_function(onnx::ModelProto& model, const std::string& name, int64_t opset = 17) {
  onnx::FunctionProto* function = model.add_functions();
  function->set_domain("local");
  function->set_name(name);
  function->add_opset_import()->set_version(opset);
  return function;
}

// Leak(x; alpha) = LeakyRelu(Neg(x)); the model calls it twice.
onnx::ModelProto leak_model() {
  onnx::ModelProto model = test::make_model();
  onnx::FunctionProto* leak = add_function(model, "Leak");
  leak->add_input("in");
  leak->add_output("out");
  leak->add_attribute("slope");
  add_body_node(*leak, "Neg", {"in"}, {"middle"});
  onnx::NodeProto* relu = add_body_node(*leak, "LeakyRelu", {"middle"}, {"out"});
  add_attribute(*relu, "alpha", onnx::AttributeProto::FLOAT)->set_ref_attr_name("slope");
  onnx::GraphProto& graph = *model.mutable_graph();
  add_input(graph, "x", {2});
  onnx::NodeProto* first = add_node(graph, "Leak", "one", {"x"}, {"a"});
  first->set_domain("local");
  add_attribute(*first, "slope", onnx::AttributeProto::FLOAT)->set_f(0.5F);
  add_node(graph, "Leak", "two", {"a"}, {"b"})->set_domain("local");
  add_output(graph, "b");
  return model;
}

TEST(Functions, CallsAreWrittenOut) {
  const auto model = test::load(leak_model());
  ASSERT_TRUE(model.ok()) << model.status().message();
  const Graph& graph = *model->graph;
  ASSERT_EQ(graph.node_count(), 4U);
  EXPECT_EQ(graph.node(1).float_or("alpha", -1), 0.5F);
  EXPECT_EQ(graph.node(3).find_attribute("alpha"), nullptr);  // neither given nor defaulted
  EXPECT_EQ(graph.value(graph.node(0).inputs[0]).name, "x");
  EXPECT_EQ(graph.value(graph.node(1).outputs[0]).name, "a");
  EXPECT_NE(graph.value(graph.node(0).outputs[0]).name, graph.value(graph.node(2).outputs[0]).name);
  EXPECT_THAT(graph.node(0).name, testing::StartsWith("one"));
  EXPECT_EQ(graph.node(0).since_version, 17);
  EXPECT_TRUE(check_graph(graph).ok()) << check_graph(graph).message();
}

TEST(Functions, DefaultsOfNewerFilesAreRead) {
  onnx::ModelProto model = leak_model();
  onnx::AttributeProto slope;
  slope.set_name("slope");
  slope.set_type(onnx::AttributeProto::FLOAT);
  slope.set_f(0.25F);
  // FunctionProto.attribute_proto (field 11), which older onnx classes do not know.
  const std::string bytes = slope.SerializeAsString();
  std::string function =
      model.functions(0).SerializeAsString() + "\x5A" + static_cast<char>(bytes.size()) + bytes;
  ASSERT_TRUE(model.mutable_functions(0)->ParseFromString(function));
  const auto loaded = test::load(model);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  EXPECT_EQ(loaded->graph->node(1).float_or("alpha", -1), 0.5F);
  EXPECT_EQ(loaded->graph->node(3).float_or("alpha", -1), 0.25F);
}

TEST(Functions, CallFunctionsAndKeepTheirOpset) {
  onnx::ModelProto model = leak_model();
  onnx::FunctionProto* outer = add_function(model, "Outer", 13);
  outer->add_input("p");
  outer->add_output("q");
  add_body_node(*outer, "Leak", {"p"}, {"r"})->set_domain("local");
  add_body_node(*outer, "Abs", {"r"}, {"q"});
  add_node(*model.mutable_graph(), "Outer", "", {"b"}, {"c"})->set_domain("local");
  const auto loaded = test::load(model);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  ASSERT_EQ(loaded->graph->node_count(), 7U);
  EXPECT_EQ(loaded->graph->node(6).op_type, "Abs");
  EXPECT_EQ(loaded->graph->node(6).since_version, 13);
  EXPECT_EQ(loaded->graph->node(5).since_version, 17);
}

TEST(Functions, BodiesInsideSeeTheFunctionsValues) {
  onnx::ModelProto model = test::make_model();
  onnx::FunctionProto* pick = add_function(model, "Pick");
  pick->add_input("c");
  pick->add_input("v");
  pick->add_output("o");
  onnx::NodeProto* branch = add_body_node(*pick, "If", {"c"}, {"o"});
  for (const char* name : {"then_branch", "else_branch"}) {
    onnx::GraphProto* body = add_attribute(*branch, name, onnx::AttributeProto::GRAPH)->mutable_g();
    add_node(*body, "Relu", "", {"v"}, {"c"});  // hides the formal c
    add_output(*body, "c");
  }
  add_input(*model.mutable_graph(), "flag", {}, 9);
  add_input(*model.mutable_graph(), "x", {2});
  add_node(*model.mutable_graph(), "Pick", "", {"flag", "x"}, {"y"})->set_domain("local");
  add_output(*model.mutable_graph(), "y");
  const auto loaded = test::load(model);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  const Node& node = loaded->graph->node(0);
  EXPECT_EQ(node.capture_count, 1U);
  EXPECT_EQ(loaded->graph->value(node.inputs[1]).name, "x");
  EXPECT_TRUE(check_graph(*loaded->graph).ok());
}

TEST(Functions, AnOutputMayBeAnInput) {
  onnx::ModelProto model = test::make_model();
  onnx::FunctionProto* same = add_function(model, "Same");
  same->add_input("v");
  same->add_output("v");
  add_input(*model.mutable_graph(), "x", {2});
  add_node(*model.mutable_graph(), "Same", "", {"x"}, {"y"})->set_domain("local");
  add_output(*model.mutable_graph(), "y");
  const auto loaded = test::load(model);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  EXPECT_EQ(loaded->graph->node(0).op_type, "Identity");
  EXPECT_TRUE(check_graph(*loaded->graph).ok());
}

TEST(FunctionErrors, RecursionAndMultiplicationEnd) {
  onnx::ModelProto model = leak_model();
  add_body_node(*model.mutable_functions(0), "Leak", {"in"}, {"again"})->set_domain("local");
  EXPECT_THAT(test::load_error(model), HasSubstr("functions call each other more than 32 deep"));

  model = test::make_model();
  for (int level = 0; level < 30; ++level) {  // 2^30 nodes
    onnx::FunctionProto* function = add_function(model, "F" + std::to_string(level));
    for (int i = 0; i < 2; ++i) {
      onnx::NodeProto* node =
          add_body_node(*function, level == 0 ? "Relu" : "F" + std::to_string(level - 1), {}, {});
      node->set_domain(level == 0 ? "" : "local");
    }
  }
  add_node(*model.mutable_graph(), "F29", "", {}, {})->set_domain("local");
  LoadOptions options;
  options.max_nodes = 10'000;
  EXPECT_THAT(test::load_error(model, options), HasSubstr("has more than 10000 nodes"));
}

TEST(FunctionErrors, NamesCallsThatDoNotFit) {
  onnx::ModelProto model = leak_model();
  model.mutable_graph()->mutable_node(0)->add_input("x");
  EXPECT_THAT(test::load_error(model), HasSubstr("call 'one' of function 'Leak': has 2 inputs and 1 outputs"));
  model = leak_model();
  *model.add_functions() = model.functions(0);
  EXPECT_THAT(test::load_error(model), HasSubstr("function 'Leak' of domain 'local' is defined twice"));
}

}  // namespace
}  // namespace bp
