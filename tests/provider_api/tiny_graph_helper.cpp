#include "tiny_graph_helper.hpp"

namespace bp::test {
namespace {

template <class T>
bp_array array_of(const std::vector<T>& elements) {
  return {elements.data(), elements.size(), sizeof(T)};
}

}  // namespace

bp_string TinyGraph::keep(const std::string& text) {
  const std::string& kept = texts_.emplace_back(text);
  return {kept.data(), kept.size()};
}

uint32_t TinyGraph::value(const std::string& name, uint32_t type, const std::vector<int64_t>& dims) {
  const uint32_t index = unranked(name, type);
  std::vector<bp_dim>& kept = dims_.emplace_back();
  for (const int64_t size : dims) {
    kept.push_back({size, size < 0 ? 0 : size, size, 0, 0, 0});
  }
  values_[index].value.has_rank = 1;
  values_[index].value.dims = array_of(kept);
  return index;
}

uint32_t TinyGraph::unranked(const std::string& name, uint32_t type) {
  bp_value value{};
  value.struct_size = BP_STRUCT_SIZE(bp_value, size_bytes) + sizeof(uint64_t);
  value.name = keep(name);
  value.element_type = type;
  value.producer = BP_NONE;
  value.dims.stride = sizeof(bp_dim);
  values_.push_back({value, 0});
  return static_cast<uint32_t>(values_.size() - 1);
}

uint32_t TinyGraph::constant(const std::string& name, uint32_t type, const std::vector<int64_t>& dims,
                             uint64_t id) {
  const uint32_t index = value(name, type, dims);
  values_[index].value.flags = BP_VALUE_CONSTANT;
  values_[index].value.constant_id = id;
  return index;
}

uint32_t TinyGraph::node(const std::string& op_type, const std::vector<uint32_t>& inputs,
                         const std::vector<uint32_t>& outputs, const std::string& domain) {
  const auto index = static_cast<uint32_t>(nodes_.size());
  bp_node node{};
  node.struct_size = BP_STRUCT_SIZE(bp_node, attributes) + sizeof(uint64_t);
  node.since_version = 13;
  node.name = keep("node_" + std::to_string(index));
  node.op_type = keep(op_type);
  node.domain = keep(domain);
  nodes_.push_back({node, 0});
  NodeParts& parts = parts_.emplace_back();
  parts.inputs = inputs;
  parts.outputs = outputs;
  for (const uint32_t output : outputs) {
    if (output != BP_NONE) values_[output].value.producer = index;
  }
  return index;
}

bp_attribute& TinyGraph::attribute(const std::string& name, uint32_t kind) {
  bp_attribute attribute{};
  attribute.struct_size = BP_STRUCT_SIZE(bp_attribute, list) + sizeof(uint64_t);
  attribute.kind = kind;
  attribute.name = keep(name);
  return parts_.back().attributes.emplace_back(Padded<bp_attribute>{attribute, 0}).value;
}

void TinyGraph::int_attribute(const std::string& name, int64_t value) {
  attribute(name, BP_ATTRIBUTE_INT).int_value = value;
}
void TinyGraph::float_attribute(const std::string& name, float value) {
  attribute(name, BP_ATTRIBUTE_FLOAT).float_value = value;
}
void TinyGraph::string_attribute(const std::string& name, const std::string& value) {
  attribute(name, BP_ATTRIBUTE_STRING).string_value = keep(value);
}
void TinyGraph::ints_attribute(const std::string& name, const std::vector<int64_t>& values) {
  attribute(name, BP_ATTRIBUTE_INTS).list = array_of(int_lists_.emplace_back(values));
}

const bp_graph& TinyGraph::view(const std::vector<uint32_t>& inputs, const std::vector<uint32_t>& outputs) {
  inputs_ = inputs;
  outputs_ = outputs;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    NodeParts& parts = parts_[i];
    parts.attribute_array.assign(parts.attributes.begin(), parts.attributes.end());
    nodes_[i].value.inputs = array_of(parts.inputs);
    nodes_[i].value.outputs = array_of(parts.outputs);
    nodes_[i].value.attributes = array_of(parts.attribute_array);
  }
  graph_.struct_size = BP_STRUCT_SIZE(bp_graph, host_graph);
  graph_.canonical_level = 22;
  graph_.nodes = array_of(nodes_);
  graph_.values = array_of(values_);
  graph_.inputs = array_of(inputs_);
  graph_.outputs = array_of(outputs_);
  return graph_;
}

}  // namespace bp::test
