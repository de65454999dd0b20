#include "harness/graph_zoo.hpp"

#include <fmt/format.h>

#include <limits>

namespace bp::conformance {
namespace {

RawAttribute ints(const char* name, std::vector<int64_t> values) {
  RawAttribute attribute;
  attribute.name = name;
  attribute.kind = BP_ATTRIBUTE_INTS;
  attribute.ints = std::move(values);
  return attribute;
}

RawAttribute integer(const char* name, int64_t value) {
  RawAttribute attribute;
  attribute.name = name;
  attribute.int_value = value;
  return attribute;
}

class Zoo {
 public:
  Zoo(uint32_t level, uint64_t seed) : level_(level), seed_(seed) {}

  std::vector<ZooGraph> make() {
    for (Probe& probe : all_probes(level_, seed_))
      graphs_.push_back({probe.name, std::move(probe.graph), false});
    nobody_has();
    types();
    shapes();
    attributes();
    runtime_values();
    mixed();
    graphs_.push_back({"no node at all", RawGraph(level_), false});
    return std::move(graphs_);
  }

 private:
  RawGraph& begin(std::string name) {
    return graphs_.emplace_back(ZooGraph{std::move(name), RawGraph(level_), false}).graph;
  }

  void nobody_has() {
    for (const char* domain : {"", "org.example.nobody", "ai.onnx.ml", "com.microsoft"}) {
      RawGraph& graph = begin(fmt::format("an operator that nobody has, domain '{}'", domain));
      graph.node("NoSuchOperator", {graph.input("x", BP_TYPE_FLOAT32, {2, 3})}, BP_TYPE_FLOAT32, {2, 3}, {},
                 domain);
      graphs_.back().nobody = true;
    }
    RawGraph& graph = begin("Relu of another domain");
    graph.node("Relu", {graph.input("x", BP_TYPE_FLOAT32, {2, 3})}, BP_TYPE_FLOAT32, {2, 3}, {},
               "org.example.nobody");
    graphs_.back().nobody = true;
    // A name without an end: longer than any buffer on a stack.
    RawGraph& longest = begin("an operator with a long name");
    longest.node(std::string(100'000, 'x'), {longest.input("x", BP_TYPE_FLOAT32, {1})}, BP_TYPE_FLOAT32, {1});
    graphs_.back().nobody = true;
  }

  void types() {
    for (uint32_t type = BP_TYPE_UNDEFINED; type <= BP_TYPE_INT2; ++type) {
      for (const char* op : {"Relu", "Identity"}) {
        RawGraph& graph = begin(fmt::format("{} on element type {}", op, type));
        graph.node(op, {graph.input("x", type, {2, 3})}, type, {2, 3});
      }
      RawGraph& graph = begin(fmt::format("Add on element type {}", type));
      const uint32_t a = graph.input("a", type, {4});
      graph.node("Add", {a, graph.input("b", type, {4})}, type, {4});
    }
  }

  void shapes() {
    const std::vector<std::pair<const char*, std::vector<int64_t>>> all = {
        {"rank 0", {}},
        {"an empty tensor", {2, 0, 3}},
        {"an unknown dim", {-1, 3}},
        {"unknown dims", {-1, -1, -1}},
        {"rank 12", std::vector<int64_t>(12, 2)},
        {"2^40 elements", {int64_t{1} << 20, int64_t{1} << 20}},
        {"2^62 elements", {int64_t{1} << 62}}};
    for (const auto& [name, dims] : all) {
      for (const char* op : {"Relu", "Add", "Identity"}) {
        RawGraph& graph = begin(fmt::format("{} with {}", op, name));
        std::vector<uint32_t> inputs = {graph.input("x", BP_TYPE_FLOAT32, dims)};
        if (std::string_view(op) == "Add") inputs.push_back(graph.input("y", BP_TYPE_FLOAT32, dims));
        graph.node(op, inputs, BP_TYPE_FLOAT32, dims);
      }
    }
    RawGraph& graph = begin("Relu of unknown rank");
    graph.node("Relu", {graph.input("x", BP_TYPE_FLOAT32, {})}, BP_TYPE_FLOAT32, {});
    for (RawGraph::Value& value : graph.values()) value.has_rank = false;
  }

  void attributes() {
    for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{3}, std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int64_t>::min()}) {
      RawGraph& graph = begin(fmt::format("Softmax over axis {}", value));
      graph.node("Softmax", {graph.input("x", BP_TYPE_FLOAT32, {2, 3, 4})}, BP_TYPE_FLOAT32, {2, 3, 4},
                 {integer("axis", value)});
      RawGraph& conv = begin(fmt::format("Conv with dilations and groups of {}", value));
      const uint32_t x = conv.input("x", BP_TYPE_FLOAT32, {1, 4, 9, 9});
      const uint32_t w = conv.constant("w", random_tensor(BP_TYPE_FLOAT32, {4, 4, 3, 3}, seed_));
      conv.node("Conv", {x, w}, BP_TYPE_FLOAT32, {1, 4, 7, 7},
                {ints("dilations", {value, value}), integer("group", value)});
    }
    RawGraph& unknown = begin("Relu with an attribute that it does not have");
    unknown.node("Relu", {unknown.input("x", BP_TYPE_FLOAT32, {2})}, BP_TYPE_FLOAT32, {2},
                 {integer("later", 1)});
  }

