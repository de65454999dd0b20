// The graph that all phases share: values in SSA form, nodes, constants, control-flow bodies.
// Ids are indices that stay valid while the graph lives; removed nodes leave a hole until compact().
// It knows no operator's meaning.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "graph/tensor.hpp"
#include "graph/type.hpp"

namespace bp {

using NodeId = uint32_t;
using ValueId = uint32_t;
inline constexpr uint32_t kNoId = 0xFFFFFFFFu;  // no node; or an omitted optional input or output

class Graph;

// Attribute values. Graph attributes are not here: they are Node::regions.
using AttributeValue =
    std::variant<int64_t, float, std::string, TensorPtr, std::vector<int64_t>, std::vector<float>,
                 std::vector<std::string>, std::vector<TensorPtr>, ValueType>;

struct Attribute {
  std::string name;
  AttributeValue value;
};

// Nodes that hold bodies; execute knows these three kinds and no operator's name.
enum class RegionKind : uint8_t { kNone, kBranch, kLoop, kScan };

// Nodes that make or open sequences, optionals and maps; set by infer, which knows the types. Execute knows
// these kinds and no operator's name.
enum class ContainerKind : uint8_t {
  kNone,
  kPass,          // the value as it is
  kSequence,      // of the inputs
  kEmpty,         // a sequence without elements
  kInsert,        // sequence, tensor, position
  kErase,         // sequence, position
  kAt,            // sequence, position
  kLength,        // of a sequence
  kSplit,         // a tensor into a sequence, along an axis
  kJoin,          // a sequence into a tensor, along an axis
  kOptional,      // of the input, or without content
  kContent,       // of an optional
  kHasContent,    // of an optional: a bool
  kRowsToMaps,    // a matrix into a sequence of maps, labels being the keys
  kMapToRow,      // a map into a row, ordered by a vocabulary
  kMapToNumbers,  // a map into a row, ordered by the keys or placed by them, of another element type
};

struct Node {
  std::string name;    // unique in its graph after load (made up from the op where the file has none)
  std::string domain;  // "" is ai.onnx
  std::string op_type;
  // The opset version of this form of the operator, set by check. Before: 0, or for a node inlined from a
  // function the opset version that the function imports for `domain`, which goes before the graph's.
  int32_t since_version = 0;
  std::vector<ValueId> inputs;   // kNoId: omitted optional input
  std::vector<ValueId> outputs;  // kNoId: omitted optional output
  std::vector<Attribute> attributes;

  // Control flow: the bodies. Branch: {then, else}; loop and scan: {body}.
  // Outer values that bodies use are explicit: the last `capture_count` entries of `inputs`, and of
  // the inputs of every body, in the same order.
  RegionKind region = RegionKind::kNone;
  std::vector<std::shared_ptr<Graph>> regions;
  uint32_t capture_count = 0;

  ContainerKind container = ContainerKind::kNone;
  // Nodes that the core runs itself; no device is asked about them.
  bool runs_in_core() const noexcept {
    return region != RegionKind::kNone || container != ContainerKind::kNone;
  }

  // A raised composite keeps the nodes that it replaced: a graph whose inputs and outputs
  // correspond to this node's, in order. Lowering puts them back. Empty for nodes from the file.
  std::shared_ptr<const Graph> replaced;
  // Names of the nodes of the file from which this node came, for messages and explain.
  std::vector<std::string> origin;

  bool alive = true;

