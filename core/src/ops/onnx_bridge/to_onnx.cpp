// Bodies of region nodes become graph attributes again: their captured inputs take the outer values' names, and
// every other name inside is made different from all names outside, because ONNX forbids shadowing.
#include "ops/onnx_bridge/to_onnx.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <unordered_set>

#include "ops/onnx_bridge/proto_types.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

// The IR version that goes with opset 22 (ONNX 1.17).
constexpr int64_t kIrVersion = 10;
constexpr uint64_t kMaxProtoBytes = (uint64_t{1} << 31) - 1;

// Constants that go beside the model, one after the other.
struct ExternalFile {
  std::string name;  // as the model refers to it
  std::ofstream stream;
  uint64_t offset = 0;
};

class Writer {
 public:
  Writer(const OnnxOptions& options, ExternalFile* external) : options_(options), external_(external) {}

  Status write_model(const Graph& graph, onnx_ns::ModelProto& model);

 private:
  using Names = std::vector<std::string>;  // by ValueId

  Status write_graph(const Graph& graph, Names names, onnx_ns::GraphProto& out);
  Status write_node(const Graph& graph, const Node& node, const Names& names, onnx_ns::NodeProto& out);
  Status write_body(const Node& node, const Graph& body, const Names& outer, onnx_ns::GraphProto& out);
  Status write_constant(const Tensor& tensor, const std::string& name, onnx_ns::TensorProto& out);
  void write_value_info(const Graph& graph, ValueId id, const Names& names, onnx_ns::ValueInfoProto& out);
  std::string fresh(const std::string& hint);

  const OnnxOptions& options_;
  ExternalFile* external_;
  std::unordered_set<std::string> taken_;
};

std::string Writer::fresh(const std::string& hint) {
  std::string name = hint.empty() ? "v" : hint;
  for (int n = 1; !taken_.insert(name).second; ++n) name = fmt::format("{}_{}", hint, n);
  return name;
}

void collect_opsets(const Graph& graph, std::map<std::string, int64_t>& opsets) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.alive) continue;
    int64_t& version = opsets[node.domain];
    version = std::max<int64_t>({version, node.since_version, 1});
    for (const auto& body : node.regions) collect_opsets(*body, opsets);
  }
}

Status Writer::write_model(const Graph& graph, onnx_ns::ModelProto& model) {
  std::map<std::string, int64_t> opsets;
  collect_opsets(graph, opsets);
  // The canonical forms are those of one opset, which may be newer than any single node's form.
  opsets.try_emplace("", 1);
  for (const OpsetImport& import : graph.opsets) {
    const auto used = opsets.find(import.domain == "ai.onnx" ? "" : import.domain);
    if (used != opsets.end() && !is_standard_domain(used->first)) used->second = import.version;
  }
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.alive && node.since_version == 0 && is_standard_domain(node.domain)) {
      return {ErrorCode::kInternal, fmt::format("{}: the form of the operator is not settled", node.label())};
    }
  }
  model.set_ir_version(kIrVersion);
  model.set_producer_name(options_.producer_name);
  model.set_producer_version(options_.producer_version);
  for (const auto& [domain, version] : opsets) {
    auto& import = *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(version);
  }
  for (const auto& [key, value] : graph.metadata) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  Names names(graph.value_count());
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    names[id] = graph.value(id).name;
    taken_.insert(names[id]);
  }
  return write_graph(graph, std::move(names), *model.mutable_graph());
}

void Writer::write_value_info(const Graph& graph, ValueId id, const Names& names,
                              onnx_ns::ValueInfoProto& out) {
  out.set_name(names[id]);
  to_type_proto(graph.value(id).type, *out.mutable_type(), &graph.symbols());
}

Status Writer::write_constant(const Tensor& tensor, const std::string& name, onnx_ns::TensorProto& out) {
  out.set_name(name);
  const bool outside = external_ != nullptr && tensor.type != ElementType::kString &&
                       tensor.bytes.size() > options_.external_above_bytes;
  to_tensor_proto(tensor, !outside, out);
  if (!outside) return {};
  // Page-aligned, so that a reader can map each tensor.
  constexpr uint64_t kAlignment = 4096;
  const uint64_t start = (external_->offset + kAlignment - 1) / kAlignment * kAlignment;
  const std::string gap(start - external_->offset, '\0');
  external_->stream.write(gap.data(), static_cast<std::streamsize>(gap.size()));
  external_->stream.write(reinterpret_cast<const char*>(tensor.bytes.data()),
                          static_cast<std::streamsize>(tensor.bytes.size()));
  if (!external_->stream) return {ErrorCode::kIo, fmt::format("cannot write '{}'", external_->name)};
  external_->offset = start + tensor.bytes.size();
  out.set_data_location(onnx_ns::TensorProto::EXTERNAL);
  const std::pair<const char*, std::string> entries[] = {{"location", external_->name},
                                                         {"offset", std::to_string(start)},
                                                         {"length", std::to_string(tensor.bytes.size())}};
  for (const auto& [key, value] : entries) {
    auto& entry = *out.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return {};
}

Status Writer::write_graph(const Graph& graph, Names names, onnx_ns::GraphProto& out) {
  out.set_name(graph.name.empty() ? "graph" : graph.name);
  for (const ValueId id : graph.inputs()) write_value_info(graph, id, names, *out.add_input());
  const std::vector<NodeId> order = graph.topological_order();
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const GraphValue& value = graph.value(id);
    const bool used = !value.consumers.empty() || value.is_output || value.is_input;
    if (value.constant && used)
      BP_RETURN_IF_ERROR(write_constant(*value.constant, names[id], *out.add_initializer()));
  }
  for (const NodeId id : order) {
    BP_RETURN_IF_ERROR(write_node(graph, graph.node(id), names, *out.add_node()));
    for (const ValueId output : graph.node(id).outputs) {
      if (output == kNoId || graph.value(output).is_output) continue;
      if (graph.value(output).type.kind == ValueKind::kUnknown) continue;
      write_value_info(graph, output, names, *out.add_value_info());
    }
  }
  // One value may be several outputs, ONNX names each once: copies.
  std::unordered_set<ValueId> written;
  for (const ValueId id : graph.outputs()) {
    auto& info = *out.add_output();
    write_value_info(graph, id, names, info);
    if (written.insert(id).second) continue;
    auto& copy = *out.add_node();
    copy.set_op_type("Identity");
    copy.add_input(names[id]);
    info.set_name(fresh(names[id]));
    copy.add_output(info.name());
  }
  return {};
}

