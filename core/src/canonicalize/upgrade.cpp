#include "canonicalize/upgrade.hpp"

#include <fmt/format.h>

#include <cstring>

#include "canonicalize/canonicalize.hpp"
#include "ops/op_schema.hpp"

namespace bp::canonical {

ValueType Upgrade::input_type(size_t i) const {
  return has_input(i) ? graph_.value(node().inputs[i]).type : ValueType{};
}

std::string Upgrade::type_text(size_t i) const { return input_type(i).to_string(graph_.symbols()); }

int64_t Upgrade::rank(size_t i) const {
  const ValueType type = input_type(i);
  return type.is_tensor() && type.has_rank ? static_cast<int64_t>(type.dims.size()) : -1;
}

void Upgrade::set_input(size_t i, ValueId value) {
  if (node().inputs.size() <= i) graph_.resize_node_inputs(id_, i + 1);
  graph_.set_node_input(id_, i, value);
}

bool Upgrade::uses_output(size_t i) const {
  if (i >= node().outputs.size() || node().outputs[i] == kNoId) return false;
  const GraphValue& value = graph_.value(node().outputs[i]);
  return !value.consumers.empty() || value.is_output;
}

void Upgrade::keep_outputs(size_t count) {
  for (size_t i = count; i < node().outputs.size(); ++i) graph_.set_node_output(id_, i, kNoId);
  if (node().outputs.size() > count) node().outputs.resize(count);
}

ValueId Upgrade::constant(std::string_view hint, const std::vector<int64_t>& values) {
  const std::string name = graph_.unused_value_name(node().name + "/" + std::string(hint));
  return graph_.add_constant(name, Tensor::of_int64({static_cast<int64_t>(values.size())}, values));
}

ValueId Upgrade::scalar(std::string_view hint, float value) {
  const std::string name = graph_.unused_value_name(node().name + "/" + std::string(hint));
  return graph_.add_constant(name, Tensor::of_float({}, std::span(&value, 1)));
}

ValueId Upgrade::scalar_like(std::string_view hint, float value, size_t like) {
  const ElementType element = input_type(like).element;
  if (element == ElementType::kFloat32) return scalar(hint, value);
  if (element == ElementType::kFloat64) {
    const double wide = value;
    const std::string name = graph_.unused_value_name(node().name + "/" + std::string(hint));
    return graph_.add_constant(name, Tensor::copy_of(element, {}, std::as_bytes(std::span(&wide, 1))));
  }
  return add_node("CastLike", {scalar(hint, value), node().inputs[like]});
}

Node Upgrade::new_node(std::string_view op_type, std::vector<ValueId> inputs,
                       std::vector<Attribute> attributes) const {
  Node added;
  added.op_type = op_type;
  added.name = fmt::format("{}/{}", node().name, op_type);
  added.since_version = since_version("", op_type, kFirstLevel);
  added.inputs = std::move(inputs);
  added.attributes = std::move(attributes);
  added.origin = node().origin;
  return added;
}

ValueId Upgrade::add_node(std::string_view op_type, std::vector<ValueId> inputs,
                          std::vector<Attribute> attributes) {
  Node added = new_node(op_type, std::move(inputs), std::move(attributes));
  const ValueId out = graph_.add_value(graph_.unused_value_name(added.name));
  // Several nodes of one kind for one node: the value's name is unused, hence unique.
  added.name = graph_.value(out).name;
  added.outputs = {out};
  graph_.add_node(std::move(added));
  return out;
}

ValueId Upgrade::take_output(size_t i) {
  if (i >= node().outputs.size() || node().outputs[i] == kNoId) return kNoId;
  const ValueId out = node().outputs[i];
  graph_.set_node_output(id_, i, kNoId);
  return out;
}

ValueId Upgrade::new_output(size_t i) {
  const ValueId fresh = graph_.add_value(graph_.unused_value_name(node().name + "/output"));
  graph_.set_node_output(id_, i, fresh);
  return fresh;
}

void Upgrade::write(ValueId out, std::string_view op_type, std::vector<ValueId> inputs,
                    std::vector<Attribute> attributes) {
  Node added = new_node(op_type, std::move(inputs), std::move(attributes));
  added.name = fmt::format("{}/{}", node().name, graph_.value(out).name);
  added.outputs = {out};
  graph_.add_node(std::move(added));
}

void Upgrade::list_to_input(std::string_view name, size_t i) {
  const std::vector<int64_t>* list = node().ints(name);
  if (list == nullptr) {
    drop_attribute(name);  // an empty list of another kind
    return;
  }
  const std::vector<int64_t> values = *list;
  drop_attribute(name);
  set_input(i, constant(name, values));
}

Status Upgrade::refuse(const std::string& why) const {
  return {ErrorCode::kUnsupported, fmt::format("{}: {}", node().label(), why)};
}

Status Upgrade::wrong(const std::string& why) const {
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", node().label(), why)};
}

}  // namespace bp::canonical
