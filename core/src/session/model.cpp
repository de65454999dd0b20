// Model: load and check, then answer questions about what is in the file.
#include "backplane/model.hpp"

#include <chrono>

#include "check/check_graph.hpp"
#include "session/describe.hpp"
#include "session/model_impl.hpp"

namespace bp {
namespace {

using Clock = std::chrono::steady_clock;

int64_t since_ns(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}

ModelMetadata read_metadata(const LoadedModel& loaded) {
  ModelMetadata metadata;
  metadata.graph_name = loaded.graph->name;
  metadata.producer_name = loaded.producer_name;
  metadata.producer_version = loaded.producer_version;
  metadata.domain = loaded.domain;
  metadata.description = loaded.doc_string;
  metadata.model_version = loaded.model_version;
  metadata.ir_version = loaded.graph->ir_version;
  for (const OpsetImport& opset : loaded.graph->opsets) metadata.opsets[opset.domain] = opset.version;
  metadata.properties.insert(loaded.graph->metadata.begin(), loaded.graph->metadata.end());
  metadata.declared_inputs = loaded.declared_inputs;
  metadata.violations = loaded.violations;
  return metadata;
}

Result<std::shared_ptr<const Model::Impl>> finish(Result<LoadedModel> loaded, Clock::time_point begin) {
  if (!loaded.ok()) return loaded.status();
  auto impl = std::make_shared<Model::Impl>();
  impl->loaded = std::move(*loaded);
  impl->load_ns = since_ns(begin);
  const auto check_begin = Clock::now();
  BP_RETURN_IF_ERROR(check_graph(*impl->loaded.graph));
  impl->check_ns = since_ns(check_begin);
  impl->metadata = read_metadata(impl->loaded);
  impl->inputs = describe_inputs(*impl->loaded.graph);
  impl->outputs = describe_outputs(*impl->loaded.graph);
  return std::shared_ptr<const Model::Impl>(std::move(impl));
}

}  // namespace

Result<Model> Model::load(const std::string& path) {
  const auto begin = Clock::now();
  BP_ASSIGN_OR_RETURN(auto impl, finish(load_model_file(path), begin));
  return Model(std::move(impl));
}

Result<Model> Model::load(std::span<const std::byte> bytes, const std::string& external_data_folder) {
  const auto begin = Clock::now();
  LoadOptions options;
  options.external_data_root = external_data_folder;
  BP_ASSIGN_OR_RETURN(auto impl, finish(load_model_bytes(bytes, options), begin));
  return Model(std::move(impl));
}

const ModelMetadata& Model::metadata() const noexcept { return impl_->metadata; }
const std::vector<ValueInfo>& Model::inputs() const noexcept { return impl_->inputs; }
const std::vector<ValueInfo>& Model::outputs() const noexcept { return impl_->outputs; }

std::vector<NodeInfo> Model::nodes() const {
  const Graph& graph = *impl_->loaded.graph;
  std::vector<NodeInfo> nodes;
  for (NodeId id = 0; id < graph.node_count(); ++id)
    if (graph.node(id).alive) nodes.push_back(describe_node(graph, graph.node(id)));
  return nodes;
}

std::vector<std::string> Model::unused_initializers() const {
  const Graph& graph = *impl_->loaded.graph;
  std::vector<std::string> names;
  for (ValueId id = 0; id < graph.value_count(); ++id) {
    const GraphValue& value = graph.value(id);
    if (value.constant != nullptr && value.consumers.empty() && !value.is_output) names.push_back(value.name);
  }
  return names;
}

uint64_t Model::initializer_bytes() const noexcept {
  const Graph& graph = *impl_->loaded.graph;
  uint64_t bytes = 0;
  for (ValueId id = 0; id < graph.value_count(); ++id)
    if (graph.value(id).constant != nullptr)
      bytes += graph.value(id).constant->bytes.size() + graph.value(id).constant->string_bytes.size();
  return bytes;
}

}  // namespace bp
