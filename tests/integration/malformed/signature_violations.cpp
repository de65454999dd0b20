#include <algorithm>

#include "mutation.hpp"

namespace bp::test {
namespace {

constexpr ElementType kTypes[] = {ElementType::kString,  ElementType::kBool,   ElementType::kInt64,
                                  ElementType::kFloat32, ElementType::kUint8,  ElementType::kFloat64,
                                  ElementType::kInt32,   ElementType::kFloat16};

size_t required_inputs(const OpSchema& schema) {
  size_t count = 0;
  for (size_t i = 0; i < schema.inputs.size(); ++i) {
    if (schema.inputs[i].option == ParameterOption::kSingle) count = i + 1;
  }
  return count;
}

bool takes_tensor(const Parameter& parameter, ElementType element) {
  return parameter.types->accepts(ValueType::tensor(element));
}

bool is_variadic(const std::vector<Parameter>& parameters) {
  return !parameters.empty() && parameters.back().option == ParameterOption::kVariadic;
}

using List = std::vector<Violation>;

void missing_inputs(const OpSchema& schema, const Graph& sample, List& list) {
  const size_t required = required_inputs(schema);
  const size_t given = sample.node(0).inputs.size();
  for (size_t i = 0; i < std::min(required, given); ++i) {
    if (schema.inputs[i].option != ParameterOption::kSingle) continue;
    Mutation m(sample);
    m.graph().set_node_input(0, i, kNoId);
    list.push_back(m.done("missing input", input_place(i) + " is empty", {input_place(i), "inputs, has"}));
  }
  if (required > 0 && given >= required) {
    Mutation m(sample);
    m.graph().resize_node_inputs(0, required - 1);
    list.push_back(m.done("missing input", "ends before " + input_place(required - 1), {"inputs, has"}));
  }
}

void surplus(const OpSchema& schema, const Graph& sample, List& list) {
  if (!is_variadic(schema.inputs)) {
    Mutation m(sample);
    m.graph().resize_node_inputs(0, schema.inputs.size());
    m.graph().add_node_input(0, m.new_input(ValueType::tensor(ElementType::kFloat32, {Dim::of(2)})));
    list.push_back(m.done("too many inputs", "one more", {"inputs, has"}));
  }
  if (!is_variadic(schema.outputs)) {
    Mutation m(sample);
    Node node = m.node();
    m.graph().remove_node(0);
    while (node.outputs.size() <= schema.outputs.size()) {
      node.outputs.push_back(m.graph().add_value("more" + std::to_string(node.outputs.size())));
    }
    node.alive = true;
    m.graph().add_node(std::move(node));
    list.push_back(m.done("too many outputs", "one more", {"outputs, has", "one output"}));
  }
}

void wrong_types(const OpSchema& schema, const Graph& sample, List& list) {
  for (size_t i = 0; i < sample.node(0).inputs.size(); ++i) {
    const ValueId id = sample.node(0).inputs[i];
    const Parameter* parameter = schema.input(i);
    if (id == kNoId || parameter == nullptr || parameter->types == nullptr) continue;
    const ValueType& right = sample.value(id).type;
    int found = 0;
    for (const ElementType type : kTypes) {
      if (takes_tensor(*parameter, type) || found == 3) continue;
      ++found;
      Mutation m(sample);
      m.retype(i, ValueType::tensor(type, right.is_tensor() ? right.dims : Dims{}));
      list.push_back(m.done("wrong type", input_place(i) + " is " + std::string(element_type_name(type)),
                            {input_place(i)}));
    }
    ValueType sequence;
    sequence.kind = ValueKind::kSequence;
    sequence.contained = std::make_shared<const ValueType>(ValueType::tensor(ElementType::kFloat32));
    if (!parameter->types->accepts(sequence)) {
      Mutation m(sample);
      m.retype(i, sequence);
      list.push_back(m.done("wrong kind", input_place(i) + " is a sequence", {input_place(i)}));
    }
  }
}

void inconsistent_types(const OpSchema& schema, const Graph& sample, List& list) {
  const Node& node = sample.node(0);
  for (size_t j = 1; j < node.inputs.size(); ++j) {
    const Parameter* parameter = schema.input(j);
    if (node.inputs[j] == kNoId || parameter == nullptr || parameter->type_name.empty() ||
        !parameter->homogeneous)
      continue;
    bool shared = false;
    for (size_t i = 0; i < j; ++i) {
      shared = shared || (node.inputs[i] != kNoId && schema.input(i)->type_name == parameter->type_name);
    }
    const ValueType& right = sample.value(node.inputs[j]).type;
    if (!shared || !right.is_tensor()) continue;
    int found = 0;
    for (const ElementType type : kTypes) {
      if (type == right.element || !takes_tensor(*parameter, type) || found == 2) continue;
      ++found;
      Mutation m(sample);
      m.retype(j, ValueType::tensor(type, right.dims));
      list.push_back(m.done("inconsistent type", input_place(j) + " is " + std::string(element_type_name(type)),
                            {input_place(j)}));
    }
  }
}

// Values that are not of the signature's kind.
std::vector<AttributeValue> wrong_values(char kind) {
  switch (kind) {
    case 's':
      return {int64_t{3}, std::vector<int64_t>{1, 2}};
    case 'i':
      return {std::string("three"), 3.0F};
    case 'f':
      return {std::string("half"), int64_t{1}};
    case 'I':
      return {std::string("1, 2"), int64_t{1}};
    case 'F':
      return {std::string("0.5"), 0.5F};
    case 'S':
      return {int64_t{3}, std::string("word")};
    default:
      return {int64_t{3}, std::string("text")};
  }
}

void wrong_attributes(const OpSchema& schema, const Graph& sample, List& list) {
  for (const AttributeSignature& signature : schema.attributes) {
    const std::string name(signature.name);
    if (signature.required) {
      Mutation m(sample);
      m.node().remove_attribute(name);
      list.push_back(m.done("missing attribute", name, {attribute_place(name)}));
    }
    for (const AttributeValue& value : wrong_values(signature.kind)) {
      Mutation m(sample);
      m.node().set_attribute(name, value);
      list.push_back(m.done("attribute of another kind", name, {attribute_place(name), "one attribute"}));
    }
  }
  for (const std::string& name :
       {std::string("no_such_attribute"),
        schema.attributes.empty() ? std::string("Axis") : std::string(schema.attributes[0].name) + "_"}) {
    Mutation m(sample);
    m.node().set_attribute(name, int64_t{1});
    list.push_back(m.done("unknown attribute", name, {attribute_place(name), "one attribute"}));
  }
}

}  // namespace

std::vector<Violation> signature_violations(const OpSchema& schema, const Graph& sample) {
  List list;
  missing_inputs(schema, sample, list);
  surplus(schema, sample, list);
  wrong_types(schema, sample, list);
  inconsistent_types(schema, sample, list);
  wrong_attributes(schema, sample, list);
  return list;
}

}  // namespace bp::test
