// proto3 writers leave out values that equal the default, so a missing value of the declared type is the
// default and no error.
#include "load/convert_attribute.hpp"

#include <fmt/format.h>

#include "load/convert_tensor.hpp"
#include "load/convert_type.hpp"

namespace bp {
namespace {

using Proto = onnx::AttributeProto;

struct Kind {
  Proto::AttributeType type;
  const char* name;
  bool (*present)(const Proto&);
};

constexpr Kind kKinds[] = {
    {Proto::FLOAT, "a float", [](const Proto& a) { return a.has_f(); }},
    {Proto::INT, "an int", [](const Proto& a) { return a.has_i(); }},
    {Proto::STRING, "a string", [](const Proto& a) { return a.has_s(); }},
    {Proto::TENSOR, "a tensor", [](const Proto& a) { return a.has_t(); }},
    {Proto::GRAPH, "a graph", [](const Proto& a) { return a.has_g(); }},
    {Proto::SPARSE_TENSOR, "a sparse tensor", [](const Proto& a) { return a.has_sparse_tensor(); }},
    {Proto::TYPE_PROTO, "a type", [](const Proto& a) { return a.has_tp(); }},
    {Proto::FLOATS, "floats", [](const Proto& a) { return a.floats_size() > 0; }},
    {Proto::INTS, "ints", [](const Proto& a) { return a.ints_size() > 0; }},
    {Proto::STRINGS, "strings", [](const Proto& a) { return a.strings_size() > 0; }},
    {Proto::TENSORS, "tensors", [](const Proto& a) { return a.tensors_size() > 0; }},
    {Proto::GRAPHS, "graphs", [](const Proto& a) { return a.graphs_size() > 0; }},
    {Proto::SPARSE_TENSORS, "sparse tensors", [](const Proto& a) { return a.sparse_tensors_size() > 0; }},
    {Proto::TYPE_PROTOS, "types", [](const Proto& a) { return a.type_protos_size() > 0; }},
};

const char* type_name(Proto::AttributeType type) {
  for (const Kind& kind : kKinds) {
    if (kind.type == type) return kind.name;
  }
  return "undefined";
}

Status invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message)}; }

Result<AttributeValue> convert_tensors(LoadContext& context, const Proto& proto) {
  std::vector<TensorPtr> tensors;
  for (const onnx::TensorProto& tensor : proto.tensors()) {
    BP_ASSIGN_OR_RETURN(TensorPtr converted, convert_tensor(context, tensor));
    tensors.push_back(std::move(converted));
  }
  return AttributeValue(std::move(tensors));
}

}  // namespace

Result<Proto::AttributeType> attribute_type(const Proto& proto) {
  if (!proto.ref_attr_name().empty()) {
    return invalid(fmt::format("attribute '{}' refers to '{}' of a function, but is in no function",
                               proto.name(), proto.ref_attr_name()));
  }
  const Kind* found = nullptr;
  for (const Kind& kind : kKinds) {
    if (!kind.present(proto)) continue;
    if (kind.type == proto.type()) return proto.type();
    found = &kind;
  }
  if (found == nullptr && proto.type() == Proto::UNDEFINED) {
    return invalid(fmt::format("attribute '{}' has neither a type nor a value", proto.name()));
  }
  if (found == nullptr) return proto.type();
  if (proto.type() == Proto::UNDEFINED) return found->type;
  return invalid(fmt::format("attribute '{}' is declared as {}, but holds {}", proto.name(),
                             type_name(proto.type()), found->name));
}

Result<AttributeValue> convert_attribute(LoadContext& context, const Proto& proto, SymbolTable& symbols) {
  BP_ASSIGN_OR_RETURN(const Proto::AttributeType type, attribute_type(proto));
  switch (type) {
    case Proto::FLOAT:
      return AttributeValue(proto.f());
    case Proto::INT:
      return AttributeValue(static_cast<int64_t>(proto.i()));
    case Proto::STRING:
      return AttributeValue(proto.s());
    case Proto::FLOATS:
      return AttributeValue(std::vector<float>(proto.floats().begin(), proto.floats().end()));
    case Proto::INTS:
      return AttributeValue(std::vector<int64_t>(proto.ints().begin(), proto.ints().end()));
    case Proto::STRINGS:
      return AttributeValue(std::vector<std::string>(proto.strings().begin(), proto.strings().end()));
    case Proto::TENSOR: {
      Result<TensorPtr> tensor = convert_tensor(context, proto.t());
      if (!tensor.ok()) return tensor.status().at(fmt::format("attribute '{}'", proto.name()));
      return AttributeValue(std::move(*tensor));
    }
    case Proto::SPARSE_TENSOR: {
      Result<TensorPtr> tensor = convert_sparse_tensor(context, proto.sparse_tensor());
      if (!tensor.ok()) return tensor.status().at(fmt::format("attribute '{}'", proto.name()));
      return AttributeValue(std::move(*tensor));
    }
    case Proto::TENSORS: {
      Result<AttributeValue> tensors = convert_tensors(context, proto);
      if (!tensors.ok()) return tensors.status().at(fmt::format("attribute '{}'", proto.name()));
      return tensors;
    }
    case Proto::TYPE_PROTO: {
      BP_ASSIGN_OR_RETURN(ValueType converted, convert_type(proto.tp(), symbols));
      return AttributeValue(std::move(converted));
    }
    default:
      break;
  }
  return Status(ErrorCode::kUnsupported, fmt::format("attribute '{}' is {}, which is not supported here",
                                                     proto.name(), type_name(type)));
}

Result<TensorPtr> convert_constant_node(LoadContext& context, const onnx::NodeProto& node) {
  if (node.input_size() != 0) return invalid(fmt::format("may have no inputs, has {}", node.input_size()));
  if (node.attribute_size() != 1) {
    return invalid(fmt::format("must have exactly one attribute, has {}", node.attribute_size()));
  }
  const Proto& proto = node.attribute(0);
  SymbolTable none;
  BP_ASSIGN_OR_RETURN(const AttributeValue value, convert_attribute(context, proto, none));
  const std::string& name = proto.name();
  const auto length = [](const auto& list) { return ConcreteDims{static_cast<int64_t>(list->size())}; };
  if (name == "value" || name == "sparse_value") {
    if (const auto* tensor = std::get_if<TensorPtr>(&value)) return *tensor;
  } else if (name == "value_float") {
    if (const auto* item = std::get_if<float>(&value)) return TensorPtr(Tensor::of_float({}, {item, 1}));
  } else if (name == "value_int") {
    if (const auto* item = std::get_if<int64_t>(&value)) return TensorPtr(Tensor::of_int64({}, {item, 1}));
  } else if (name == "value_string") {
    if (const auto* item = std::get_if<std::string>(&value))
      return TensorPtr(Tensor::of_strings({}, {item, 1}));
  } else if (name == "value_floats") {
    if (const auto* list = std::get_if<std::vector<float>>(&value)) {
      return TensorPtr(Tensor::of_float(length(list), *list));
    }
  } else if (name == "value_ints") {
    if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
      return TensorPtr(Tensor::of_int64(length(list), *list));
    }
  } else if (name == "value_strings") {
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
      return TensorPtr(Tensor::of_strings(length(list), *list));
    }
  } else {
    return invalid(fmt::format("attribute '{}' is unknown", name));
  }
  return invalid(fmt::format("attribute '{}' is of the wrong type ({})", name, type_name(proto.type())));
}

}  // namespace bp
