#include "model_text.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace bp::cli {
namespace {

std::string opset_text(const ModelMetadata& metadata) {
  std::string text;
  for (const auto& [domain, version] : metadata.opsets)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", domain.empty() ? "ai.onnx" : domain, version);
  return text;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + (name.empty() ? "-" : name);
  return text;
}

nlohmann::json to_json(const std::vector<ValueInfo>& values) {
  auto json = nlohmann::json::array();
  for (const ValueInfo& value : values)
    json.push_back({{"name", value.name}, {"type", value.type}, {"has_default", value.has_default}});
  return json;
}

}  // namespace

std::string summary_text(const Model& model) {
  const ModelMetadata& metadata = model.metadata();
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "graph '{}', IR {}, opset {}", metadata.graph_name, metadata.ir_version,
                 opset_text(metadata));
  if (!metadata.producer_name.empty())
    fmt::format_to(out, ", by {} {}", metadata.producer_name, metadata.producer_version);
  fmt::format_to(out, "\n{} nodes, {:.3f} MB of initializers\n", model.nodes().size(),
                 static_cast<double>(model.initializer_bytes()) / 1e6);
  for (const ValueInfo& input : model.inputs())
    fmt::format_to(out, "input  {}: {}{}\n", input.name, input.type,
                   input.has_default ? " (has a default)" : "");
  for (const ValueInfo& output : model.outputs())
    fmt::format_to(out, "output {}: {}\n", output.name, output.type);
  for (const auto& [key, value] : metadata.properties) fmt::format_to(out, "property {}: {}\n", key, value);
  for (const std::string& violation : metadata.violations)
    fmt::format_to(out, "against the standard: {}\n", violation);
  return text;
}

std::string graph_text(const Model& model) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (const NodeInfo& node : model.nodes()) {
    fmt::format_to(out, "{}{}{} '{}': {} -> {}\n", node.domain, node.domain.empty() ? "" : ".", node.op_type,
                   node.name, joined(node.inputs), joined(node.outputs));
    for (const AttributeInfo& attribute : node.attributes)
      fmt::format_to(out, "    {} = {}\n", attribute.name, attribute.value);
    if (node.body_count > 0) fmt::format_to(out, "    {} bodies\n", node.body_count);
  }
  const std::vector<std::string> unused = model.unused_initializers();
  if (!unused.empty()) fmt::format_to(out, "unused initializers: {}\n", joined(unused));
  return text;
}

nlohmann::json model_json(const Model& model) {
  const ModelMetadata& metadata = model.metadata();
  auto nodes = nlohmann::json::array();
  for (const NodeInfo& node : model.nodes()) {
    auto attributes = nlohmann::json::object();
    for (const AttributeInfo& attribute : node.attributes) attributes[attribute.name] = attribute.value;
    nodes.push_back({{"name", node.name},
                     {"domain", node.domain},
                     {"op_type", node.op_type},
                     {"inputs", node.inputs},
                     {"outputs", node.outputs},
                     {"attributes", attributes},
                     {"body_count", node.body_count}});
  }
  return {{"graph_name", metadata.graph_name},
          {"producer_name", metadata.producer_name},
          {"producer_version", metadata.producer_version},
          {"domain", metadata.domain},
          {"description", metadata.description},
          {"model_version", metadata.model_version},
          {"ir_version", metadata.ir_version},
          {"opsets", metadata.opsets},
          {"properties", metadata.properties},
          {"violations", metadata.violations},
          {"inputs", to_json(model.inputs())},
          {"outputs", to_json(model.outputs())},
          {"initializer_bytes", model.initializer_bytes()},
          {"unused_initializers", model.unused_initializers()},
          {"nodes", std::move(nodes)}};
}

}  // namespace bp::cli
