// Arity, attribute and element-type rules over the signature table; one finding, the first, per call.
#include "ops/onnx_bridge/check_node.hpp"

#include <fmt/format.h>

#include <map>

#include "ops/attribute_rules.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

Status invalid(const Node& node, const std::string& text) {
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", node.label(), text)};
}

Status check_arity(const Node& node, const std::vector<Parameter>& formal, size_t count, const char* word) {
  size_t least = 0;
  size_t most = formal.size();
  for (size_t i = 0; i < formal.size(); ++i) {
    if (formal[i].option == ParameterOption::kSingle) least = i + 1;
    if (formal[i].option == ParameterOption::kVariadic) {
      if (formal[i].min_arity > 0) least = i + formal[i].min_arity;
      most = SIZE_MAX;
    }
  }
  if (count < least) return invalid(node, fmt::format("must have at least {} {}s, has {}", least, word, count));
  if (count > most) return invalid(node, fmt::format("may have at most {} {}s, has {}", most, word, count));
  return {};
}

Status check_present(const Node& node, const OpSchema& schema, size_t own_inputs) {
  for (size_t i = 0; i < own_inputs; ++i) {
    const Parameter* parameter = schema.input(i);
    if (node.inputs[i] == kNoId && parameter != nullptr && parameter->option == ParameterOption::kSingle) {
      return invalid(node, fmt::format("input {} ('{}') is required, but empty", i, parameter->name));
    }
  }
  return {};
}

// The letter that the signature table uses for a value's type.
char kind_letter(const AttributeValue& value) {
  constexpr char kLetters[] = {'i', 'f', 's', 't', 'I', 'F', 'S', 'T', 'p'};
  return kLetters[value.index()];
}

const char* kind_name(char letter) {
  switch (letter) {
    case 'i':
      return "an integer";
    case 'f':
      return "a float";
    case 's':
      return "a string";
    case 't':
      return "a tensor";
    case 'g':
      return "a graph";
    case 'y':
      return "a sparse tensor";
    case 'p':
      return "a type";
    case 'I':
      return "a list of integers";
    case 'F':
      return "a list of floats";
    case 'S':
      return "a list of strings";
    case 'T':
      return "a list of tensors";
    default:
      return "a list of graphs";
  }
}

// An empty list has no type of its own in the file: it fits every kind of list.
bool is_empty_list(const AttributeValue& value) {
  return std::visit(
      [](const auto& held) {
        if constexpr (requires {
                        held.empty();
                        typename std::decay_t<decltype(held)>::value_type;
                      }) {
          return held.empty() && !std::is_same_v<std::decay_t<decltype(held)>, std::string>;
        } else {
          return false;
        }
      },
      value);
}

bool kind_fits(const AttributeValue& value, char expected) {
  if (kind_letter(value) == expected) return true;
  // A sparse tensor that became a tensor, and an empty list of the wrong type.
  if (expected == 'y' && kind_letter(value) == 't') return true;
  return expected >= 'A' && expected <= 'Z' && is_empty_list(value);
}

Status check_attributes(const Node& node, const OpSchema& schema) {
  for (const Attribute& attribute : node.attributes) {
    const AttributeSignature* signature = schema.attribute(attribute.name);
    if (signature == nullptr) {
      return invalid(node, fmt::format("has no attribute '{}' in the form of opset {}", attribute.name,
                                       schema.since_version));
    }
    if (!kind_fits(attribute.value, signature->kind)) {
      return invalid(node, fmt::format("attribute '{}' must be {}, is {}", attribute.name,
                                       kind_name(signature->kind), kind_name(kind_letter(attribute.value))));
    }
  }
  size_t graphs = 0;
  for (const AttributeSignature& signature : schema.attributes) {
    if (signature.kind == 'g' || signature.kind == 'G') {
      ++graphs;  // bodies are regions, not attributes
    } else if (signature.required && node.find_attribute(signature.name) == nullptr) {
      return invalid(node, fmt::format("attribute '{}' is required", signature.name));
    }
  }
  if (node.regions.size() < graphs) {
    return invalid(node, fmt::format("must have {} graphs as attributes, has {}", graphs, node.regions.size()));
  }
  return {};
}

// Types bound to a type name so far: {"T", int64}.
using Bound = std::map<std::string_view, std::pair<const ValueType*, std::string>>;

bool same_kind(const ValueType& a, const ValueType& b) {
  if (a.kind == ValueKind::kUnknown || b.kind == ValueKind::kUnknown) return true;
  if (a.kind != b.kind) return false;
  const bool element_known = a.element != ElementType::kUndefined && b.element != ElementType::kUndefined;
  if (element_known && a.element != b.element) return false;
  return !a.contained || !b.contained || same_kind(*a.contained, *b.contained);
}

