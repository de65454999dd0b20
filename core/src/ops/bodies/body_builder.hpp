// Writes the body of a composite operator: a graph whose inputs and outputs are the node's, in order, and whose
// nodes are canonical. Inside ops only.
#pragma once

#include <string_view>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp {

// Writes a body; false: not for this node.
using BuildBody = bool (*)(class BodyBuilder& b);

class BodyBuilder {
 public:
  // `outer`: the graph of `node`, for the inputs' types.
  BodyBuilder(const Node& node, const Graph& outer);

  const Node& node() const noexcept { return node_; }
  // Input `i`, kNoId where it is left out.
  ValueId optional_input(size_t i) const { return has_input(i) ? inputs_[i] : kNoId; }
  bool has_input(size_t i) const noexcept { return i < inputs_.size() && inputs_[i] != kNoId; }
  ValueId input(size_t i) const noexcept { return inputs_[i]; }
  ElementType element(size_t i) const;
  int64_t rank(size_t i) const;  // -1: not known
  // The dims of an input; nullptr where not even the rank is known.
  const Dims* dims(size_t i) const;
  // The contents of an input that is a constant nobody overrides; else nullptr.
  const Tensor* constant(size_t i) const;

  ValueId add(std::string_view op_type, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {});
  // A node of `count` outputs.
  std::vector<ValueId> add_several(size_t count, std::string_view op_type, std::vector<ValueId> inputs,
                                   std::vector<Attribute> attributes = {});
  ValueId ints(const std::vector<int64_t>& values);
  ValueId tensor(TensorPtr value);
  ValueId int_scalar(int64_t value);
  ValueId float_scalar(float value);
  // A scalar of the element type of input `like`.
  ValueId scalar(float value, size_t like = 0);
  // The next output of the body; kNoId: one that the node does not use.
  void output(ValueId value);
  // Is the i-th output of the composite used at all?
  bool wants(size_t i) const noexcept { return i < node_.outputs.size() && node_.outputs[i] != kNoId; }
  std::unique_ptr<Graph> take() { return std::move(graph_); }

 private:
  const Node& node_;
  const Graph& outer_;
  std::unique_ptr<Graph> graph_;
  std::vector<ValueId> inputs_;
};

}  // namespace bp
