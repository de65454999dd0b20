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

bool is_convolution(const Node& node) { return node.domain.empty() && node.op_type == "Conv"; }

// Dense convolutions only, and nothing between them that cares how channels lie.
bool all_keep_layout(const Graph& graph) {
  std::vector<bool> carried(graph.values.size(), false);  // lies as a convolution left it
  size_t convolutions = 0;
  for (const Node& node : graph.nodes) {
    const bool convolution = is_convolution(node);
    if (convolution) {
      ++convolutions;
      if (node.attributes.int_or("group", 1) != 1) return false;
    }
    const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(),
                                   [&](uint32_t value) { return value != BP_NONE && carried[value]; });
    if (!convolution && (!reads || is_one_of(node, kEnds))) continue;
    if (!convolution && !is_one_of(node, kKeepLayout)) return false;
    for (const uint32_t value : node.outputs) {
      if (value != BP_NONE) carried[value] = true;
    }
  }
  return convolutions > 1;
}

// How much more is multiplied by dense convolutions when channels are filled up to blocks; 1 where dims are not
// known.
double air(const Graph& graph) {
  constexpr int64_t kFewChannels = 4;  // of pictures, which are not filled up
  double work = 0;
  double filled = 0;
  for (const Node& node : graph.nodes) {
    if (!is_convolution(node) || node.inputs.size() < 2 || node.attributes.int_or("group", 1) != 1) continue;
    const Dims& weights = graph.values[node.inputs[1]].dims;
    const Dims& dst = graph.values[node.outputs[0]].dims;
    if (weights.size() < 3 || dst.size() != weights.size() || weights[1] <= kFewChannels) continue;
    const auto unknown = [](int64_t dim) { return dim <= 0; };
    if (std::any_of(dst.begin(), dst.end(), unknown) || std::any_of(weights.begin(), weights.end(), unknown))
      return 1;
    const auto up = [](int64_t channels) { return static_cast<double>((channels + 15) / 16 * 16); };
    const double products =
        static_cast<double>(element_count(dst)) * static_cast<double>(element_count(weights) / weights[0]);
    work += products;
    filled += products * up(weights[0]) * up(weights[1]) / static_cast<double>(weights[0] * weights[1]);
  }
  return work > 0 ? filled / work : 1;
}

bool is_mostly_1x1(const Graph& graph) {
  int64_t small = 0;
  for (const Node& node : graph.nodes) {
    if (!is_convolution(node) || node.inputs.size() < 2) continue;
    const Dims& weights = graph.values[node.inputs[1]].dims;
    const auto wide = [](int64_t extent) { return extent != 1; };
    small += weights.size() > 2 && std::none_of(weights.begin() + 2, weights.end(), wide) ? 1 : -1;
  }
  return small > 0;
}

}  // namespace

ConvolutionLayouts choose_convolution_layouts(const Graph& graph) {
  constexpr double kTooMuchAir = 1.3;
  constexpr Layout kLast = Layout::kChannelsLast;
  if (instruction_set() != InstructionSet::kAvx512) return {};
  if (air(graph) > kTooMuchAir) return {kLast, kLast};
  if (!all_keep_layout(graph)) return {};
  return {kLast, is_mostly_1x1(graph) ? Layout::kBlocked16 : kLast};
}

}  // namespace bp::cpu
