// One node of a graph view: its values, and its attributes read with their types checked.
#ifndef BACKPLANE_PROVIDER_CPP_NODE_HPP
#define BACKPLANE_PROVIDER_CPP_NODE_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../provider/graph.h"
#include "error.hpp"
#include "view.hpp"

namespace bp::sdk {

// Cheap to copy; valid as long as the view. An attribute of the wrong type, or a missing one without a
// fallback, throws INVALID_MODEL: "Conv 'conv_12': attribute 'group' must be INT, is STRING".
class Node {
 public:
  Node(const bp_graph& graph, uint32_t index)
      : graph_(&graph), node_(BP_AT(bp_node, graph.nodes, index)), index_(index) {}

  [[nodiscard]] const bp_node& raw() const { return *node_; }
  [[nodiscard]] uint32_t index() const { return index_; }  // position in the view
  [[nodiscard]] std::string_view name() const { return view(node_->name); }
  [[nodiscard]] std::string_view domain() const { return view(node_->domain); }
  [[nodiscard]] std::string_view op_type() const { return view(node_->op_type); }
  // True for operator `op_type` of ONNX's own domain.
  [[nodiscard]] bool is(std::string_view op_type) const {
    return view(node_->op_type) == op_type && node_->domain.size == 0;
  }
  // "Conv 'conv_12'", for messages.
  [[nodiscard]] std::string label() const { return message(op_type(), " '", name(), "'"); }

  [[nodiscard]] uint32_t input_count() const { return static_cast<uint32_t>(node_->inputs.count); }
  [[nodiscard]] uint32_t output_count() const { return static_cast<uint32_t>(node_->outputs.count); }
  // Index of the value in the view; BP_NONE when omitted or past the end.
  [[nodiscard]] uint32_t input_index(uint32_t input) const { return value_index(node_->inputs, input); }
  [[nodiscard]] uint32_t output_index(uint32_t output) const { return value_index(node_->outputs, output); }
  // The value; NULL when omitted or past the end.
  [[nodiscard]] const bp_value* input(uint32_t input) const { return value(input_index(input)); }
  [[nodiscard]] const bp_value* output(uint32_t output) const { return value(output_index(output)); }

  // NULL when the node does not state it.
  [[nodiscard]] const bp_attribute* attribute(std::string_view name) const {
    for (const bp_attribute& attribute : Array<bp_attribute>(node_->attributes)) {
      if (view(attribute.name) == name) return &attribute;
    }
    return nullptr;
  }

  [[nodiscard]] int64_t get_int(std::string_view name, std::optional<int64_t> fallback = {}) const {
    const bp_attribute* found = find(name, BP_ATTRIBUTE_INT, fallback.has_value());
    return found != nullptr ? found->int_value : *fallback;
  }
  [[nodiscard]] float get_float(std::string_view name, std::optional<float> fallback = {}) const {
    const bp_attribute* found = find(name, BP_ATTRIBUTE_FLOAT, fallback.has_value());
    return found != nullptr ? found->float_value : *fallback;
  }
  [[nodiscard]] std::string_view get_string(std::string_view name,
                                            std::optional<std::string_view> fallback = {}) const {
    const bp_attribute* found = find(name, BP_ATTRIBUTE_STRING, fallback.has_value());
    return found != nullptr ? view(found->string_value) : *fallback;
  }
  // Lists: empty when the node does not state them.
  [[nodiscard]] std::vector<int64_t> get_ints(std::string_view name) const {
    return get_list<int64_t>(name, BP_ATTRIBUTE_INTS);
  }
  [[nodiscard]] std::vector<float> get_floats(std::string_view name) const {
    return get_list<float>(name, BP_ATTRIBUTE_FLOATS);
  }
  [[nodiscard]] std::vector<std::string_view> get_strings(std::string_view name) const {
    std::vector<std::string_view> texts;
    const bp_attribute* found = find(name, BP_ATTRIBUTE_STRINGS, true);
    if (found == nullptr) return texts;
    for (const bp_string& text : Array<bp_string>(found->list)) texts.push_back(view(text));
    return texts;
  }
  // NULL when the node does not state it; valid as long as the view.
  [[nodiscard]] const bp_tensor* get_tensor(std::string_view name) const {
    const bp_attribute* found = find(name, BP_ATTRIBUTE_TENSOR, true);
    return found != nullptr && found->list.count > 0 ? BP_AT(bp_tensor, found->list, 0) : nullptr;
  }

 private:
  [[nodiscard]] static uint32_t value_index(bp_array indices, uint32_t position) {
    return position < indices.count ? *BP_AT(uint32_t, indices, position) : BP_NONE;
  }
  [[nodiscard]] const bp_value* value(uint32_t index) const {
    return index == BP_NONE ? nullptr : BP_AT(bp_value, graph_->values, index);
  }
  template <class T>
  [[nodiscard]] std::vector<T> get_list(std::string_view name, uint32_t kind) const {
    const bp_attribute* found = find(name, kind, true);
    return found != nullptr ? Array<T>(found->list).to_vector() : std::vector<T>();
  }
  [[nodiscard]] const bp_attribute* find(std::string_view name, uint32_t kind, bool optional) const {
    const bp_attribute* found = attribute(name);
    if (found == nullptr && !optional) {
      throw Error(BP_STATUS_INVALID_MODEL, message(label(), ": attribute '", name, "' is missing"));
    }
    if (found != nullptr && found->kind != kind) {
      throw Error(BP_STATUS_INVALID_MODEL, message(label(), ": attribute '", name, "' must be ",
                                                   kind_name(kind), ", is ", kind_name(found->kind)));
    }
    return found;
  }
  [[nodiscard]] static std::string_view kind_name(uint32_t kind) {
    constexpr std::string_view kNames[] = {"UNDEFINED", "FLOAT", "INT",     "STRING",  "TENSOR", "GRAPH",
                                           "FLOATS",    "INTS",  "STRINGS", "TENSORS", "GRAPHS"};
    return kind < std::size(kNames) ? kNames[kind] : "of an unknown type";
  }

  const bp_graph* graph_;
  const bp_node* node_;
  uint32_t index_;
};

// Dims of a value of known rank; throws INVALID_ARGUMENT when the rank is unknown.
[[nodiscard]] inline std::vector<bp_dim> dims(const bp_value& value) {
  if (value.has_rank == 0) {
    throw Error(BP_STATUS_INVALID_ARGUMENT, message("value '", view(value.name), "' has no known rank"));
  }
  return Array<bp_dim>(value.dims).to_vector();
}

[[nodiscard]] inline bool is_constant(const bp_value& value) { return (value.flags & BP_VALUE_CONSTANT) != 0; }

}  // namespace bp::sdk

#endif
