// One step of a node from an older form of its operator to a newer one, and the table of all steps. A step must
// keep the node's outputs: values that it makes anew come in front of the node. Inside canonicalize only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp::canonical {

// The node being upgraded, with the edits that the steps share. Node references do not survive added nodes:
// hence ids.
class Upgrade {
 public:
  Upgrade(Graph& graph, NodeId id) : graph_(graph), id_(id) {}

  Graph& graph() { return graph_; }
  NodeId id() const { return id_; }
  Node& node() { return graph_.node(id_); }
  const Node& node() const { return graph_.node(id_); }
  bool has_input(size_t i) const { return i < node().inputs.size() && node().inputs[i] != kNoId; }
  // The type of an input; kUnknown when omitted or not inferred.
  ValueType input_type(size_t i) const;
  std::string type_text(size_t i) const;  // "float32[2,3]"
  // The rank of an input, -1 when not known.
  int64_t rank(size_t i) const;

  void set_input(size_t i, ValueId value);  // adds omitted inputs in between
  // Is output `i` read by anyone?
  bool uses_output(size_t i) const;
  // Cuts the outputs behind the first `count`; nobody may use them.
  void keep_outputs(size_t count);
  void drop_attribute(std::string_view name) { node().remove_attribute(name); }
  // An int64 tensor of one dim, or a scalar.
  ValueId constant(std::string_view hint, const std::vector<int64_t>& values);
  ValueId scalar(std::string_view hint, float value);
  // A scalar of the element type of input `like`; through CastLike where that is not known.
  ValueId scalar_like(std::string_view hint, float value, size_t like);
  // A new node in canonical form; returns its only output.
  ValueId add_node(std::string_view op_type, std::vector<ValueId> inputs,
                   std::vector<Attribute> attributes = {});
  // Output `i` becomes a value of its own, for another node to write; kNoId when the node has none.
  ValueId take_output(size_t i);
  // A new value as output `i`, where one was taken.
  ValueId new_output(size_t i);
  // A new node in canonical form that writes `out`.
  void write(ValueId out, std::string_view op_type, std::vector<ValueId> inputs,
             std::vector<Attribute> attributes = {});
  // The attribute `name` (a list) becomes input `i`; nothing when it is absent.
  void list_to_input(std::string_view name, size_t i);
  Status refuse(const std::string& why) const;  // valid, but without a counterpart
  Status wrong(const std::string& why) const;   // not a valid node

 private:
  Node new_node(std::string_view op_type, std::vector<ValueId> inputs, std::vector<Attribute> attributes) const;
  Graph& graph_;
  NodeId id_;
};

using Step = Status (*)(Upgrade& upgrade);

struct Entry {
  std::string_view op_type;
  int32_t before = 0;  // for forms older than this
  Step step = nullptr;
  bool wants_types = false;  // gives a simpler form when types are known
};

// Steps of one operator are in the order in which they apply.
const std::vector<Entry>& upgrade_table();
// Operators of com.microsoft that are standard operators under another name.
const std::vector<Entry>& microsoft_table();

// to_opset_7.cpp
Status drop_consumed_inputs(Upgrade& upgrade);
Status align_second_operand(Upgrade& upgrade);  // Add, Sub, Mul, Div, Pow, comparisons, And, Or, Xor
Status align_slope(Upgrade& upgrade);
Status gemm_without_flag(Upgrade& upgrade);
Status cast_by_name(Upgrade& upgrade);
Status concat_at_1(Upgrade& upgrade);
Status selu_numbers(Upgrade& upgrade);
Status norm_as_integer(Upgrade& upgrade);  // LpPool, GlobalLpPool
Status pads_by_name(Upgrade& upgrade);
Status shape_to_input(Upgrade& upgrade);
Status split_lengths(Upgrade& upgrade);
Status tile_one_axis(Upgrade& upgrade);
Status upsample_height_width(Upgrade& upgrade);
Status recurrent_outputs(Upgrade& upgrade);

// training.cpp
Status dropout_to_input(Upgrade& upgrade);
Status batch_normalization(Upgrade& upgrade);

// attributes_to_inputs.cpp
Status axes_to_input(Upgrade& upgrade);  // Squeeze, Unsqueeze, Reduce*
Status split_to_input(Upgrade& upgrade);
Status split_number(Upgrade& upgrade);
Status slice_to_inputs(Upgrade& upgrade);
Status pad_to_inputs(Upgrade& upgrade);
Status clip_to_inputs(Upgrade& upgrade);
Status top_k_to_input(Upgrade& upgrade);
Status dft_axis_to_input(Upgrade& upgrade);

// cast.cpp
Status cast_to_four_bits(Upgrade& upgrade);

// softmax.cpp
Status softmax_over_one_axis(Upgrade& upgrade);

// resize.cpp
Status upsample_to_resize(Upgrade& upgrade);
Status resize_10(Upgrade& upgrade);
Status resize_11(Upgrade& upgrade);
Status grid_sample_modes(Upgrade& upgrade);
Status roi_align_mode(Upgrade& upgrade);

// normalization.cpp
Status group_normalization(Upgrade& upgrade);

// renamed.cpp
Status scatter_to_elements(Upgrade& upgrade);
Status to_standard(Upgrade& upgrade);  // the same in ONNX's own domain
Status quick_gelu_to_swish(Upgrade& upgrade);
Status transpose_matmul(Upgrade& upgrade);
Status simplified_layer_normalization(Upgrade& upgrade);

// scan_8.cpp
Status scan_over_batch(Upgrade& upgrade);

}  // namespace bp::canonical
