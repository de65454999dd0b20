// Tests core/src/check: every rule finds its problem and names node and place.
#include "check/check_graph.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bp {
namespace {

using testing::HasSubstr;

const ValueType kFloats = ValueType::tensor(ElementType::kFloat32, {Dim::of(2)});

Graph make_graph(int64_t opset = 13) {
  Graph graph;
  graph.ir_version = 8;
  graph.opsets = {{"", opset}};
  return graph;
}

NodeId add_node(Graph& graph, const std::string& op, const std::string& name, std::vector<ValueId> inputs,
                std::vector<ValueId> outputs) {
  Node node;
  node.op_type = op;
  node.name = name;
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return graph.add_node(std::move(node));
}

std::string problem(const Graph& graph) {
  const Status status = check_graph(graph);
  EXPECT_FALSE(status.ok());
  return status.message();
}

TEST(CheckGraph, AcceptsAGoodGraph) {
  Graph graph = make_graph();
  const ValueId x = graph.add_input("x", kFloats);
  const ValueId y = graph.add_value("y");
  add_node(graph, "Relu", "r", {x}, {y});
  graph.add_output(y);
  EXPECT_TRUE(check_graph(graph).ok()) << check_graph(graph).message();
}

TEST(CheckGraph, FindsDanglingInputAndOutput) {
  Graph graph = make_graph();
  const ValueId w = graph.add_value("w");
  add_node(graph, "Relu", "r", {w}, {graph.add_value("y")});
  graph.add_output(graph.add_value("z"));
  const std::string text = problem(graph);
  EXPECT_THAT(text, HasSubstr("Relu 'r': input 0 'w' is defined nowhere"));
  EXPECT_THAT(text, HasSubstr("graph output 'z' is defined nowhere"));
}

TEST(CheckGraph, FindsAValueDefinedTwice) {
  Graph graph = make_graph();
  const ValueId x = graph.add_input("x", kFloats);
  const ValueId y = graph.add_value("y");
  add_node(graph, "Relu", "a", {x}, {y});
  add_node(graph, "Abs", "b", {x}, {y});
  add_node(graph, "Neg", "c", {y}, {x});
  const std::string text = problem(graph);
  EXPECT_THAT(text, HasSubstr("Abs 'b': output 0 'y' is already defined by Relu 'a'"));
  EXPECT_THAT(text, HasSubstr("Neg 'c': output 0 'x' is already defined by a graph input"));
}

TEST(CheckGraph, FindsEqualNames) {
  Graph graph = make_graph();
  graph.add_input("x", kFloats);
  graph.value(graph.add_value("y")).name = "x";
  EXPECT_THAT(problem(graph), HasSubstr("two values are named 'x'"));
}

TEST(CheckGraph, NamesTheNodesOfACycleInOrder) {
  Graph graph = make_graph();
  const ValueId x = graph.add_input("x", kFloats);
  const ValueId a = graph.add_value("a");
  const ValueId b = graph.add_value("b");
  add_node(graph, "Relu", "outside", {a}, {graph.add_value("c")});
  add_node(graph, "Add", "first", {x, b}, {a});
  add_node(graph, "Neg", "second", {a}, {b});
  EXPECT_THAT(problem(graph), testing::AnyOf(HasSubstr("Neg 'second' -> Add 'first' -> Neg 'second'"),
                                             HasSubstr("Add 'first' -> Neg 'second' -> Add 'first'")));
  EXPECT_THAT(problem(graph), testing::Not(HasSubstr("outside")));
}

TEST(CheckGraph, NamesTheOpsetThatIsTooNew) {
  Graph graph = make_graph(999);
  const Status status = check_graph(graph);
  EXPECT_EQ(status.code(), ErrorCode::kIncompatible);
  EXPECT_THAT(status.message(), HasSubstr("opset 999 of ai.onnx, the newest known is"));
}

TEST(CheckGraph, NeedsAnImportForEveryDomain) {
  Graph graph = make_graph();
  const ValueId x = graph.add_input("x", kFloats);
  const NodeId node = add_node(graph, "Thing", "t", {x}, {graph.add_value("y")});
  graph.node(node).domain = "com.acme";
  EXPECT_THAT(problem(graph), HasSubstr("com.acme:Thing 't': the model imports no opset of domain 'com.acme'"));
  graph.opsets.push_back({"com.acme", 1});
  EXPECT_TRUE(check_graph(graph).ok());  // a provider may know the operator
}

TEST(CheckGraph, RefusesAnUnknownStandardOperator) {
  Graph graph = make_graph();
  const ValueId x = graph.add_input("x", kFloats);
  add_node(graph, "Relux", "r", {x}, {graph.add_value("y")});
  EXPECT_THAT(problem(graph), HasSubstr("Relux 'r'"));
}

TEST(CheckGraph, RefusesAnAttributeOfTheWrongType) {
  Graph graph = make_graph();
  const ValueId x = graph.add_input("x", kFloats);
  const NodeId node = add_node(graph, "Softmax", "s", {x}, {graph.add_value("y")});
  graph.node(node).set_attribute("axis", 1.0F);
  EXPECT_THAT(problem(graph), HasSubstr("Softmax 's': attribute 'axis' must be an integer, is a float"));
}

TEST(CheckGraph, FindsProblemsInsideBodies) {
  Graph graph = make_graph();
  const ValueId condition = graph.add_input("c", ValueType::tensor(ElementType::kBool, {}));
  Node branch;
  branch.op_type = "If";
  branch.name = "if";
  branch.inputs = {condition};
  branch.outputs = {graph.add_value("y")};
  branch.region = RegionKind::kBranch;
  for (int i = 0; i < 2; ++i) {
    auto body = std::make_shared<Graph>(graph.shared_symbols());
    const ValueId out = body->add_value("out");
    if (i == 0) add_node(*body, "Relu", "inner", {body->add_value("gone")}, {out});
    if (i == 0) body->add_output(out);
    branch.regions.push_back(std::move(body));
  }
  graph.add_node(std::move(branch));
  const std::string text = problem(graph);
  EXPECT_THAT(text, HasSubstr("If 'if': the body must have 1 outputs, has 0"));
  EXPECT_THAT(text, HasSubstr("in 'then_branch' of If 'if': Relu 'inner': input 0 'gone' is defined nowhere"));
}

TEST(CheckGraph, FindsTypesThatShowOnceTheyAreInferred) {
  Graph graph = make_graph();
  const ValueId condition = graph.add_input("c", ValueType::tensor(ElementType::kBool, {}));
  const ValueId x = graph.add_input("x", kFloats);
  const ValueId i = graph.add_value("i");
  const ValueId y = graph.add_value("y");
  add_node(graph, "Shape", "shape", {x}, {i});
  add_node(graph, "Add", "add", {x, i}, {y});
  Node branch;
  branch.op_type = "If";
  branch.name = "if";
  branch.inputs = {condition, i};
  branch.capture_count = 1;
  branch.outputs = {graph.add_value("z")};
  branch.region = RegionKind::kBranch;
  for (int count = 0; count < 2; ++count) {
    auto body = std::make_shared<Graph>(graph.shared_symbols());
    const ValueId captured = body->add_input("i", {});
    const ValueId out = body->add_value("out");
    add_node(*body, "Sqrt", "inner", {captured}, {out});
    body->add_output(out);
    branch.regions.push_back(std::move(body));
  }
  const auto bodies = branch.regions;
  graph.add_node(std::move(branch));
  EXPECT_TRUE(check_graph(graph).ok()) << check_graph(graph).message();
  EXPECT_TRUE(check_inferred_types(graph).ok());

  graph.value(i).type = ValueType::tensor(ElementType::kInt64, {Dim::of(1)});
  bodies[1]->value(bodies[1]->inputs()[0]).type = graph.value(i).type;
  const std::string text = check_inferred_types(graph).message();
  EXPECT_THAT(text, HasSubstr("Add 'add': input 1 ('B', value 'i') must have the type of input 0, which is "
                              "float32[2], but is int64[1]"));
  EXPECT_THAT(text, HasSubstr("in 'else_branch' of If 'if': Sqrt 'inner': input 0 ('X', value 'i') may not be "
                              "int64[1], expected float32, float16"));
}

TEST(CheckGraph, KnowsTheLengthsThatOpset8PutsBeforeTheInputsOfScan) {
  for (const int64_t opset : {8, 9}) {
    Graph graph = make_graph(opset);
    const ValueId x = graph.add_input("x", kFloats);
    Node scan;
    scan.op_type = "Scan";
    scan.name = "scan";
    scan.inputs = {kNoId, x};
    scan.outputs = {graph.add_value("y")};
    scan.set_attribute("num_scan_inputs", int64_t{1});
    scan.region = RegionKind::kScan;
    auto body = std::make_shared<Graph>(graph.shared_symbols());
    body->add_output(body->add_input("element", {}));
    scan.regions = {std::move(body)};
    graph.add_node(std::move(scan));
    EXPECT_EQ(check_graph(graph).ok(), opset == 8) << check_graph(graph).message();
  }
}

TEST(CheckGraph, RefusesIdsOutOfRange) {
  Graph graph = make_graph();
  const ValueId x = graph.add_input("x", kFloats);
  const NodeId node = add_node(graph, "Relu", "r", {x}, {graph.add_value("y")});
  graph.node(node).inputs[0] = 77;
  EXPECT_THAT(problem(graph), HasSubstr("Relu 'r': an input is value 77"));
}

TEST(CheckGraph, ShowsAtMostTwentyProblems) {
  Graph graph = make_graph();
  for (int i = 0; i < 100; ++i) add_node(graph, "Relu", "r", {graph.add_value("w")}, {graph.add_value("y")});
  const std::string text = problem(graph);
  EXPECT_THAT(text, HasSubstr("only the first 20 problems are shown"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
}

}  // namespace
}  // namespace bp
