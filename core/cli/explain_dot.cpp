#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string_view>

#include "explain_report.hpp"

namespace bp::cli {
namespace {

// For devices in the order of preference, then again from the start; the core's own nodes are grey.
constexpr std::array<std::string_view, 6> kColours = {"#cfe8cf", "#cfdcf2", "#f6ddc4",
                                                      "#e6d3ee", "#f4f0c0", "#d2eeee"};
constexpr std::string_view kGrey = "#e4e4e4";

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter;
  }
  return result + '"';
}

std::string_view colour(const SessionReport& report, const std::string& placement) {
  const auto device = std::find(report.devices.begin(), report.devices.end(), placement);
  if (device == report.devices.end()) return kGrey;
  return kColours[static_cast<size_t>(device - report.devices.begin()) % kColours.size()];
}

}  // namespace

std::string explain_dot(const SessionReport& report) {
  std::string text = "digraph model {\n  node [shape=box, style=filled, fontname=\"sans-serif\"];\n";
  const auto out = std::back_inserter(text);
  // A body may use a name of its own again; a value found there hides the outer one.
  std::map<std::pair<std::string, std::string>, size_t> makers;
  for (size_t i = 0; i < report.nodes.size(); ++i)
    for (const std::string& output : report.nodes[i].outputs) makers[{report.nodes[i].body_of, output}] = i;
  for (size_t i = 0; i < report.nodes.size(); ++i) {
    const ReportNode& node = report.nodes[i];
    fmt::format_to(out, "  n{} [label={}, fillcolor={}, tooltip={}];\n", i,
                   quoted(node.op_type + "\n" + node.placement), quoted(colour(report, node.placement)),
                   quoted(node.name));
    for (const std::string& input : node.inputs) {
      auto maker = makers.find({node.body_of, input});
      if (maker == makers.end()) maker = makers.find({std::string(), input});
      if (maker == makers.end()) continue;
      const auto& outputs = report.nodes[maker->second].outputs;
      const auto index =
          static_cast<size_t>(std::find(outputs.begin(), outputs.end(), input) - outputs.begin());
      const auto& types = report.nodes[maker->second].output_types;
      fmt::format_to(out, "  n{} -> n{} [label={}];\n", maker->second, i,
                     quoted(index < types.size() ? types[index] : ""));
    }
  }
  return text + "}\n";
}

}  // namespace bp::cli