  // Values that some devices need as constants.
  void runtime_values() {
    RawGraph& reshape = begin("Reshape to a shape that is computed");
    const uint32_t x = reshape.input("x", BP_TYPE_FLOAT32, {2, 3});
    const uint32_t shape = reshape.input("shape", BP_TYPE_INT64, {2});
    reshape.node("Reshape", {x, shape}, BP_TYPE_FLOAT32, {-1, -1});
    RawGraph& conv = begin("Conv with weights that are computed");
    const uint32_t image = conv.input("x", BP_TYPE_FLOAT32, {1, 3, 8, 8});
    const uint32_t weights = conv.input("w", BP_TYPE_FLOAT32, {4, 3, 3, 3});
    conv.node("Conv", {image, weights}, BP_TYPE_FLOAT32, {1, 4, 6, 6});
    RawGraph& clip = begin("Clip without a minimum");
    const uint32_t y = clip.input("x", BP_TYPE_FLOAT32, {4});
    const uint32_t high = clip.input("max", BP_TYPE_FLOAT32, {});
    clip.node("Clip", {y, BP_NONE, high}, BP_TYPE_FLOAT32, {4});
    RawGraph& text = begin("StringConcat");
    const uint32_t a = text.input("a", BP_TYPE_STRING, {3});
    text.node("StringConcat", {a, text.input("b", BP_TYPE_STRING, {3})}, BP_TYPE_STRING, {3});
    RawGraph& constant = begin("Relu of a constant");
    constant.node("Relu", {constant.constant("x", random_tensor(BP_TYPE_FLOAT32, {3}, seed_))}, BP_TYPE_FLOAT32,
                  {3});
    RawGraph& dependent = begin("NonZero, then Cast");
    const uint32_t found =
        dependent.node("NonZero", {dependent.input("x", BP_TYPE_FLOAT32, {2, 3})}, BP_TYPE_INT64, {2, -1});
    dependent.values()[found].flags |= BP_VALUE_DATA_DEPENDENT;
    const uint32_t cast =
        dependent.node("Cast", {found}, BP_TYPE_FLOAT32, {2, -1}, {integer("to", BP_TYPE_FLOAT32)});
    dependent.values()[cast].flags |= BP_VALUE_DATA_DEPENDENT;
  }

  // As whole models are: nodes that one device has beside nodes that it does not have.
  void mixed() {
    RawGraph& graph = begin("operators that many have around one that nobody has");
    uint32_t value = graph.input("x", BP_TYPE_FLOAT32, {2, 8});
    for (const char* op : {"Relu", "Sigmoid", "NoSuchOperator", "Neg", "Softmax", "Tanh"}) {
      value = graph.node(op, {value}, BP_TYPE_FLOAT32, {2, 8});
    }
    RawGraph& large = begin("a chain of 500 nodes");
    value = large.input("x", BP_TYPE_FLOAT32, {16});
    for (int i = 0; i < 500; ++i)
      value = large.node(i % 2 == 0 ? "Relu" : "Neg", {value}, BP_TYPE_FLOAT32, {16});
  }

  uint32_t level_;
  uint64_t seed_;
  std::vector<ZooGraph> graphs_;
};

}  // namespace

std::vector<ZooGraph> graph_zoo(uint32_t canonical_level, uint64_t seed) {
  return Zoo(canonical_level, seed).make();
}

}  // namespace bp::conformance
