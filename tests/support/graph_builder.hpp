// Builds small graphs in a line per node, for tests of the phases that work on the graph.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.hpp"

namespace bp::test {

class GraphBuilder {
 public:
  GraphBuilder() : graph_(std::make_unique<Graph>()) { graph_->opsets = {{"", 22}}; }

  // Dims: -1 is unknown without a symbol.
  ValueId input(const std::string& name, std::vector<int64_t> dims, ElementType type = ElementType::kFloat32) {
    return graph_->add_input(name, tensor_type(type, dims));
  }
  ValueId input(const std::string& name, ValueType type) { return graph_->add_input(name, std::move(type)); }
  ValueId ints(const std::string& name, const std::vector<int64_t>& values) {
    return graph_->add_constant(name, Tensor::of_int64({static_cast<int64_t>(values.size())}, values));
  }
  ValueId floats(const std::string& name, ConcreteDims dims, const std::vector<float>& values) {
    return graph_->add_constant(name, Tensor::of_float(std::move(dims), values));
  }
  Dim symbol(const std::string& name) { return Dim::named(graph_->symbols().intern(name)); }

  // One output, named like the node, of this type.
  ValueId node(const std::string& op_type, std::vector<ValueId> inputs, ValueType type,
               std::vector<Attribute> attributes = {}, std::string name = {}) {
    if (name.empty()) name = op_type + std::to_string(graph_->node_count());
    const ValueId output = graph_->add_value(name, std::move(type));
    Node node;
    node.name = name;
    node.op_type = op_type;
    node.since_version = 21;
    node.inputs = std::move(inputs);
    node.outputs = {output};
    node.attributes = std::move(attributes);
    node.origin = {name};
    graph_->add_node(std::move(node));
    return output;
  }
  ValueId node(const std::string& op_type, std::vector<ValueId> inputs, std::vector<int64_t> dims,
               std::vector<Attribute> attributes = {}, std::string name = {}) {
    return node(op_type, std::move(inputs), tensor_type(ElementType::kFloat32, dims), std::move(attributes),
                std::move(name));
  }
  void output(ValueId value) { graph_->add_output(value); }

  Graph& graph() { return *graph_; }
  std::unique_ptr<Graph> take() { return std::move(graph_); }

  static ValueType tensor_type(ElementType type, const std::vector<int64_t>& dims) {
    Dims result;
    for (const int64_t size : dims) result.push_back(size < 0 ? Dim{} : Dim::of(size));
    return ValueType::tensor(type, std::move(result));
  }

 private:
  std::unique_ptr<Graph> graph_;
};

// The operators of the alive nodes in topological order: "Conv Relu Add".
inline std::string ops_of(const Graph& graph) {
  std::string text;
  for (const NodeId id : graph.topological_order()) {
    if (!text.empty()) text += ' ';
    text += graph.node(id).op_type;
  }
  return text;
}

}  // namespace bp::test
