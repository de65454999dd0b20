#include "ops/bodies/body_builder.hpp"

#include <fmt/format.h>

#include "ops/op_schema.hpp"

namespace bp {
namespace {

// Bodies are written in the forms of the first canonical level, which providers of every level see; operators
// that are newer have their newest form.
int32_t form_of(std::string_view op_type) {
  const int32_t form = since_version("", op_type, 22);
  return form != 0 ? form : since_version("", op_type, kMaxOpset);
}

}  // namespace

BodyBuilder::BodyBuilder(const Node& node, const Graph& outer)
    : node_(node), outer_(outer), graph_(std::make_unique<Graph>(outer.shared_symbols())) {
  graph_->name = node.name;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    // One value given twice is two inputs of the body; an omitted one keeps its place.
    const ValueType type = id == kNoId ? ValueType{} : outer.value(id).type;
    const ValueId own = graph_->add_input(fmt::format("in{}", i), type);
    inputs_.push_back(id == kNoId ? kNoId : own);
  }
}

ElementType BodyBuilder::element(size_t i) const {
  return has_input(i) ? graph_->value(inputs_[i]).type.element : ElementType::kUndefined;
}

int64_t BodyBuilder::rank(size_t i) const {
  if (!has_input(i) || !graph_->value(inputs_[i]).type.has_rank) return -1;
  return static_cast<int64_t>(graph_->value(inputs_[i]).type.dims.size());
}

const Dims* BodyBuilder::dims(size_t i) const {
  return rank(i) < 0 ? nullptr : &graph_->value(inputs_[i]).type.dims;
}

const Tensor* BodyBuilder::constant(size_t i) const {
  if (!has_input(i)) return nullptr;
  const GraphValue& value = outer_.value(node_.inputs[i]);
  return value.is_input ? nullptr : value.constant.get();
}

ValueId BodyBuilder::add(std::string_view op_type, std::vector<ValueId> inputs,
                         std::vector<Attribute> attributes) {
  return add_several(1, op_type, std::move(inputs), std::move(attributes)).front();
}

std::vector<ValueId> BodyBuilder::add_several(size_t count, std::string_view op_type,
                                              std::vector<ValueId> inputs, std::vector<Attribute> attributes) {
  Node node;
  node.op_type = op_type;
  node.name = fmt::format("{}_{}", op_type, graph_->node_count());
  node.since_version = form_of(op_type);
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.origin = node_.origin;
  std::vector<ValueId> outputs{graph_->add_value(node.name)};
  while (outputs.size() < count) outputs.push_back(graph_->add_value(node.name));
  node.outputs = outputs;
  graph_->add_node(std::move(node));
  return outputs;
}

ValueId BodyBuilder::ints(const std::vector<int64_t>& values) {
  const std::string name = graph_->unused_value_name("ints");
  return graph_->add_constant(name, Tensor::of_int64({static_cast<int64_t>(values.size())}, values));
}

ValueId BodyBuilder::tensor(TensorPtr value) {
  return graph_->add_constant(graph_->unused_value_name("tensor"), std::move(value));
}

ValueId BodyBuilder::int_scalar(int64_t value) {
  return graph_->add_constant(graph_->unused_value_name("int"), Tensor::of_int64({}, std::span(&value, 1)));
}

ValueId BodyBuilder::float_scalar(float value) {
  return graph_->add_constant(graph_->unused_value_name("scalar"), Tensor::of_float({}, std::span(&value, 1)));
}

ValueId BodyBuilder::scalar(float value, size_t like) {
  const ValueId constant = float_scalar(value);
  return element(like) == ElementType::kFloat32 ? constant : add("CastLike", {constant, input(like)});
}

void BodyBuilder::output(ValueId value) {
  // A placeholder nobody computes would be dangling: an unused output repeats the first.
  graph_->add_output(value == kNoId ? graph_->outputs().front() : value);
}

}  // namespace bp
