// First every definition of the graph is declared, then nodes are built: so a use may stand before its
// definition (check decides about cycles), and a body finds its outer values by name, whatever their place.
#include "load/build_graph.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "load/convert_attribute.hpp"
#include "load/convert_tensor.hpp"
#include "load/convert_type.hpp"
#include "load/regions.hpp"
#include "load/sequence_map.hpp"

namespace bp {
namespace {

Status invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message)}; }

bool is_constant_node(const onnx::NodeProto& node) {
  return node.op_type() == "Constant" && normal_domain(node.domain()).empty();
}

// Before IR 4 every initializer had to be an input as well, which says nothing about overriding it.
constexpr int64_t kFirstIrWithOverrides = 4;

Status check_default(const ValueType& declared, const Tensor& tensor) {
  bool fits =
      !declared.is_tensor() || declared.element == ElementType::kUndefined || declared.element == tensor.type;
  if (declared.is_tensor() && declared.has_rank) {
    fits = fits && declared.dims.size() == tensor.dims.size();
    for (size_t i = 0; fits && i < tensor.dims.size(); ++i) {
      fits = !declared.dims[i].known() || declared.dims[i].size == tensor.dims[i];
    }
  }
  if (fits) return {};
  return invalid(fmt::format("is {}[{}], which is not the declared input type", element_type_name(tensor.type),
                             fmt::join(tensor.dims, ",")));
}

}  // namespace

GraphBuilder::GraphBuilder(GraphBuilder& outer, std::unique_ptr<Graph> graph)
    : context_(outer.context_),
      functions_(outer.functions_),
      outer_(&outer),
      depth_(outer.depth_ + 1),
      graph_(std::move(graph)) {}

Status GraphBuilder::build(const onnx::GraphProto& proto, const std::vector<OpsetImport>* opsets) {
  if (depth_ > context_.options->max_depth) {
    return invalid(fmt::format("bodies are nested more than {} deep", context_.options->max_depth));
  }
  graph_->name = proto.name();
  BP_RETURN_IF_ERROR(declare_inputs(proto));
  BP_RETURN_IF_ERROR(declare_initializers(proto));
  BP_RETURN_IF_ERROR(functions_.expand(context_, proto.node(), opsets, nodes_));
  BP_RETURN_IF_ERROR(expand_sequence_maps(proto));
  names_.resize(nodes_.size());
  taken_names_.reserve(nodes_.size());
  graph_->reserve(nodes_.size(), nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) BP_RETURN_IF_ERROR(declare_node(i));
  BP_RETURN_IF_ERROR(declare_types(proto));
  for (size_t i = 0; i < nodes_.size(); ++i) BP_RETURN_IF_ERROR(build_node(i));
  return build_outputs(proto);
}

Status GraphBuilder::declare_inputs(const onnx::GraphProto& proto) {
  std::unordered_set<std::string_view> defaults;
  if (is_main() && graph_->ir_version < kFirstIrWithOverrides) {
    for (const auto& tensor : proto.initializer()) defaults.insert(tensor.name());
    for (const auto& tensor : proto.sparse_initializer()) defaults.insert(tensor.values().name());
  }
  std::unordered_set<std::string_view> seen;
  for (const onnx::ValueInfoProto& input : proto.input()) {
    if (input.name().empty()) return invalid("a graph input has no name");
    if (!seen.insert(input.name()).second)
      return invalid(fmt::format("graph input '{}' is there twice", input.name()));
    Result<ValueType> type = convert_type(input.type(), graph_->symbols());
    if (!type.ok()) return type.status().at(fmt::format("graph input '{}'", input.name()));
    if (!defaults.contains(input.name())) graph_->add_input(input.name(), std::move(*type));
  }
  return {};
}

