// The body is wrapped as a function of the model, so that whoever loads it also resolves references to
// attributes; defaults that the schema has and the node leaves out are written to the call.
#include "ops/onnx_bridge/function_body.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "ops/onnx_bridge/proto_types.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

constexpr const char* kDomain = "backplane.composite";

bool same_signature(const OpSchema& a, const OpSchema& b) {
  const auto same_parameter = [](const Parameter& x, const Parameter& y) {
    return x.name == y.name && x.option == y.option;
  };
  return std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(), same_parameter) &&
         std::equal(a.outputs.begin(), a.outputs.end(), b.outputs.begin(), b.outputs.end(), same_parameter) &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(), b.attributes.end(),
                    [](const AttributeSignature& x, const AttributeSignature& y) {
                      return x.name == y.name && x.kind == y.kind;
                    });
}

// Does libonnx's form define the node's? The newest that an older libonnx knows serves a newer form that
// differs in nothing but the element types that it takes.
bool serves(const onnx_ns::OpSchema& schema, const Node& node, const std::string& domain) {
  if (schema.SinceVersion() == node.since_version) return true;
  return same_signature(find_schema(domain, node.op_type, schema.SinceVersion()),
                        find_schema(domain, node.op_type, node.since_version));
}

onnx_ns::NodeProto call_of(const Node& node, const onnx_ns::OpSchema& schema) {
  onnx_ns::NodeProto call;
  call.set_op_type(node.op_type);
  call.set_name(node.name);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    call.add_input(node.inputs[i] == kNoId ? std::string() : "in" + std::to_string(i));
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    call.add_output(node.outputs[i] == kNoId ? std::string() : "out" + std::to_string(i));
  }
  std::set<std::string> given;
  for (const Attribute& attribute : node.attributes) {
    given.insert(attribute.name);
    to_attribute_proto(attribute, true, *call.add_attribute());
  }
  for (const auto& [name, attribute] : schema.attributes()) {
    if (given.contains(name) || !attribute.default_value.has_name()) continue;
    *call.add_attribute() = attribute.default_value;
  }
  return call;
}

// Symbols mean nothing outside the graph.
onnx_ns::TypeProto type_of(const Graph& graph, ValueId id) {
  ValueType type = id == kNoId ? ValueType::tensor(ElementType::kFloat32) : graph.value(id).type;
  for (Dim& dim : type.dims) dim.symbol = 0;
  onnx_ns::TypeProto proto;
  to_type_proto(type, proto);
  return proto;
}

bool body_of(const onnx_ns::OpSchema& schema, const onnx_ns::NodeProto& call,
             const std::vector<onnx_ns::TypeProto>& types, onnx_ns::FunctionProto& body) {
  if (schema.HasFunction()) {
    const onnx_ns::FunctionProto* found = schema.GetFunction();
    if (found == nullptr) return false;
    body = *found;
    return true;
  }
  if (!schema.HasContextDependentFunction()) return false;
  const onnx_ns::FunctionBodyBuildContextImpl context(call, types);
  return schema.BuildContextDependentFunction(context, body);
}

void declare(onnx_ns::ValueInfoProto& info, const std::string& name, const onnx_ns::TypeProto& type) {
  info.set_name(name);
  *info.mutable_type() = type;
}

std::string model_around(onnx_ns::FunctionProto body, onnx_ns::NodeProto call, const Graph& graph,
                         const Node& node) {
  onnx_ns::ModelProto model;
  model.set_ir_version(8);  // the first with functions
  for (const auto& import : body.opset_import()) *model.add_opset_import() = import;
  auto& own = *model.add_opset_import();
  own.set_domain(kDomain);
  own.set_version(1);
  onnx_ns::GraphProto& main = *model.mutable_graph();
  main.set_name(node.name);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    declare(*main.add_input(), "in" + std::to_string(i), type_of(graph, node.inputs[i]));
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoId) continue;
    declare(*main.add_output(), "out" + std::to_string(i), type_of(graph, node.outputs[i]));
  }
  call.set_domain(kDomain);
  body.set_domain(kDomain);
  *main.add_node() = std::move(call);
  *model.add_functions() = std::move(body);
  return model.SerializeAsString();
}

}  // namespace

Result<std::string> function_body_model(const Graph& graph, const Node& node) {
  const std::string domain = node.domain == "ai.onnx" ? std::string() : node.domain;
  const auto* schema = onnx_ns::OpSchemaRegistry::Schema(node.op_type, node.since_version, domain);
  if (schema == nullptr || !serves(*schema, node, domain)) return std::string();
  if (!schema->HasFunction() && !schema->HasContextDependentFunction()) return std::string();
  try {
    onnx_ns::NodeProto call = call_of(node, *schema);
    std::vector<onnx_ns::TypeProto> types;
    for (const ValueId input : node.inputs) types.push_back(type_of(graph, input));
    onnx_ns::FunctionProto body;
    if (!body_of(*schema, call, types, body)) return std::string();
    body.set_name(node.op_type);
    return model_around(std::move(body), std::move(call), graph, node);
  } catch (const std::exception& error) {
    return Status(ErrorCode::kInternal,
                  "the function body of " + node.label() + " cannot be built: " + error.what());
  }
}

}  // namespace bp