  const Attribute* find_attribute(std::string_view attribute) const noexcept;
  int64_t int_or(std::string_view attribute, int64_t fallback) const noexcept;
  float float_or(std::string_view attribute, float fallback) const noexcept;
  std::string string_or(std::string_view attribute, std::string_view fallback) const;
  // nullptr when absent or of another type.
  const std::vector<int64_t>* ints(std::string_view attribute) const noexcept;
  void set_attribute(std::string attribute, AttributeValue value);  // replaces or adds
  void remove_attribute(std::string_view attribute);
  // "Conv 'conv_12'" for messages.
  std::string label() const;
};

// A value of a graph; what runs carry is the public Value.
struct GraphValue {
  std::string name;  // unique in its graph
  ValueType type;
  NodeId producer = kNoId;        // kNoId: graph input or constant
  std::vector<NodeId> consumers;  // alive nodes, one entry per use, in no order; kept by Graph
  TensorPtr constant;             // set: an initializer (or folded). May also be a graph input: overridable.
  bool is_input = false;
  bool is_output = false;
};

struct OpsetImport {
  std::string domain;
  int64_t version = 0;
};

// Lets maps keyed by strings be asked with a string_view.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

class Graph {
 public:
  explicit Graph(std::shared_ptr<SymbolTable> symbols = std::make_shared<SymbolTable>())
      : symbols_(std::move(symbols)) {}
  Graph(Graph&&) noexcept = default;
  Graph& operator=(Graph&&) noexcept = default;
  // Copies nodes and values; tensors are shared; bodies are cloned too.
  std::unique_ptr<Graph> clone() const;

  std::string name;
  std::vector<OpsetImport> opsets;  // as in the file; main graph only
  int64_t ir_version = 0;
  std::unordered_map<std::string, std::string> metadata;

  SymbolTable& symbols() noexcept { return *symbols_; }
  const SymbolTable& symbols() const noexcept { return *symbols_; }
  const std::shared_ptr<SymbolTable>& shared_symbols() const noexcept { return symbols_; }

  // Makes room for that many more values and nodes.
  void reserve(size_t values, size_t nodes);

  // Values.
  ValueId add_value(std::string name, ValueType type = {});
  ValueId add_constant(std::string name, TensorPtr tensor);  // type from the tensor
  ValueId add_input(std::string name, ValueType type);
  void mark_input(ValueId value);
  void remove_input(size_t index);  // the value stays, as no input
  void add_output(ValueId value);
  void set_output(size_t index, ValueId value);
  // Names are kept unique: a taken or empty name is replaced by unused_value_name() of it, here and in
  // rename_value(). Callers that must refuse duplicates ask find_value() first.
  void rename_value(ValueId value, std::string name);
  GraphValue& value(ValueId id) { return values_[id]; }
  const GraphValue& value(ValueId id) const { return values_[id]; }
  size_t value_count() const noexcept { return values_.size(); }
  std::optional<ValueId> find_value(std::string_view name) const;
  std::string unused_value_name(std::string_view hint) const;
  const std::vector<ValueId>& inputs() const noexcept { return inputs_; }
  const std::vector<ValueId>& outputs() const noexcept { return outputs_; }

  // Nodes. `node.inputs` and `outputs` must be values of this graph; uses are recorded.
  NodeId add_node(Node node);
  Node& node(NodeId id) { return nodes_[id]; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  size_t node_count() const noexcept { return nodes_.size(); }  // holes included
  size_t alive_count() const noexcept;

  // Rewiring; keep producer and consumers right. Never edit Node::inputs/outputs directly.
  void set_node_input(NodeId node, size_t index, ValueId value);
  void add_node_input(NodeId node, ValueId value);
  void resize_node_inputs(NodeId node, size_t count);  // cuts, or pads with kNoId
  void set_node_output(NodeId node, size_t index, ValueId value);
  void replace_uses(ValueId from, ValueId to);         // consumers and graph outputs
  void set_constant(ValueId value, TensorPtr tensor);  // drops nothing else
  // Its outputs lose their producer. The removed Node keeps its fields until compact().
  void remove_node(NodeId node);
  // Removes holes and values nobody mentions. All ids change; returns new ids of values (kNoId: gone).
  std::vector<ValueId> compact();

  // Alive nodes, producers before consumers, otherwise in insertion order. Nodes on a cycle, or that
  // wait for one, are left out: shorter than alive_count() then.
  std::vector<NodeId> topological_order() const;

 private:
  void add_use(NodeId node, size_t index);
  void drop_use(NodeId node, size_t index);

  std::shared_ptr<SymbolTable> symbols_;
  std::vector<GraphValue> values_;
  std::vector<Node> nodes_;
  // Per node and input: the place of that use in its value's consumers.
  std::vector<std::vector<uint32_t>> use_slots_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
  std::unordered_map<std::string, ValueId, StringHash, std::equal_to<>> by_name_;
};

}  // namespace bp
