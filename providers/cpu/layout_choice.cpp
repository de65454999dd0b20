// Follows what convolutions make through the graph.
#include "layout_choice.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "instruction_set.hpp"

namespace bp::cpu {

namespace {

template <size_t kCount>
bool is_one_of(const Node& node, const std::array<std::string_view, kCount>& names) {
  return node.domain.empty() && std::find(names.begin(), names.end(), node.op_type) != names.end();
}

constexpr std::array<std::string_view, 10> kKeepLayout = {
    "Relu",    "Clip",        "LeakyRelu",          "Add",      "Sum",
    "MaxPool", "AveragePool", "BatchNormalization", "Identity", "Dropout"};
// Behind these little is left that could lie in one way or another.
constexpr std::array<std::string_view, 4> kEnds = {"GlobalAveragePool", "GlobalMaxPool", "Flatten", "Reshape"};

}  // namespace

Layout choose_convolution_layout(const Graph& graph) {
  if (instruction_set() != InstructionSet::kAvx512) return Layout::kBlocked16;
  std::vector<bool> carried(graph.values.size(), false);  // lies as a convolution left it
  size_t convolutions = 0;
  for (const Node& node : graph.nodes) {
    const bool convolution = node.domain.empty() && node.op_type == "Conv";
    if (convolution) {
      ++convolutions;
      if (node.attributes.int_or("group", 1) != 1) return Layout::kBlocked16;
    }
    const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(),
                                   [&](uint32_t value) { return value != BP_NONE && carried[value]; });
    if (!convolution && (!reads || is_one_of(node, kEnds))) continue;
    if (!convolution && !is_one_of(node, kKeepLayout)) return Layout::kBlocked16;
    for (const uint32_t value : node.outputs) {
      if (value != BP_NONE) carried[value] = true;
    }
  }
  return convolutions > 1 ? Layout::kChannelsLast : Layout::kBlocked16;
}

}  // namespace bp::cpu
