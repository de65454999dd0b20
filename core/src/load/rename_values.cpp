// A body's own definitions hide outer names of the same spelling.
#include "load/rename_values.hpp"

namespace bp {

std::string ValueRenamer::renamed(const Names& scope, const std::string& name) const {
  if (name.empty()) return name;
  const auto found = scope.find(name);
  if (found != scope.end()) return found->second;
  return others_ == Others::kPrefixed ? prefix_ + name : name;
}

void ValueRenamer::node_in(const Names& scope, onnx::NodeProto& node) const {
  for (std::string& input : *node.mutable_input()) input = renamed(scope, input);
  for (std::string& output : *node.mutable_output()) output = renamed(scope, output);
  node.set_name(prefix_ + (node.name().empty() ? node.op_type() : node.name()));
  auto* attributes = node.mutable_attribute();
  for (int i = 0; i < attributes->size();) {
    if (attribute_in(scope, *attributes->Mutable(i))) {
      ++i;
    } else {
      attributes->DeleteSubrange(i, 1);
    }
  }
}

bool ValueRenamer::attribute_in(const Names& scope, onnx::AttributeProto& attribute) const {
  if (!attribute.ref_attr_name().empty() && find_attribute_) {
    const onnx::AttributeProto* actual = find_attribute_(attribute.ref_attr_name());
    if (actual == nullptr) return false;
    const std::string name = attribute.name();
    attribute = *actual;  // a graph in it belongs to the caller's scope and keeps its names
    attribute.set_name(name);
    return true;
  }
  if (attribute.has_g()) graph_in(scope, *attribute.mutable_g());
  for (onnx::GraphProto& body : *attribute.mutable_graphs()) graph_in(scope, body);
  return true;
}

void ValueRenamer::graph_in(const Names& outer, onnx::GraphProto& body) const {
  Names scope = outer;
  for (const auto& input : body.input()) scope.erase(input.name());
  for (const auto& tensor : body.initializer()) scope.erase(tensor.name());
  for (const auto& tensor : body.sparse_initializer()) scope.erase(tensor.values().name());
  for (const auto& inner : body.node()) {
    for (const auto& output : inner.output()) scope.erase(output);
  }
  for (auto& input : *body.mutable_input()) input.set_name(renamed(scope, input.name()));
  for (auto& output : *body.mutable_output()) output.set_name(renamed(scope, output.name()));
  for (auto& info : *body.mutable_value_info()) info.set_name(renamed(scope, info.name()));
  for (auto& tensor : *body.mutable_initializer()) tensor.set_name(renamed(scope, tensor.name()));
  for (auto& tensor : *body.mutable_sparse_initializer()) {
    tensor.mutable_values()->set_name(renamed(scope, tensor.values().name()));
  }
  for (auto& inner : *body.mutable_node()) node_in(scope, inner);
}

}  // namespace bp
