// For n = SequenceLength(first input) rounds the Loop takes element i of every sequence, runs the body and
// appends each of its outputs to a sequence that starts empty.
#include "load/sequence_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "load/functions.hpp"
#include "load/rename_values.hpp"

namespace bp {
namespace {

void add_scalar_input(onnx::GraphProto& graph, const std::string& name, int32_t element) {
  auto* input = graph.add_input();
  input->set_name(name);
  auto* type = input->mutable_type()->mutable_tensor_type();
  type->set_elem_type(element);
  type->mutable_shape();
}

onnx::NodeProto make_node(const std::string& op, std::vector<std::string> inputs, const std::string& output) {
  onnx::NodeProto node;
  node.set_op_type(op);
  node.set_name(output);
  for (std::string& input : inputs) node.add_input(std::move(input));
  node.add_output(output);
  return node;
}

onnx::NodeProto make_true(const std::string& output) {
  onnx::NodeProto node = make_node("Constant", {}, output);
  onnx::AttributeProto* value = node.add_attribute();
  value->set_name("value");
  value->set_type(onnx::AttributeProto::TENSOR);
  value->mutable_t()->set_data_type(onnx::TensorProto::BOOL);
  value->mutable_t()->add_int32_data(1);
  return node;
}

onnx::NodeProto make_empty(int32_t element, const std::string& output) {
  onnx::NodeProto node = make_node("SequenceEmpty", {}, output);
  onnx::AttributeProto* dtype = node.add_attribute();
  dtype->set_name("dtype");
  dtype->set_type(onnx::AttributeProto::INT);
  dtype->set_i(element);
  return node;
}

void add_definitions(const onnx::GraphProto& body, const std::string& prefix, ValueRenamer::Names& names) {
  const auto add = [&](const std::string& name) {
    if (!name.empty()) names[name] = prefix + name;
  };
  for (const auto& input : body.input()) add(input.name());
  for (const auto& tensor : body.initializer()) add(tensor.name());
  for (const auto& tensor : body.sparse_initializer()) add(tensor.values().name());
  for (const auto& node : body.node()) {
    for (const std::string& output : node.output()) add(output);
  }
}

const onnx::GraphProto* find_body(const onnx::NodeProto& node) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == "body" && attribute.has_g()) return &attribute.g();
  }
  return nullptr;
}

// The body's nodes and constants between SequenceAt and SequenceInsert.
onnx::GraphProto loop_body(const onnx::NodeProto& node, const onnx::GraphProto& body,
                           const std::vector<ValueKind>& kinds, const std::string& prefix) {
  ValueRenamer renamer(prefix, ValueRenamer::Others::kKept);
  add_definitions(body, prefix, renamer.names);
  onnx::GraphProto graph;
  graph.set_name(body.name());
  const std::string round = prefix + "round#";
  const std::string go = prefix + "go#";
  add_scalar_input(graph, round, onnx::TensorProto::INT64);
  add_scalar_input(graph, go, onnx::TensorProto::BOOL);
  for (int i = 0; i < body.input_size(); ++i) {
    const std::string inside = renamer.renamed(body.input(i).name());
    const bool sequence = kinds[static_cast<size_t>(i)] == ValueKind::kSequence;
    *graph.add_node() = sequence ? make_node("SequenceAt", {node.input(i), round}, inside)
                                 : make_node("Identity", {node.input(i)}, inside);
  }
  for (const auto& tensor : body.initializer()) {
    *graph.add_initializer() = tensor;
    graph.mutable_initializer()->rbegin()->set_name(renamer.renamed(tensor.name()));
  }
  for (const auto& tensor : body.sparse_initializer()) {
    *graph.add_sparse_initializer() = tensor;
    graph.mutable_sparse_initializer()->rbegin()->mutable_values()->set_name(
        renamer.renamed(tensor.values().name()));
  }
  for (const auto& inner : body.node()) {
    *graph.add_node() = inner;
    renamer.rename(*graph.mutable_node()->rbegin());
  }
  *graph.add_node() = make_node("Identity", {go}, go + "out");
  graph.add_output()->set_name(go + "out");
  for (int i = 0; i < body.output_size(); ++i) {
    const std::string so_far = fmt::format("{}out#{}", prefix, i);
    auto* input = graph.add_input();
    input->set_name(so_far);
    *input->mutable_type()->mutable_sequence_type()->mutable_elem_type() = body.output(i).type();
    *graph.add_node() =
        make_node("SequenceInsert", {so_far, renamer.renamed(body.output(i).name())}, so_far + "more");
    graph.add_output()->set_name(so_far + "more");
  }
  return graph;
}

}  // namespace

bool is_sequence_map(const onnx::NodeProto& node) {
  return node.op_type() == "SequenceMap" && normal_domain(node.domain()).empty();
}

ValueKind kind_of_outputs(const onnx::NodeProto& node) {
  if (!normal_domain(node.domain()).empty()) return ValueKind::kUnknown;
  constexpr std::string_view kSequences[] = {"SequenceConstruct", "SequenceEmpty", "SequenceErase",
                                             "SequenceInsert",    "SequenceMap",   "SplitToSequence"};
  constexpr std::string_view kOpen[] = {"Identity", "If", "Loop", "Optional", "OptionalGetElement"};
  const auto is_in = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), node.op_type()) != std::end(names);
  };
  return is_in(kSequences) ? ValueKind::kSequence : is_in(kOpen) ? ValueKind::kUnknown : ValueKind::kTensor;
}

Result<std::vector<onnx::NodeProto>> expand_sequence_map(const onnx::NodeProto& node,
                                                         const std::vector<ValueKind>& kinds,
                                                         const std::string& prefix) {
  const onnx::GraphProto* body = find_body(node);
  if (body == nullptr) return Status(ErrorCode::kInvalidModel, "attribute 'body' is missing");
  if (node.input_size() == 0 || body->input_size() != node.input_size() ||
      body->output_size() != node.output_size()) {
    return Status(ErrorCode::kInvalidModel,
                  fmt::format("has {} inputs and {} outputs, the body {} and {}", node.input_size(),
                              node.output_size(), body->input_size(), body->output_size()));
  }
  std::vector<onnx::NodeProto> nodes;
  nodes.push_back(make_node("SequenceLength", {node.input(0)}, prefix + "length#"));
  nodes.push_back(make_true(prefix + "true#"));
  onnx::NodeProto loop;
  loop.set_op_type("Loop");
  loop.set_name(node.name());
  loop.add_input(prefix + "length#");
  loop.add_input(prefix + "true#");
  for (int i = 0; i < body->output_size(); ++i) {
    const std::string empty = fmt::format("{}empty#{}", prefix, i);
    nodes.push_back(make_empty(body->output(i).type().tensor_type().elem_type(), empty));
    loop.add_input(empty);
  }
  *loop.mutable_output() = node.output();
  onnx::AttributeProto* attribute = loop.add_attribute();
  attribute->set_name("body");
  attribute->set_type(onnx::AttributeProto::GRAPH);
  *attribute->mutable_g() = loop_body(node, *body, kinds, prefix);
  nodes.push_back(std::move(loop));
  return nodes;
}

}  // namespace bp
