#include "harness/raw_graph.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "ops/op_schema.hpp"

namespace bp::conformance {

uint32_t bits_of(uint32_t element_type) {
  switch (element_type) {
    case BP_TYPE_UINT2:
    case BP_TYPE_INT2:
      return 2;
    case BP_TYPE_UINT4:
    case BP_TYPE_INT4:
    case BP_TYPE_FLOAT4_E2M1:
      return 4;
    case BP_TYPE_UINT8:
    case BP_TYPE_INT8:
    case BP_TYPE_BOOL:
    case BP_TYPE_FLOAT8_E4M3FN:
    case BP_TYPE_FLOAT8_E4M3FNUZ:
    case BP_TYPE_FLOAT8_E5M2:
    case BP_TYPE_FLOAT8_E5M2FNUZ:
    case BP_TYPE_FLOAT8_E8M0:
      return 8;
    case BP_TYPE_UINT16:
    case BP_TYPE_INT16:
    case BP_TYPE_FLOAT16:
    case BP_TYPE_BFLOAT16:
      return 16;
    case BP_TYPE_FLOAT32:
    case BP_TYPE_INT32:
    case BP_TYPE_UINT32:
      return 32;
    case BP_TYPE_INT64:
    case BP_TYPE_UINT64:
    case BP_TYPE_FLOAT64:
    case BP_TYPE_COMPLEX64:
      return 64;
    case BP_TYPE_COMPLEX128:
      return 128;
    default:
      return 0;
  }
}

uint64_t bytes_of(uint32_t element_type, uint64_t count) { return (count * bits_of(element_type) + 7) / 8; }

uint64_t RawTensor::count() const {
  uint64_t product = 1;
  for (const int64_t dim : dims) product *= static_cast<uint64_t>(dim);
  return product;
}

// ---- the graph ----

uint32_t RawGraph::input(std::string name, uint32_t element_type, std::vector<int64_t> dims) {
  Value value;
  value.name = std::move(name);
  value.element_type = element_type;
  value.dims = std::move(dims);
  value.flags = BP_VALUE_VIEW_INPUT;
  values_.push_back(std::move(value));
  return static_cast<uint32_t>(values_.size() - 1);
}

uint32_t RawGraph::constant(std::string name, const RawTensor& tensor) {
  const uint32_t index = input(std::move(name), tensor.element_type, tensor.dims);
  values_[index].flags = BP_VALUE_CONSTANT;
  values_[index].bytes = tensor.bytes;
  return index;
}

uint32_t RawGraph::node(std::string op_type, std::vector<uint32_t> inputs, uint32_t element_type,
                        std::vector<int64_t> dims, std::vector<RawAttribute> attributes, std::string domain) {
  Node node;
  node.name = "node_" + std::to_string(nodes_.size());
  node.since_version = std::max(1, since_version(domain, op_type, static_cast<int64_t>(canonical_level_)));
  node.domain = std::move(domain);
  node.op_type = std::move(op_type);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  for (const uint32_t input : node.inputs) {
    if (input != BP_NONE) values_[input].flags &= ~BP_VALUE_VIEW_OUTPUT;
  }
  Value value;
  value.name = "value_" + std::to_string(values_.size());
  value.element_type = element_type;
  value.dims = std::move(dims);
  value.flags = BP_VALUE_VIEW_OUTPUT;
  value.producer = static_cast<uint32_t>(nodes_.size());
  const auto output = static_cast<uint32_t>(values_.size());
  values_.push_back(std::move(value));
  node.outputs = {output};
  nodes_.push_back(std::move(node));
  return output;
}

std::vector<uint32_t> RawGraph::inputs() const {
  std::vector<uint32_t> indices;
  for (uint32_t i = 0; i < values_.size(); ++i) {
    if (values_[i].flags & BP_VALUE_VIEW_INPUT) indices.push_back(i);
  }
  return indices;
}

std::vector<uint32_t> RawGraph::outputs() const {
  std::vector<uint32_t> indices;
  for (uint32_t i = 0; i < values_.size(); ++i) {
    if (values_[i].flags & BP_VALUE_VIEW_OUTPUT) indices.push_back(i);
  }
  return indices;
}

RawGraph RawGraph::alone(uint32_t index) const {
  RawGraph graph(canonical_level_);
  Node node = nodes_[index];
  std::map<uint32_t, uint32_t> moved;
  for (uint32_t& input : node.inputs) {
    if (input == BP_NONE) continue;
    const auto [at, fresh] = moved.try_emplace(input, static_cast<uint32_t>(graph.values_.size()));
    if (fresh) {
      Value value = values_[input];
      value.producer = BP_NONE;
      if (!(value.flags & BP_VALUE_CONSTANT)) value.flags = BP_VALUE_VIEW_INPUT;
      graph.values_.push_back(std::move(value));
    }
    input = at->second;
  }
  for (uint32_t& output : node.outputs) {
    if (output == BP_NONE) continue;
    Value value = values_[output];
    value.producer = 0;
    value.flags = (value.flags & BP_VALUE_DATA_DEPENDENT) | BP_VALUE_VIEW_OUTPUT;
    output = static_cast<uint32_t>(graph.values_.size());
    graph.values_.push_back(std::move(value));
  }
  graph.nodes_.push_back(std::move(node));
  return graph;
}

// ---- the view ----

bp_value RawView::value_of(const RawGraph::Value& value, uint64_t id) {
  bp_value made{};
  made.flags = value.flags;
  made.name = store_.text(value.name);
  made.element_type = value.element_type;
  made.has_rank = value.has_rank ? 1 : 0;
  std::vector<bp_dim> dims;
  if (value.has_rank) {
    for (const int64_t size : value.dims) dims.push_back({size, size < 0 ? 0 : size, size, 0, 0, 0});
  }
  made.dims = store_.array(dims);
  made.producer = value.producer;
  if (value.flags & BP_VALUE_CONSTANT) {
    made.constant_id = id;
    made.size_bytes = value.bytes.size();
    constants_.add(id, value.element_type, value.dims, value.bytes);
  }
  return made;
}

bp_node RawView::node_of(const RawGraph::Node& node) {
  bp_node made{};
  made.since_version = node.since_version;
  made.name = store_.text(node.name);
  made.domain = store_.text(node.domain);
  made.op_type = store_.text(node.op_type);
  made.inputs = store_.array(node.inputs);
  made.outputs = store_.array(node.outputs);
  std::vector<bp_attribute> attributes;
  for (const RawAttribute& attribute : node.attributes) {
    bp_attribute one{};
    one.kind = attribute.kind;
    one.name = store_.text(attribute.name);
    one.int_value = attribute.int_value;
    one.float_value = attribute.float_value;
    one.string_value = store_.text(attribute.string_value);
    one.list = store_.array(attribute.ints);
    attributes.push_back(one);
  }
  made.attributes = store_.structs(attributes, BP_STRUCT_SIZE(bp_attribute, list));
  return made;
}

RawView::RawView(const RawGraph& graph, AbiLayout layout) : store_(layout) {
  std::vector<bp_value> values;
  // Ids that are no positions: nobody may take the one for the other.
  for (const RawGraph::Value& value : graph.values())
    values.push_back(value_of(value, 1000 + 7 * values.size()));
  std::vector<bp_node> nodes;
  for (const RawGraph::Node& node : graph.nodes()) nodes.push_back(node_of(node));
  bp_graph view{};
  view.canonical_level = graph.canonical_level();
  view.name = store_.text("graph");
  view.nodes = store_.structs(nodes, BP_STRUCT_SIZE(bp_node, attributes));
  view.values = store_.structs(values, BP_STRUCT_SIZE(bp_value, size_bytes));
  view.inputs = store_.array(graph.inputs());
  view.outputs = store_.array(graph.outputs());
  view.constants = constants_.handle();
  graph_ = store_.one(view, BP_STRUCT_SIZE(bp_graph, host_graph));
}

}  // namespace bp::conformance