Status check_type(const Node& node, const Graph& graph, const Parameter& parameter, ValueId id,
                  std::string place, Bound& bound) {
  const ValueType& type = graph.value(id).type;
  if (parameter.types != nullptr && !parameter.types->accepts(type)) {
    return invalid(
        node, fmt::format("{} ('{}', value '{}') may not be {}, expected {}", place, parameter.name,
                          graph.value(id).name, type.to_string(graph.symbols()), parameter.types->to_string()));
  }
  const bool one_type = parameter.option != ParameterOption::kVariadic || parameter.homogeneous;
  if (parameter.type_name.empty() || !one_type || type.kind == ValueKind::kUnknown) return {};
  const auto [found, added] = bound.try_emplace(parameter.type_name, &type, place);
  if (!added && !same_kind(*found->second.first, type)) {
    return invalid(
        node, fmt::format("{} ('{}', value '{}') must have the type of {}, which is {}, but is {}", place,
                          parameter.name, graph.value(id).name, found->second.second,
                          found->second.first->to_string(graph.symbols()), type.to_string(graph.symbols())));
  }
  return {};
}

size_t own_input_count(const Node& node) {
  return node.inputs.size() - std::min<size_t>(node.capture_count, node.inputs.size());
}

Status check_input_types(const Node& node, const Graph& graph, const OpSchema& schema, Bound& bound) {
  for (size_t i = 0; i < own_input_count(node); ++i) {
    const Parameter* parameter = schema.input(i);
    if (node.inputs[i] == kNoId || parameter == nullptr) continue;
    BP_RETURN_IF_ERROR(check_type(node, graph, *parameter, node.inputs[i], fmt::format("input {}", i), bound));
  }
  return {};
}

Status check_types(const Node& node, const Graph& graph, const OpSchema& schema) {
  Bound bound;
  BP_RETURN_IF_ERROR(check_input_types(node, graph, schema, bound));
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoId) continue;
    BP_RETURN_IF_ERROR(
        check_type(node, graph, *schema.output(i), node.outputs[i], fmt::format("output {}", i), bound));
  }
  return {};
}

Status unknown_operator(const Node& node, int64_t opset) {
  const int32_t first = first_version(node.domain, node.op_type);
  const std::string domain = node.domain.empty() ? "ai.onnx" : node.domain;
  const std::string detail =
      first == 0
          ? fmt::format("domain '{}' has no operator '{}' (opset {})", domain, node.op_type, opset)
          : fmt::format("operator '{}' exists in domain '{}' from opset {} on, the model imports opset {}",
                        node.op_type, domain, first, opset);
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", node.label(), detail)};
}

}  // namespace

int64_t imported_version(std::span<const OpsetImport> opsets, std::string_view domain) noexcept {
  const auto plain = [](std::string_view name) { return name == "ai.onnx" ? std::string_view() : name; };
  for (const OpsetImport& import : opsets) {
    if (plain(import.domain) == plain(domain)) return import.version;
  }
  return 0;
}

Status check_node(const Node& node, const Graph& graph, std::span<const OpsetImport> opsets) {
  if (!is_standard_domain(node.domain) && first_version(node.domain, node.op_type) == 0) return {};
  const int64_t opset = node.since_version > 0 ? node.since_version : imported_version(opsets, node.domain);
  if (opset == 0) return invalid(node, fmt::format("the model imports no opset of domain '{}'", node.domain));
  const OpSchema schema = find_schema(node.domain, node.op_type, opset);
  if (schema.since_version == 0) return unknown_operator(node, opset);
  if (schema.deprecated) {
    return invalid(node, fmt::format("the operator was withdrawn in opset {}", schema.since_version));
  }
  const size_t own_inputs = own_input_count(node);
  BP_RETURN_IF_ERROR(check_arity(node, schema.inputs, own_inputs, "input"));
  BP_RETURN_IF_ERROR(check_arity(node, schema.outputs, node.outputs.size(), "output"));
  BP_RETURN_IF_ERROR(check_present(node, schema, own_inputs));
  BP_RETURN_IF_ERROR(check_attributes(node, schema));
  BP_RETURN_IF_ERROR(check_attribute_values(node, schema));
  return check_types(node, graph, schema);
}

Status check_input_types(const Node& node, const Graph& graph, std::span<const OpsetImport> opsets) {
  if (!is_standard_domain(node.domain)) return {};
  const int64_t opset = node.since_version > 0 ? node.since_version : imported_version(opsets, node.domain);
  const OpSchema schema = find_schema(node.domain, node.op_type, opset);
  if (schema.since_version == 0) return {};
  Bound bound;
  return check_input_types(node, graph, schema, bound);
}

Status check_node(const Node& node, const Graph& graph) { return check_node(node, graph, graph.opsets); }

}  // namespace bp