const char* body_name(const Node& node, size_t index) {
  if (node.region == RegionKind::kBranch) return index == 0 ? "then_branch" : "else_branch";
  return "body";
}

Status Writer::write_node(const Graph& graph, const Node& node, const Names& names, onnx_ns::NodeProto& out) {
  out.set_name(node.name);
  out.set_op_type(node.op_type);
  out.set_domain(node.domain);
  const size_t own = node.inputs.size() - node.capture_count;
  for (size_t i = 0; i < own; ++i) out.add_input(node.inputs[i] == kNoId ? "" : names[node.inputs[i]]);
  for (const ValueId output : node.outputs) out.add_output(output == kNoId ? "" : names[output]);
  for (const Attribute& attribute : node.attributes) {
    to_attribute_proto(attribute, true, *out.add_attribute(), &graph.symbols());
  }
  for (size_t i = 0; i < node.regions.size(); ++i) {
    auto& attribute = *out.add_attribute();
    attribute.set_name(body_name(node, i));
    attribute.set_type(onnx_ns::AttributeProto::GRAPH);
    BP_RETURN_IF_ERROR(write_body(node, *node.regions[i], names, *attribute.mutable_g()));
  }
  return {};
}

Status Writer::write_body(const Node& node, const Graph& body, const Names& outer, onnx_ns::GraphProto& out) {
  Names names(body.value_count());
  const size_t own = body.inputs().size() - node.capture_count;
  const size_t first_capture = node.inputs.size() - node.capture_count;
  std::unordered_set<ValueId> captured;
  for (size_t i = 0; i < node.capture_count; ++i) {
    const ValueId inner = body.inputs()[own + i];
    names[inner] = outer[node.inputs[first_capture + i]];
    captured.insert(inner);
  }
  for (ValueId id = 0; id < body.value_count(); ++id) {
    if (names[id].empty()) names[id] = fresh(body.value(id).name);
  }
  // A captured value that a body passes straight on must be an output of its own.
  BP_RETURN_IF_ERROR(write_graph(body, names, out));
  onnx_ns::GraphProto trimmed = out;
  trimmed.clear_input();
  for (size_t i = 0; i < own; ++i) *trimmed.add_input() = out.input(static_cast<int>(i));
  for (int i = 0; i < trimmed.output_size(); ++i) {
    const ValueId id = body.outputs()[static_cast<size_t>(i)];
    if (!captured.contains(id) || trimmed.output(i).name() != names[id]) continue;
    auto& copy = *trimmed.add_node();
    copy.set_op_type("Identity");
    copy.add_input(names[id]);
    trimmed.mutable_output(i)->set_name(fresh(names[id]));
    copy.add_output(trimmed.output(i).name());
  }
  out.Swap(&trimmed);
  return {};
}

Result<std::string> serialize(const Graph& graph, const OnnxOptions& options, ExternalFile* external) {
  try {
    onnx_ns::ModelProto model;
    BP_RETURN_IF_ERROR(Writer(options, external).write_model(graph, model));
    if (model.ByteSizeLong() > kMaxProtoBytes) {
      return Status(ErrorCode::kUnsupported,
                    "an ONNX model above 2 GiB must keep its constants in a file of their own");
    }
    std::string bytes;
    if (!model.SerializeToString(&bytes))
      return Status(ErrorCode::kInternal, "protobuf cannot write the model");
    return bytes;
  } catch (const std::exception& error) {
    return Status(ErrorCode::kInternal, fmt::format("protobuf: {}", error.what()));
  }
}

}  // namespace

Result<std::string> to_onnx_bytes(const Graph& graph, const OnnxOptions& options) {
  return serialize(graph, options, nullptr);
}

Status to_onnx_file(const Graph& graph, const std::string& path, const OnnxOptions& options) {
  namespace fs = std::filesystem;
  const std::string data_path = path + ".data";
  const std::string model_part = path + ".part";
  const std::string data_part = data_path + ".part";
  const auto failed = [&](const Status& status) {
    std::error_code ignored;
    fs::remove(model_part, ignored);
    fs::remove(data_part, ignored);
    return status;
  };
  const auto cannot = [&](const std::string& what) {
    return failed({ErrorCode::kIo, fmt::format("cannot write '{}'", what)});
  };
  ExternalFile external{fs::path(data_path).filename().string(), std::ofstream(data_part, std::ios::binary), 0};
  if (!external.stream) return cannot(data_path);
  auto bytes = serialize(graph, options, &external);
  if (!bytes.ok()) return failed(bytes.status());
  external.stream.close();
  std::ofstream model(model_part, std::ios::binary);
  model.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  model.close();
  if (!external.stream) return cannot(data_path);
  if (!model) return cannot(path);
  std::error_code error;
  if (external.offset > 0) {
    fs::rename(data_part, data_path, error);
    if (error) return cannot(data_path);
  } else {
    fs::remove(data_part, error);
  }
  fs::rename(model_part, path, error);
  return error ? cannot(path) : Status();
}

}  // namespace bp
