// The types are cut out of the text, then put at the inputs and outputs of those names.
#include "text_model_helper.hpp"

#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

#include <map>
#include <regex>

namespace bp::test {
namespace {

using Types = std::map<std::string, std::string>;  // by name

std::string cut_types(std::string text, Types& types) {
  const std::regex start(R"(\b(seq|optional|map)\()");
  std::smatch found;
  while (std::regex_search(text, found, start)) {
    const auto begin = static_cast<size_t>(found.position());
    size_t end = begin + static_cast<size_t>(found.length());
    for (int depth = 1; depth > 0; ++end) depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
    const size_t name = text.find_first_not_of(' ', end);
    types[text.substr(name, text.find_first_of(" ,)", name) - name)] = text.substr(begin, end - begin);
    text.erase(begin, name - begin);
  }
  return text;
}

void set_types(onnx::GraphProto& graph, const Types& types) {
  for (auto* infos : {graph.mutable_input(), graph.mutable_output()})
    for (onnx::ValueInfoProto& info : *infos) {
      const auto type = types.find(info.name());
      if (type == types.end()) continue;
      const auto status = onnx::OnnxParser::Parse(*info.mutable_type(), type->second.c_str());
      EXPECT_TRUE(status.IsOK()) << type->second << ": " << status.ErrorMessage();
    }
  for (onnx::NodeProto& node : *graph.mutable_node())
    for (onnx::AttributeProto& attribute : *node.mutable_attribute())
      if (attribute.has_g()) set_types(*attribute.mutable_g(), types);
}

}  // namespace

onnx::ModelProto parse_model(const std::string& text) {
  Types types;
  onnx::ModelProto proto;
  const auto status = onnx::OnnxParser::Parse(proto, cut_types(text, types).c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  set_types(*proto.mutable_graph(), types);
  return proto;
}

}  // namespace bp::test