Status GraphBuilder::declare_initializers(const onnx::GraphProto& proto) {
  for (const onnx::TensorProto& tensor : proto.initializer()) {
    Result<TensorPtr> converted = convert_tensor(context_, tensor);
    if (!converted.ok()) return converted.status().at(fmt::format("initializer '{}'", tensor.name()));
    BP_RETURN_IF_ERROR(declare_initializer(tensor.name(), std::move(*converted)));
  }
  for (const onnx::SparseTensorProto& tensor : proto.sparse_initializer()) {
    Result<TensorPtr> converted = convert_sparse_tensor(context_, tensor);
    if (!converted.ok()) return converted.status().at(fmt::format("initializer '{}'", tensor.values().name()));
    BP_RETURN_IF_ERROR(declare_initializer(tensor.values().name(), std::move(*converted)));
  }
  return {};
}

Status GraphBuilder::declare_initializer(const std::string& name, TensorPtr tensor) {
  if (name.empty()) return invalid("an initializer has no name");
  const std::optional<ValueId> found = graph_->find_value(name);
  if (!found) {
    graph_->add_constant(name, std::move(tensor));
    return {};
  }
  if (graph_->value(*found).constant) return invalid(fmt::format("initializer '{}' is there twice", name));
  BP_RETURN_IF_ERROR(
      check_default(graph_->value(*found).type, *tensor).at(fmt::format("initializer '{}'", name)));
  graph_->set_constant(*found, std::move(tensor));
  return {};
}

std::string GraphBuilder::definition_of(const std::string& name) const {
  if (const auto found = graph_->find_value(name); found && graph_->value(*found).is_input)
    return "a graph input";
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto& outputs = nodes_[i].proto->output();
    if (std::find(outputs.begin(), outputs.end(), name) != outputs.end()) return label(i);
  }
  return "an initializer";
}

Status GraphBuilder::expand_sequence_maps(const onnx::GraphProto& proto) {
  const auto is_map = [](const ScopedNode& node) { return is_sequence_map(*node.proto); };
  if (std::none_of(nodes_.begin(), nodes_.end(), is_map)) return {};
  std::vector<ScopedNode> expanded;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const ScopedNode node = nodes_[i];
    if (!is_map(node)) {
      expanded.push_back(node);
      continue;
    }
    // The first input is a sequence always, the others are what their types say.
    std::vector<ValueKind> kinds = {ValueKind::kSequence};
    for (int k = 1; k < node.proto->input_size(); ++k) {
      kinds.push_back(kind_of(node.proto->input(k), proto));
      if (kinds.back() == ValueKind::kUnknown) {
        return {ErrorCode::kUnsupported,
                fmt::format("{}: input {} '{}' has no declared type: a sequence or a tensor?", label(i), k,
                            node.proto->input(k))};
      }
    }
    const std::string prefix = fmt::format("{}~{}/", node.proto->op_type(), i);
    auto nodes = expand_sequence_map(*node.proto, kinds, prefix);
    if (!nodes.ok()) return nodes.status().at(label(i));
    for (onnx::NodeProto& made : *nodes) {
      expanded.push_back({&made_nodes_.emplace_back(std::move(made)), node.opsets});
    }
  }
  nodes_ = std::move(expanded);
  return {};
}

ValueKind GraphBuilder::kind_of(const std::string& name, const onnx::GraphProto& proto) const {
  if (const auto own = graph_->find_value(name)) return graph_->value(*own).type.kind;
  for (const auto* infos : {&proto.value_info(), &proto.output()}) {
    for (const auto& info : *infos) {
      if (info.name() == name)
        return info.type().has_sequence_type() ? ValueKind::kSequence : ValueKind::kTensor;
    }
  }
  if (const ValueKind made = kind_of_made(name); made != ValueKind::kUnknown) return made;
  for (const GraphBuilder* around = outer_; around != nullptr; around = around->outer_) {
    const auto found = around->graph_->find_value(name);
    if (!found) continue;
    const ValueKind kind = around->graph_->value(*found).type.kind;
    return kind != ValueKind::kUnknown ? kind : around->kind_of_made(name);
  }
  return ValueKind::kUnknown;
}

