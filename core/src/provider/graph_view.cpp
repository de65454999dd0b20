#include "provider/graph_view.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "provider/abi.hpp"

namespace bp {
namespace {

bool crosses(const Graph& graph, ValueId id) {
  if (id == kNoId) return true;
  const ValueKind kind = graph.value(id).type.kind;
  return kind == ValueKind::kTensor || kind == ValueKind::kUnknown;
}

bool all_cross(const Graph& graph, const std::vector<ValueId>& values) {
  for (ValueId id : values) {
    if (!crosses(graph, id)) return false;
  }
  return true;
}

// Why a provider does not get to see a node; nothing: it does.
std::optional<Reason> why_withheld(const Graph& graph, const Node& node, int32_t level) {
  Reason reason;
  if (node.region != RegionKind::kNone) {
    reason.text = "control flow is run by the host";
    return reason;
  }
  if (node.container != ContainerKind::kNone) {
    reason.text = "sequences, optionals and maps are handled by the host";
    return reason;
  }
  if (!all_cross(graph, node.inputs) || !all_cross(graph, node.outputs)) {
    reason.code = ReasonCode::kType;
    reason.text = "sequences, optionals and maps do not cross to a provider";
    return reason;
  }
  if (node.domain.empty() && node.since_version > level) {
    reason.code = ReasonCode::kNewerForm;
    reason.text = fmt::format("this form of {} is of opset {}, the provider was built for {}", node.op_type,
                              node.since_version, level);
    return reason;
  }
  return std::nullopt;
}

}  // namespace

// Everything that abi_ points at. Vectors are sized before anything points into them.
struct GraphView::Storage {
  std::vector<bp_node> nodes;
  std::vector<bp_value> values;
  std::vector<uint32_t> value_lists;  // inputs and outputs of all nodes
  std::vector<bp_attribute> attributes;
  std::vector<bp_tensor> tensors;  // of attributes
  std::vector<bp_string> strings;  // of attributes
  std::vector<bp_dim> dims;        // of all values
  std::vector<uint32_t> inputs, outputs;
  std::vector<uint32_t> index_of_node;  // by NodeId
};

GraphView::GraphView(const Graph& graph, GraphViewOptions options)
    : graph_(&graph),
      options_(std::move(options)),
      index_of_value_(graph.value_count(), BP_NONE),
      constants_(std::make_shared<ConstantStore>(options_.constant_released)),
      storage_(std::make_unique<Storage>()) {
  storage_->index_of_node.assign(graph.node_count(), BP_NONE);
}

GraphView::~GraphView() = default;

uint32_t GraphView::value_index(ValueId value) const noexcept {
  return value < index_of_value_.size() ? index_of_value_[value] : BP_NONE;
}

Result<std::unique_ptr<GraphView>> GraphView::of_graph(const Graph& graph, GraphViewOptions options) {
  std::unique_ptr<GraphView> view(new GraphView(graph, std::move(options)));
  view->nodes_ = graph.topological_order();
  std::vector<bool> withheld(graph.node_count(), false);
  for (size_t i = 0; i < view->nodes_.size(); ++i) {
    const NodeId id = view->nodes_[i];
    if (auto reason = why_withheld(graph, graph.node(id), view->options_.canonical_level)) {
      view->withheld_.push_back({i, std::move(*reason)});
      withheld[id] = true;
    } else {
      view->shown_.push_back(id);
    }
  }

  // What enters: the graph's own inputs in their order, then what withheld nodes make and shown ones read.
  std::vector<bool> entered(graph.value_count(), false);
  const auto enter = [&](ValueId id) {
    if (entered[id] || !crosses(graph, id)) return;
    entered[id] = true;
    view->inputs_.push_back(id);
  };
  for (ValueId id : graph.inputs()) enter(id);
  for (NodeId node : view->shown_) {
    for (ValueId id : graph.node(node).inputs) {
      if (id == kNoId) continue;
      const GraphValue& value = graph.value(id);
      if (value.producer == kNoId ? value.constant == nullptr : withheld[value.producer]) enter(id);
    }
  }

  // What leaves: outputs of the graph, then what withheld nodes read; only what shown nodes make.
  std::vector<bool> left(graph.value_count(), false);
  const auto leave = [&](ValueId id) {
    if (id == kNoId || left[id]) return;
    const NodeId producer = graph.value(id).producer;
    if (producer == kNoId || withheld[producer]) return;
    left[id] = true;
    view->outputs_.push_back(id);
  };
  for (ValueId id : graph.outputs()) leave(id);
  for (const Withheld& hidden : view->withheld_) {
    for (ValueId id : graph.node(view->nodes_[hidden.position]).inputs) leave(id);
  }
  BP_RETURN_IF_ERROR(view->build());
  return view;
}

Result<std::unique_ptr<GraphView>> GraphView::of_cut(const Graph& graph, std::span<const NodeId> nodes,
                                                     std::span<const ValueId> inputs,
                                                     std::span<const ValueId> outputs,
                                                     GraphViewOptions options) {
  std::unique_ptr<GraphView> view(new GraphView(graph, std::move(options)));
  for (NodeId id : nodes) {
    if (id >= graph.node_count() || !graph.node(id).alive) {
      return Status(ErrorCode::kInternal, fmt::format("a partition names node {}, which does not exist", id));
    }
    if (const auto reason = why_withheld(graph, graph.node(id), view->options_.canonical_level)) {
      return Status(ErrorCode::kInternal,
                    graph.node(id).label() + " cannot be in a partition: " + reason->text);
    }
  }
  view->nodes_.assign(nodes.begin(), nodes.end());
  view->shown_ = view->nodes_;
  view->inputs_.assign(inputs.begin(), inputs.end());
  view->outputs_.assign(outputs.begin(), outputs.end());
  BP_RETURN_IF_ERROR(view->build());
  return view;
}

uint32_t GraphView::show_value(ValueId id) {
  uint32_t& index = index_of_value_[id];
  if (index == BP_NONE) {
    index = static_cast<uint32_t>(values_.size());
    values_.push_back(id);
  }
  return index;
}

Status GraphView::build() {
  Storage& storage = *storage_;
  size_t lists = 0;
  size_t attributes = 0;
  size_t tensors = 0;
  size_t strings = 0;
  for (uint32_t i = 0; i < shown_.size(); ++i) {
    const Node& node = graph_->node(shown_[i]);
    storage.index_of_node[shown_[i]] = i;
    lists += node.inputs.size() + node.outputs.size();
    attributes += node.attributes.size();
    for (const Attribute& attribute : node.attributes) {
      if (std::holds_alternative<TensorPtr>(attribute.value)) ++tensors;
      if (const auto* list = std::get_if<std::vector<TensorPtr>>(&attribute.value)) tensors += list->size();
      if (const auto* list = std::get_if<std::vector<std::string>>(&attribute.value)) strings += list->size();
    }
  }
  storage.nodes.reserve(shown_.size());
  storage.value_lists.reserve(lists);
  storage.attributes.reserve(attributes);
  storage.tensors.reserve(tensors);
  storage.strings.reserve(strings);

  for (ValueId id : inputs_) storage.inputs.push_back(show_value(id));
  for (NodeId id : shown_) BP_RETURN_IF_ERROR(add_node(id));
  for (ValueId id : outputs_) storage.outputs.push_back(show_value(id));
  fill_values();

  abi_.struct_size = BP_STRUCT_SIZE(bp_graph, host_graph);
  abi_.canonical_level = static_cast<uint32_t>(options_.canonical_level);
  abi_.name = to_abi(graph_->name);
  abi_.nodes = array_of(storage.nodes.data(), storage.nodes.size());
  abi_.values = array_of(storage.values.data(), storage.values.size());
  abi_.inputs = array_of(storage.inputs.data(), storage.inputs.size());
  abi_.outputs = array_of(storage.outputs.data(), storage.outputs.size());
  abi_.constants = reinterpret_cast<bp_constants>(constants_.get());
  abi_.host_graph = this;
  return {};
}

namespace {

// Fills the value of a bp_attribute. False for kinds that do not cross.
struct AttributeWriter {
  bp_attribute& abi;
  std::vector<bp_tensor>& tensors;
  std::vector<bp_string>& strings;

