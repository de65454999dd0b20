// A graph of one node in an old form, brought to the canonical one.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "canonicalize/canonicalize.hpp"
#include "infer/infer.hpp"
#include "ops/onnx_bridge/check_node.hpp"
#include "support/graph_builder.hpp"

namespace bp::test {

class CanonicalizeTest : public testing::Test {
 protected:
  // A one-node graph of `opset`; the node's id is 0.
  void one(int64_t opset, const std::string& op, std::vector<ValueId> inputs,
           std::vector<Attribute> attributes = {}, size_t outputs = 1) {
    graph.opsets = {{"", opset}};
    Node node;
    node.name = "n";
    node.op_type = op;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    for (size_t i = 0; i < outputs; ++i) node.outputs.push_back(graph.add_value("out" + std::to_string(i)));
    const ValueId first = node.outputs[0];
    graph.add_node(std::move(node));
    graph.add_output(first);
  }
  void run() {
    const Status status = canonicalize(graph);
    ASSERT_TRUE(status.ok()) << status.message();
    // Every node must be right in its new form.
    for (const NodeId id : graph.topological_order()) {
      const Status checked = check_node(graph.node(id), graph);
      EXPECT_TRUE(checked.ok()) << checked.message();
    }
  }
  void infer() {
    const Status status = infer_types(graph);
    ASSERT_TRUE(status.ok()) << status.message();
  }
  const Node& node() const { return graph.node(0); }
  std::vector<int64_t> ints(size_t input) const {
    return graph.value(node().inputs[input]).constant->to_int64();
  }
  std::string error() { return canonicalize(graph).to_string(); }
  std::string type(ValueId id) const { return graph.value(id).type.to_string(graph.symbols()); }
  std::string output_type() const { return type(graph.outputs()[0]); }
  ValueId x(std::vector<int64_t> dims = {2, 3, 4}, ElementType element = ElementType::kFloat32) {
    return builder.input(graph.unused_value_name("x"), std::move(dims), element);
  }

  GraphBuilder builder;
  Graph& graph = builder.graph();
};

}  // namespace bp::test