ValueKind GraphBuilder::kind_of_made(const std::string& name) const {
  for (const ScopedNode& node : nodes_) {
    const auto& outputs = node.proto->output();
    if (std::find(outputs.begin(), outputs.end(), name) != outputs.end()) return kind_of_outputs(*node.proto);
  }
  return ValueKind::kUnknown;
}

Status GraphBuilder::declare_node(size_t index) {
  const onnx::NodeProto& proto = *nodes_[index].proto;
  if (!proto.name().empty()) names_[index] = unique_node_name(proto.name(), index);
  for (int i = 0; i < proto.output_size(); ++i) {
    const std::string& output = proto.output(i);
    if (output.empty()) continue;
    const std::optional<ValueId> defined = graph_->find_value(output);
    const bool both_constants =
        defined && is_constant_node(proto) && i == 0 && constant_nodes_.contains(*defined);
    if (defined && !both_constants) {
      return invalid(fmt::format("{}: output {} '{}' is already defined by {}", label(index), i, output,
                                 definition_of(output)));
    }
    if (!is_constant_node(proto)) {
      graph_->add_value(output);
      continue;
    }
    if (i > 0) return invalid(fmt::format("{}: must have one output", label(index)));
    Result<TensorPtr> tensor = convert_constant_node(context_, proto);
    if (!tensor.ok()) return tensor.status().at(label(index));
    if (both_constants) {
      // Against the standard, but other runtimes take such files, with the last definition for all users.
      context_.redefined.push_back(output);
      Dims dims;
      for (const int64_t size : (*tensor)->dims) dims.push_back(Dim::of(size));
      graph_->value(*defined).type = ValueType::tensor((*tensor)->type, std::move(dims));
      graph_->set_constant(*defined, std::move(*tensor));
      continue;
    }
    constant_nodes_.insert(graph_->add_constant(output, std::move(*tensor)));
  }
  return {};
}

Status GraphBuilder::declare_types(const onnx::GraphProto& proto) {
  const auto declare = [&](const onnx::ValueInfoProto& info) -> Status {
    const std::optional<ValueId> value = graph_->find_value(info.name());
    if (!value || graph_->value(*value).type.kind != ValueKind::kUnknown) return {};
    Result<ValueType> type = convert_type(info.type(), graph_->symbols());
    if (!type.ok()) return type.status().at(fmt::format("type of value '{}'", info.name()));
    graph_->value(*value).type = std::move(*type);
    return {};
  };
  for (const auto& info : proto.value_info()) BP_RETURN_IF_ERROR(declare(info));
  for (const auto& info : proto.output()) BP_RETURN_IF_ERROR(declare(info));
  return {};
}

// A value of this graph, or one captured from around. A constant from around is no capture: the body
// shares the tensor, and every phase sees that it is constant.
std::optional<ValueId> GraphBuilder::use(const std::string& name) {
  if (const std::optional<ValueId> own = graph_->find_value(name)) return own;
  if (outer_ == nullptr) return std::nullopt;
  const std::optional<ValueId> outer = outer_->use(name);
  if (!outer) return std::nullopt;
  const GraphValue& value = outer_->graph_->value(*outer);
  if (value.constant && !value.is_input) return graph_->add_constant(name, value.constant);
  const ValueId inner = graph_->add_value(name, value.type);
  captures_.push_back({*outer, inner});
  return inner;
}

