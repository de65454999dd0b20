// The way of the bytes: mapped, big payloads lifted out, the rest parsed by protobuf, then built.
#include "load/load_model.hpp"

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <onnx/onnx_pb.h>

#include <filesystem>
#include <limits>
#include <new>
#include <string_view>

#include "base/mapped_file.hpp"
#include "load/build_graph.hpp"
#include "load/lift.hpp"

namespace bp {
namespace {

Status invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message)}; }

Status check_beginning(std::span<const std::byte> bytes) {
  if (bytes.empty()) return invalid("is empty");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("version https://git-lfs")) {
    return invalid("is a Git LFS pointer; fetch the file itself with 'git lfs pull'");
  }
  return {};
}

Status check_versions(const onnx::ModelProto& proto) {
  if (!proto.has_graph()) return invalid("holds no graph: not a model");
  if (proto.ir_version() > kNewestIrVersion) {
    return {ErrorCode::kIncompatible,
            fmt::format("has ir_version {}, the newest known is {}", proto.ir_version(), kNewestIrVersion)};
  }
  if (proto.ir_version() < kOldestIrVersion) {
    return {ErrorCode::kIncompatible,
            fmt::format("has ir_version {}, the oldest supported is {}", proto.ir_version(), kOldestIrVersion)};
  }
  return {};
}

Status read_opsets(const onnx::ModelProto& proto, Graph& graph) {
  for (const auto& import : proto.opset_import()) {
    const std::string domain = normal_domain(import.domain());
    if (import.version() < 1 || import.version() > std::numeric_limits<int32_t>::max()) {
      return invalid(fmt::format("imports opset {} of domain '{}'", import.version(), domain));
    }
    bool known = false;
    for (const OpsetImport& other : graph.opsets) {
      known = known || other.domain == domain;
      if (other.domain == domain && other.version != import.version()) {
        return invalid(fmt::format("imports opsets {} and {} of domain '{}'", other.version, import.version(),
                                   domain.empty() ? "ai.onnx" : domain));
      }
    }
    if (!known) graph.opsets.push_back({domain, import.version()});
  }
  return {};
}

Result<LoadedModel> build_model(LoadContext& context, const onnx::ModelProto& proto) {
  BP_RETURN_IF_ERROR(check_versions(proto));
  LoadedModel model;
  model.path = context.source_path;
  model.producer_name = proto.producer_name();
  model.producer_version = proto.producer_version();
  model.domain = proto.domain();
  model.doc_string = proto.doc_string();
  model.model_version = proto.model_version();
  for (const auto& input : proto.graph().input()) model.declared_inputs.push_back(input.name());

  auto graph = std::make_unique<Graph>();
  graph->ir_version = proto.ir_version();
  for (const auto& entry : proto.metadata_props()) graph->metadata[entry.key()] = entry.value();
  BP_RETURN_IF_ERROR(read_opsets(proto, *graph));
  BP_ASSIGN_OR_RETURN(FunctionLibrary functions, FunctionLibrary::create(proto));
  GraphBuilder builder(context, functions, std::move(graph));
  BP_RETURN_IF_ERROR(builder.build(proto.graph(), nullptr));
  model.graph = builder.take_graph();
  if (!context.redefined.empty()) {
    const size_t others = context.redefined.size() - 1;
    const std::string more = others == 0 ? "" : fmt::format(" and {} more", others);
    model.violations.push_back(
        fmt::format("several Constant nodes define '{}'{}: the last one counts", context.redefined[0], more));
  }
  return model;
}

Result<LoadedModel> load(LoadContext& context) try {
  BP_RETURN_IF_ERROR(check_beginning(context.source));
  BP_ASSIGN_OR_RETURN(Lifted made, lift_payloads(context.source, LiftRoot::kModel));
  context.lifted = std::make_unique<const Lifted>(std::move(made));
  const std::string& message = context.lifted->message;
  if (message.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return invalid("has more than 2 GiB beside its weights");
  }
  google::protobuf::Arena arena;
  auto& proto = *google::protobuf::Arena::CreateMessage<onnx::ModelProto>(&arena);
  if (!proto.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return invalid("not a valid ONNX file: its fields are not those of a model, or nested too deeply");
  }
  return build_model(context, proto);
} catch (const std::bad_alloc&) {
  return Status(ErrorCode::kOutOfHostMemory, "no memory left while loading");
}

std::string data_folder(const std::string& path, const LoadOptions& options) {
  if (!options.external_data_root.empty()) return options.external_data_root;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? std::string(".") : folder.string();
}

}  // namespace

Result<LoadedModel> load_model_file(const std::string& path, const LoadOptions& options) {
  BP_ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file,
                      MappedFile::open(path, options.max_file_bytes));
  LoadContext context;
  context.options = &options;
  context.folder = data_folder(path, options);
  context.source = file->bytes();
  context.source_owner = file;
  context.source_path = path;
  context.source_version = file->version();
  Result<LoadedModel> model = load(context);
  if (!model.ok()) return model.status().at(fmt::format("'{}'", path));
  return model;
}

Result<LoadedModel> load_model_bytes(std::span<const std::byte> bytes, const LoadOptions& options,
                                     std::shared_ptr<const void> owner) {
  LoadContext context;
  context.options = &options;
  context.folder = options.external_data_root;
  context.source = bytes;
  context.source_owner = std::move(owner);
  if (options.max_file_bytes != 0 && bytes.size() > options.max_file_bytes) {
    return Status(ErrorCode::kInvalidArgument,
                  fmt::format("the model has {} bytes; the limit is {}", bytes.size(), options.max_file_bytes));
  }
  Result<LoadedModel> model = load(context);
  if (!model.ok()) return model.status().at("model from memory");
  return model;
}

}  // namespace bp