  bool operator()(int64_t value) {
    abi.kind = BP_ATTRIBUTE_INT;
    abi.int_value = value;
    return true;
  }
  bool operator()(float value) {
    abi.kind = BP_ATTRIBUTE_FLOAT;
    abi.float_value = value;
    return true;
  }
  bool operator()(const std::string& value) {
    abi.kind = BP_ATTRIBUTE_STRING;
    abi.string_value = to_abi(value);
    return true;
  }
  bool operator()(const std::vector<int64_t>& list) {
    return set_list(BP_ATTRIBUTE_INTS, list.data(), list.size());
  }
  bool operator()(const std::vector<float>& list) {
    return set_list(BP_ATTRIBUTE_FLOATS, list.data(), list.size());
  }
  bool operator()(const std::vector<std::string>& list) {
    const size_t first = strings.size();
    for (const std::string& text : list) strings.push_back(to_abi(text));
    return set_list(BP_ATTRIBUTE_STRINGS, strings.data() + first, list.size());
  }
  bool operator()(const TensorPtr& tensor) {
    if (tensor == nullptr) return false;
    tensors.push_back(to_abi(*tensor));
    return set_list(BP_ATTRIBUTE_TENSOR, &tensors.back(), 1);
  }
  bool operator()(const std::vector<TensorPtr>& list) {
    const size_t first = tensors.size();
    for (const TensorPtr& tensor : list) {
      if (tensor == nullptr) return false;
      tensors.push_back(to_abi(*tensor));
    }
    return set_list(BP_ATTRIBUTE_TENSORS, tensors.data() + first, list.size());
  }
  bool operator()(const ValueType&) { return false; }  // of optionals only, which are withheld