Status GraphBuilder::build_node(size_t index) {
  const onnx::NodeProto& proto = *nodes_[index].proto;
  if (is_constant_node(proto)) return {};
  if (proto.op_type().empty()) return invalid(fmt::format("node {} '{}' has no op_type", index, proto.name()));
  if (names_[index].empty())
    names_[index] = unique_node_name(fmt::format("{}_{}", proto.op_type(), index), index);
  Node node;
  node.name = names_[index];
  node.domain = normal_domain(proto.domain());
  node.op_type = proto.op_type();
  node.origin = {node.name};
  if (nodes_[index].opsets != nullptr) {
    for (const OpsetImport& import : *nodes_[index].opsets) {
      if (import.domain == node.domain) node.since_version = static_cast<int32_t>(import.version);
    }
  }
  for (int i = 0; i < proto.input_size(); ++i) {
    const std::string& input = proto.input(i);
    if (input.empty()) {
      node.inputs.push_back(kNoId);
      continue;
    }
    const std::optional<ValueId> value = use(input);
    if (!value) return invalid(fmt::format("{}: input {} '{}' is defined nowhere", label(index), i, input));
    node.inputs.push_back(*value);
  }
  for (const std::string& output : proto.output()) {
    node.outputs.push_back(output.empty() ? kNoId : *graph_->find_value(output));
  }
  BP_RETURN_IF_ERROR(build_attributes(proto, node, nodes_[index].opsets).at(label(index)));
  graph_->add_node(std::move(node));
  return {};
}

Status GraphBuilder::build_attributes(const onnx::NodeProto& proto, Node& node,
                                      const std::vector<OpsetImport>* opsets) {
  node.region = region_kind(node.domain, node.op_type);
  const std::vector<std::string> body_names = region_attributes(node.region);
  std::vector<std::unique_ptr<GraphBuilder>> bodies(body_names.size());
  std::unordered_set<std::string_view> seen;
  for (const onnx::AttributeProto& attribute : proto.attribute()) {
    if (!seen.insert(attribute.name()).second) {
      return invalid(fmt::format("attribute '{}' is there twice", attribute.name()));
    }
    const auto body = std::find(body_names.begin(), body_names.end(), attribute.name());
    if (body == body_names.end()) {
      BP_ASSIGN_OR_RETURN(AttributeValue value, convert_attribute(context_, attribute, graph_->symbols()));
      node.attributes.push_back({attribute.name(), std::move(value)});
      continue;
    }
    BP_ASSIGN_OR_RETURN(const auto type, attribute_type(attribute));
    if (type != onnx::AttributeProto::GRAPH) {
      return invalid(fmt::format("attribute '{}' must be a graph", attribute.name()));
    }
    auto& builder = bodies[static_cast<size_t>(body - body_names.begin())];
    builder = std::make_unique<GraphBuilder>(*this, std::make_unique<Graph>(graph_->shared_symbols()));
    BP_RETURN_IF_ERROR(builder->build(attribute.g(), opsets).at(fmt::format("in '{}'", attribute.name())));
  }
  for (size_t i = 0; i < bodies.size(); ++i) {
    if (!bodies[i]) return invalid(fmt::format("attribute '{}' is missing", body_names[i]));
  }
  if (!bodies.empty()) attach_bodies(node, std::move(bodies));
  return {};
}

Status GraphBuilder::build_outputs(const onnx::GraphProto& proto) {
  std::unordered_set<std::string_view> seen;
  for (const onnx::ValueInfoProto& output : proto.output()) {
    const std::optional<ValueId> value = use(output.name());
    if (!value) return invalid(fmt::format("graph output '{}' is defined nowhere", output.name()));
    if (is_main() && !seen.insert(output.name()).second) {
      return invalid(fmt::format("graph output '{}' is there twice", output.name()));
    }
    graph_->add_output(*value);
  }
  return {};
}

std::string GraphBuilder::label(size_t index) const {
  const onnx::NodeProto& proto = *nodes_[index].proto;
  const std::string domain = normal_domain(proto.domain());
  const std::string op = domain.empty() ? proto.op_type() : domain + ":" + proto.op_type();
  return proto.name().empty() ? fmt::format("{} '{}_{}'", op, proto.op_type(), index)
                              : fmt::format("{} '{}'", op, proto.name());
}

std::string GraphBuilder::unique_node_name(const std::string& name, size_t index) {
  if (taken_names_.insert(name).second) return name;
  std::string candidate = fmt::format("{}_{}", name, index);
  while (!taken_names_.insert(candidate).second) candidate += "_";
  return candidate;
}

}  // namespace bp
