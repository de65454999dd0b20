// Small questions and edits that several passes share.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"

namespace bp::optimize_passes {

// A node of the standard domain with this operator.
bool is_op(const Node& node, std::string_view op_type);
// Its input or output at `index`; kNoId where there is none.
ValueId input_at(const Node& node, size_t index);
ValueId output_at(const Node& node, size_t index);

// A constant that no caller can override.
bool is_fixed(const Graph& graph, ValueId value);
// Is there any alive node of one of these operators? A cheap look before an expensive walk.
bool has_any_op(const Graph& graph, std::initializer_list<std::string_view> op_types);
// The tensor of a fixed constant, or nullptr.
const Tensor* fixed_tensor(const Graph& graph, ValueId value);
// The integers of a fixed constant; nothing when it is none.
std::optional<std::vector<int64_t>> fixed_ints(const Graph& graph, ValueId value);
// The one element of a fixed float32 or float64 constant; nothing when it is none.
std::optional<double> fixed_scalar(const Graph& graph, ValueId value);

// The permutation of a Transpose node; nothing for other nodes, an unknown rank, or numbers that are none.
std::optional<std::vector<int64_t>> transpose_perm(const Graph& graph, const Node* node);

// Neither output of the graph nor used by more than one node input.
bool has_single_use(const Graph& graph, ValueId value);
bool is_unused(const Graph& graph, ValueId value);
// The node that makes `value`, or nullptr.
const Node* producer_of(const Graph& graph, ValueId value);

// Are both dims certainly equal?
bool same_dim(const Dim& a, const Dim& b);
// Tensors of the same element type whose shapes are certainly equal.
bool same_tensor_type(const ValueType& a, const ValueType& b);

// The shape operand of a Reshape from `source` to `target`: 0 copies the source's dim, -1 is computed.
std::optional<std::vector<int64_t>> reshape_operand(const ValueType& source, const ValueType& target);

// Removes `node`, whose output 0 equals `source`; uses of the output become uses of `source`. Names
// of graph outputs stay: when the output is one, the producer of `source` writes it directly. False,
// and nothing is done, where that is impossible (`source` is an input, a constant or an output).
bool bypass(Graph& graph, NodeId node, ValueId source);

// `removed` reads output 0 of `kept`, of the same shape, alone; now `kept` writes the output itself.
void absorb(Graph& graph, NodeId kept, NodeId removed);

// Adds a node with one output whose name is made from `hint`, of type `type`; returns the output.
ValueId add_simple_node(Graph& graph, Node node, std::string_view hint, ValueType type);
// Gives a value without a producer the tensor and its type.
void make_constant(Graph& graph, ValueId value, TensorPtr tensor);
// Adds a constant with an unused name.
ValueId add_named_constant(Graph& graph, std::string_view hint, TensorPtr tensor);

}  // namespace bp::optimize_passes