  template <class T>
  bool set_list(uint32_t kind, const T* data, size_t count) {
    abi.kind = kind;
    abi.list = array_of(data, count);
    return true;
  }
};

}  // namespace

Status GraphView::add_node(NodeId id) {
  const Node& node = graph_->node(id);
  Storage& storage = *storage_;
  const auto add_list = [&](const std::vector<ValueId>& ids) {
    const size_t first = storage.value_lists.size();
    for (ValueId value : ids) storage.value_lists.push_back(value == kNoId ? BP_NONE : show_value(value));
    return array_of(storage.value_lists.data() + first, ids.size());
  };
  bp_node abi{};
  abi.struct_size = BP_STRUCT_SIZE(bp_node, attributes);
  abi.since_version = node.since_version;
  abi.name = to_abi(node.name);
  abi.domain = to_abi(node.domain);
  abi.op_type = to_abi(node.op_type);
  abi.inputs = add_list(node.inputs);
  abi.outputs = add_list(node.outputs);

  const size_t first = storage.attributes.size();
  for (const Attribute& attribute : node.attributes) {
    bp_attribute out{};
    out.struct_size = BP_STRUCT_SIZE(bp_attribute, list);
    out.name = to_abi(attribute.name);
    if (!std::visit(AttributeWriter{out, storage.tensors, storage.strings}, attribute.value)) {
      return Status(ErrorCode::kInternal,
                    fmt::format("{}: attribute '{}' has a value that cannot cross to a provider", node.label(),
                                attribute.name));
    }
    storage.attributes.push_back(out);
  }
  abi.attributes = array_of(storage.attributes.data() + first, storage.attributes.size() - first);
  storage.nodes.push_back(abi);
  return {};
}

void GraphView::fill_values() {
  Storage& storage = *storage_;
  std::vector<bool> enters(graph_->value_count(), false);
  std::vector<bool> leaves(graph_->value_count(), false);
  for (ValueId id : inputs_) enters[id] = true;
  for (ValueId id : outputs_) leaves[id] = true;
  const auto marked = [](const std::vector<bool>& set, ValueId id) { return id < set.size() && set[id]; };

  storage.values.reserve(values_.size());
  for (ValueId id : values_) {
    const GraphValue& value = graph_->value(id);
    bp_value abi{};
    abi.struct_size = BP_STRUCT_SIZE(bp_value, size_bytes);
    abi.name = to_abi(value.name);
    abi.element_type = static_cast<uint32_t>(value.type.element);
    abi.has_rank = value.type.has_rank ? 1u : 0u;
    abi.producer = value.producer == kNoId ? BP_NONE : storage.index_of_node[value.producer];
    if (enters[id]) abi.flags |= BP_VALUE_VIEW_INPUT;
    if (leaves[id]) abi.flags |= BP_VALUE_VIEW_OUTPUT;
    // A value that enters is none: its constant is only the default of an input that may be overridden.
    if (value.constant != nullptr && !enters[id]) {
      abi.flags |= BP_VALUE_CONSTANT;
      abi.constant_id = constants_->add(value.constant);
      abi.size_bytes = value.constant->bytes.size();
      abi.element_type = static_cast<uint32_t>(value.constant->type);
    }
    if (marked(options_.host_values, id)) abi.flags |= BP_VALUE_HOST_VALUE;
    if (marked(options_.data_dependent, id)) abi.flags |= BP_VALUE_DATA_DEPENDENT;
    storage.values.push_back(abi);
  }
  fill_dims();
}

void GraphView::fill_dims() {
  Storage& storage = *storage_;
  const auto is_constant = [&](size_t i) { return (storage.values[i].flags & BP_VALUE_CONSTANT) != 0; };
  const auto rank_of = [&](size_t i) {
    const GraphValue& value = graph_->value(values_[i]);
    return is_constant(i) ? value.constant->dims.size() : value.type.dims.size();
  };
  size_t total = 0;
  for (size_t i = 0; i < values_.size(); ++i) total += rank_of(i);
  storage.dims.reserve(total);
  for (size_t i = 0; i < values_.size(); ++i) {
    const GraphValue& value = graph_->value(values_[i]);
    const size_t first = storage.dims.size();
    if (is_constant(i)) {
      storage.values[i].has_rank = 1;
      for (int64_t size : value.constant->dims) storage.dims.push_back({size, size, size, 0, 0, 0});
    } else if (value.type.has_rank) {
      for (const Dim& dim : value.type.dims) {
        bp_dim abi{dim.size, dim.size, dim.size, dim.symbol, 0, 0};
        if (!dim.known()) {
          const auto range = options_.ranges.find(dim.symbol);
          const bool ranged = dim.symbol != 0 && range != options_.ranges.end();
          abi.size = BP_UNKNOWN;
          abi.min_size = ranged ? range->second.min : 0;
          abi.max_size = ranged ? range->second.max : BP_UNKNOWN;
          abi.opt_size = ranged ? range->second.opt : 0;
        }
        storage.dims.push_back(abi);
      }
    }
    storage.values[i].dims = array_of(storage.dims.data() + first, storage.dims.size() - first);
  }
}

}  // namespace bp
