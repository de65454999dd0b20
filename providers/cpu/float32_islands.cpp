// Which nodes compute in float32, and the graph rewritten for them.
#include "float32_islands.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "constants.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr TypeMask kHalves = mask(Type::kFloat16, Type::kBfloat16);

// Worth the casts: float32 has fast code, 16-bit floats have not.
constexpr std::string_view kHeavy[] = {"Attention", "Conv", "ConvTranspose", "GRU",
                                       "Gemm",      "LSTM", "MatMul",        "RNN"};
// Continuous functions, which a finer argument makes more exact.
constexpr std::string_view kArithmetic[] = {"Abs",
                                            "Add",
                                            "AveragePool",
                                            "BatchNormalization",
                                            "Clip",
                                            "Div",
                                            "Elu",
                                            "Erf",
                                            "Exp",
                                            "Gelu",
                                            "GlobalAveragePool",
                                            "GlobalMaxPool",
                                            "HardSigmoid",
                                            "HardSwish",
                                            "InstanceNormalization",
                                            "LRN",
                                            "LayerNormalization",
                                            "LeakyRelu",
                                            "Max",
                                            "MaxPool",
                                            "Mean",
                                            "Min",
                                            "Mish",
                                            "Mul",
                                            "Neg",
                                            "PRelu",
                                            "Pow",
                                            "RMSNormalization",
                                            "Reciprocal",
                                            "ReduceMax",
                                            "ReduceMean",
                                            "ReduceMin",
                                            "ReduceSum",
                                            "Relu",
                                            "Resize",
                                            "RotaryEmbedding",
                                            "Sigmoid",
                                            "Softmax",
                                            "Softplus",
                                            "Sqrt",
                                            "Sub",
                                            "Sum",
                                            "Swish",
                                            "Tanh",
                                            "Where"};
// Follow what they move.
constexpr std::string_view kMovement[] = {"Concat",  "DepthToSpace", "Expand",    "Flatten",      "Identity",
                                          "Pad",     "Reshape",      "Slice",     "SpaceToDepth", "Split",
                                          "Squeeze", "Tile",         "Transpose", "Unsqueeze"};

template <size_t kCount>
bool is_in(const std::string_view (&names)[kCount], const Node& node) {
  return node.domain.empty() && std::find(std::begin(names), std::end(names), node.op_type) != std::end(names);
}

class Islands {
 public:
  explicit Islands(Graph& graph)
      : graph_(graph), twins_(graph.values.size(), BP_NONE), is_missing_(graph.values.size(), false) {}

  void make() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& node : nodes) {
      const bool wide = is_wide(node);
      for (uint32_t& input : node.inputs) {
        if (!is_half(input)) continue;
        if (wide) {
          input = widened(input, node);
        } else {
          narrow(input, node);
        }
      }
      for (uint32_t& output : node.outputs) {
        if (!wide || !is_half(output)) continue;
        is_missing_[output] = true;
        output = twin(output);
      }
      graph_.nodes.push_back(std::move(node));
    }
    const Node last = graph_.nodes.back();
    for (const uint32_t output : graph_.outputs) {
      if (is_half(output)) narrow(output, last);
    }
    link_graph(graph_);
  }

 private:
  bool is_half(uint32_t value) const {
    return value != BP_NONE && (mask(graph_.values[value].type) & kHalves) != 0;
  }

  bool is_wide(const Node& node) const {
    const auto any_half = [&](auto&& holds) {
      return std::any_of(node.inputs.begin(), node.inputs.end(),
                         [&](uint32_t value) { return is_half(value) && holds(value); });
    };
    // What specialize reads of a value that the host computes is lost behind a cast.
    const bool reads_host_value = any_half(
        [&](uint32_t value) { return graph_.values[value].host_value && !graph_.values[value].constant; });
    if (reads_host_value) return false;
    if (is_in(kHeavy, node) || is_in(kArithmetic, node)) return any_half([](uint32_t) { return true; });
    return is_in(kMovement, node) && any_half([&](uint32_t value) { return is_missing_[value]; });
  }

  // The float32 value that stands for `value`.
  uint32_t twin(uint32_t value) {
    if (twins_[value] == BP_NONE) {
      Value made = graph_.values[value];
      made.type = Type::kFloat32;
      made.host_value = false;
      if (made.constant) made.constant_id = Constants::widened(made.constant_id);
      twins_[value] = static_cast<uint32_t>(graph_.values.size());
      graph_.values.push_back(std::move(made));
    }
    return twins_[value];
  }

  uint32_t widened(uint32_t value, const Node& owner) {
    const bool exists = twins_[value] != BP_NONE;
    const uint32_t wide = twin(value);
    if (!exists && !graph_.values[value].constant) add_cast(value, wide, owner);
    return wide;
  }

  // Makes the value itself where only its twin is there.
  void narrow(uint32_t value, const Node& owner) {
    if (!is_missing_[value]) return;
    add_cast(twins_[value], value, owner);
    is_missing_[value] = false;
  }

  void add_cast(uint32_t from, uint32_t to, const Node& owner) {
    Node cast;
    cast.op_type = "Cast";
    cast.name = owner.name;
    cast.since_version = 13;
    cast.inputs = {from};
    cast.outputs = {to};
    cast.row = find_row("", "Cast");
    cast.origin = owner.origin;
    graph_.nodes.push_back(std::move(cast));
  }

  Graph& graph_;
  std::vector<uint32_t> twins_;   // per value of the model
  std::vector<bool> is_missing_;  // only the twin has been made
};

}  // namespace

void make_float32_islands(Graph& graph) {
  const bool pays = std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    return is_in(kHeavy, node) && (mask(graph.values[node.inputs[0]].type) & kHalves) != 0;
  });
  if (pays) Islands(graph).make();
}

}  // namespace bp::cpu
