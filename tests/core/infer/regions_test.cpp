#include <gtest/gtest.h>

#include "infer/infer.hpp"

namespace bp {
namespace {

ValueType floats(Dims dims) { return ValueType::tensor(ElementType::kFloat32, std::move(dims)); }

ValueId add(Graph& graph, const std::string& op, std::vector<ValueId> inputs,
            std::vector<Attribute> attributes = {}) {
  Node node;
  node.name = graph.unused_value_name(op);
  node.op_type = op;
  node.since_version = 21;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  const ValueId out = graph.add_value(node.name);
  node.outputs = {out};
  graph.add_node(std::move(node));
  return out;
}

// A body (counter, condition, carried) -> (condition, `make`(carried)).
template <class Make>
std::shared_ptr<Graph> loop_body(const std::shared_ptr<SymbolTable>& symbols, Make make) {
  auto body = std::make_shared<Graph>(symbols);
  body->add_input("counter", ValueType::tensor(ElementType::kInt64));
  const ValueId condition = body->add_input("condition", ValueType::tensor(ElementType::kBool));
  const ValueId carried = body->add_input("carried", ValueType{});
  const ValueId next = make(*body, carried);
  body->add_output(condition);
  body->add_output(next);
  return body;
}

ValueId loop(Graph& graph, ValueId initial, std::shared_ptr<Graph> body) {
  Node node;
  node.name = "loop";
  node.op_type = "Loop";
  node.since_version = 21;
  node.region = RegionKind::kLoop;
  node.inputs = {kNoId, kNoId, initial};
  node.regions = {std::move(body)};
  const ValueId out = graph.add_value(graph.unused_value_name("looped"));
  node.outputs = {out};
  graph.add_node(std::move(node));
  return out;
}

std::string type(const Graph& graph, ValueId id) { return graph.value(id).type.to_string(graph.symbols()); }

TEST(InferRegions, KeepsTheDimsOfACarriedValueThatDoNotChange) {
  Graph graph;
  const ValueId x = graph.add_input("x", floats({Dim::named(graph.symbols().intern("N")), Dim::of(4)}));
  const ValueId y =
      loop(graph, x,
           loop_body(graph.shared_symbols(), [](Graph& body, ValueId v) { return add(body, "Relu", {v}); }));
  const Status status = infer_types(graph);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(type(graph, y), "float32[N,4]");
}

TEST(InferRegions, FreesTheDimThatGrows) {
  Graph graph;
  const ValueId x = graph.add_input("x", floats({Dim::of(1), Dim::of(4)}));
  const ValueId y = loop(graph, x, loop_body(graph.shared_symbols(), [](Graph& body, ValueId v) {
                           return add(body, "Concat", {v, v}, {{"axis", int64_t{0}}});
                         }));
  const Status status = infer_types(graph);
  ASSERT_TRUE(status.ok()) << status.message();
  const ValueType& result = graph.value(y).type;
  ASSERT_TRUE(result.has_rank);
  EXPECT_FALSE(result.dims[0].known());
  EXPECT_EQ(result.dims[1], Dim::of(4));
}

TEST(InferRegions, RefusesACarriedValueThatChangesItsElementType) {
  Graph graph;
  const ValueId x = graph.add_input("x", floats({Dim::of(2)}));
  loop(graph, x, loop_body(graph.shared_symbols(), [](Graph& body, ValueId v) {
         return add(body, "Cast", {v}, {{"to", int64_t{7}}});
       }));
  const Status status = infer_types(graph);
  EXPECT_EQ(status.code(), ErrorCode::kInvalidModel);
  EXPECT_EQ(status.message(), "Loop 'loop': carried value 0: types differ: float32[2] and int64[2]");
}

// Loops in loops whose carried dims change at every level: trials inside trials must not multiply without end.
TEST(InferRegions, EndsForDeeplyNestedLoops) {
  Graph graph;
  const auto symbols = graph.shared_symbols();
  std::shared_ptr<Graph> body = loop_body(symbols, [](Graph& inner, ValueId v) {
    return add(inner, "Concat", {v, v}, {{"axis", int64_t{0}}});
  });
  for (int depth = 0; depth < 20; ++depth) {
    body = loop_body(symbols, [&](Graph& outer, ValueId v) { return loop(outer, v, body); });
  }
  const ValueId x = graph.add_input("x", floats({Dim::of(1)}));
  const ValueId y = loop(graph, x, body);
  const Status status = infer_types(graph);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(graph.value(y).type.element, ElementType::kFloat32);
}

TEST(InferRegions, GivesABranchWhatBothSidesHaveInCommon) {
  Graph graph;
  const ValueId condition = graph.add_input("c", ValueType::tensor(ElementType::kBool, {}));
  const ValueId x = graph.add_input("x", floats({Dim::of(3), Dim::of(4)}));
  Node node;
  node.name = "if";
  node.op_type = "If";
  node.since_version = 21;
  node.region = RegionKind::kBranch;
  node.inputs = {condition, x};
  node.capture_count = 1;
  for (const int64_t axis : {int64_t{0}, int64_t{1}}) {
    auto body = std::make_shared<Graph>(graph.shared_symbols());
    const ValueId v = body->add_input("x", ValueType{});
    const ValueId doubled = add(*body, "Concat", {v, v}, {{"axis", axis}});
    body->add_output(axis == 0 ? doubled : add(*body, "Transpose", {doubled}));
    node.regions.push_back(std::move(body));
  }
  const ValueId y = graph.add_value("y");
  node.outputs = {y};
  graph.add_node(std::move(node));
  const Status status = infer_types(graph);
  ASSERT_TRUE(status.ok()) << status.message();
  const ValueType& result = graph.value(y).type;  // [6,4] or [8,3]
  ASSERT_EQ(result.dims.size(), 2u);
  EXPECT_FALSE(result.dims[0].known());
  EXPECT_FALSE(result.dims[1].known());
}

}  // namespace
}  // namespace bp
