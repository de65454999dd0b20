// A function sees only its formal inputs, so every other name in its body is local and takes the call's
// prefix.
#include "load/functions.hpp"

#include <fmt/format.h>

#include "load/rename_values.hpp"
#include "load/wire.hpp"

namespace bp {
namespace {

// Newer fields than the installed onnx classes may know; reading them off the wire serves all versions.
constexpr uint32_t kNodeOverloadField = 8;
constexpr uint32_t kFunctionDefaultsField = 11;
constexpr uint32_t kFunctionOverloadField = 13;

// Functions that call each other multiply; no model needs this much.
constexpr uint64_t kMaxInlinedBytes = uint64_t{1} << 30;

Status invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message)}; }

template <class Visit>
Status visit_fields(const std::string& message, uint32_t number, Visit visit) {
  const auto bytes = std::as_bytes(std::span(message));
  for (uint64_t at = 0; at < bytes.size();) {
    BP_ASSIGN_OR_RETURN(const WireField field, read_field(bytes, at, bytes.size()));
    at = field.end;
    if (field.number == number && field.wire_type == 2) {
      visit(std::string_view(message).substr(field.begin, field.end - field.begin));
    }
  }
  return {};
}

template <class Proto>
Result<std::string> read_overload(const Proto& proto, uint32_t field) {
  std::string overload;
  BP_RETURN_IF_ERROR(visit_fields(proto.SerializeAsString(), field,
                                  [&](std::string_view text) { overload = std::string(text); }));
  return overload;
}

std::string function_key(const std::string& domain, const std::string& name, const std::string& overload) {
  return normal_domain(domain) + '\n' + name + '\n' + overload;
}

// An attribute that a node of the body refers to: the call's, else the function's default.
const onnx::AttributeProto* find_actual(const onnx::NodeProto& call,
                                        const std::vector<onnx::AttributeProto>& defaults,
                                        const std::string& name) {
  for (const onnx::AttributeProto& candidate : call.attribute()) {
    if (candidate.name() == name) return &candidate;
  }
  for (const onnx::AttributeProto& candidate : defaults) {
    if (candidate.name() == name) return &candidate;
  }
  return nullptr;
}

}  // namespace

std::string normal_domain(const std::string& domain) { return domain == "ai.onnx" ? std::string() : domain; }

Result<FunctionLibrary> FunctionLibrary::create(const onnx::ModelProto& model) {
  FunctionLibrary library;
  for (const onnx::FunctionProto& proto : model.functions()) {
    Function function;
    function.proto = &proto;
    for (const auto& import : proto.opset_import()) {
      function.opsets.push_back({normal_domain(import.domain()), import.version()});
    }
    const std::string bytes = proto.SerializeAsString();
    bool parsed = true;
    BP_RETURN_IF_ERROR(visit_fields(bytes, kFunctionDefaultsField, [&](std::string_view text) {
      parsed =
          function.defaults.emplace_back().ParseFromArray(text.data(), static_cast<int>(text.size())) && parsed;
    }));
    if (!parsed)
      return invalid(fmt::format("function '{}': a default attribute cannot be parsed", proto.name()));
    BP_ASSIGN_OR_RETURN(const std::string overload, read_overload(proto, kFunctionOverloadField));
    library.overloads_ = library.overloads_ || !overload.empty();
    const std::string key = function_key(proto.domain(), proto.name(), overload);
    if (!library.functions_.emplace(key, std::move(function)).second) {
      return invalid(
          fmt::format("function '{}' of domain '{}' is defined twice", proto.name(), proto.domain()));
    }
  }
  return library;
}

const FunctionLibrary::Function* FunctionLibrary::find(const onnx::NodeProto& node) const {
  if (functions_.empty()) return nullptr;
  std::string overload;
  if (overloads_) {
    Result<std::string> found = read_overload(node, kNodeOverloadField);
    if (found.ok()) overload = *found;
  }
  const auto function = functions_.find(function_key(node.domain(), node.op_type(), overload));
  return function == functions_.end() ? nullptr : &function->second;
}

Status FunctionLibrary::expand(LoadContext& context,
                               const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes,
                               const std::vector<OpsetImport>* opsets, std::vector<ScopedNode>& out) {
  out.reserve(out.size() + static_cast<size_t>(nodes.size()));
  for (const onnx::NodeProto& node : nodes) BP_RETURN_IF_ERROR(add(context, node, opsets, 0, out));
  return {};
}

Status FunctionLibrary::add(LoadContext& context, const onnx::NodeProto& node,
                            const std::vector<OpsetImport>* opsets, int depth, std::vector<ScopedNode>& out) {
  if (const Function* function = find(node)) return inline_call(context, node, *function, depth, out);
  if (++context.nodes > context.options->max_nodes) {
    return invalid(fmt::format("has more than {} nodes", context.options->max_nodes));
  }
  out.push_back({&node, opsets});
  return {};
}

Status FunctionLibrary::inline_call(LoadContext& context, const onnx::NodeProto& call, const Function& function,
                                    int depth, std::vector<ScopedNode>& out) {
  const onnx::FunctionProto& proto = *function.proto;
  const std::string place = fmt::format("call '{}' of function '{}'", call.name(), proto.name());
  if (depth >= context.options->max_depth) {
    return invalid(fmt::format("{}: functions call each other more than {} deep", place, depth));
  }
  if (call.input_size() > proto.input_size() || call.output_size() > proto.output_size()) {
    return invalid(fmt::format("{}: has {} inputs and {} outputs, the function takes {} and gives {}", place,
                               call.input_size(), call.output_size(), proto.input_size(), proto.output_size()));
  }
  if (++context.nodes > context.options->max_nodes) {
    return invalid(fmt::format("has more than {} nodes", context.options->max_nodes));
  }
  const std::string prefix =
      fmt::format("{}~{}/", call.name().empty() ? call.op_type() : call.name(), calls_++);
  ValueRenamer instance(prefix, ValueRenamer::Others::kPrefixed,
                        [&](const std::string& name) { return find_actual(call, function.defaults, name); });
  for (int i = 0; i < proto.input_size(); ++i) {
    instance.names[proto.input(i)] = i < call.input_size() ? call.input(i) : std::string();
  }
  std::vector<onnx::NodeProto> identities;
  for (int i = 0; i < call.output_size(); ++i) {
    if (call.output(i).empty()) continue;
    const auto [entry, added] = instance.names.try_emplace(proto.output(i), call.output(i));
    if (added) continue;
    // An output that is an input, or the same value twice.
    onnx::NodeProto& identity = identities.emplace_back();
    identity.set_op_type("Identity");
    identity.set_name(prefix + "Identity");
    identity.add_input(entry->second);
    identity.add_output(call.output(i));
  }
  for (const onnx::NodeProto& original : proto.node()) {
    inlined_bytes_ += original.ByteSizeLong();
    if (inlined_bytes_ > kMaxInlinedBytes) {
      return invalid(fmt::format("{}: inlined functions have more than {} bytes", place, kMaxInlinedBytes));
    }
    onnx::NodeProto& node = copies_.emplace_back(original);
    instance.rename(node);
    BP_RETURN_IF_ERROR(add(context, node, &function.opsets, depth + 1, out));
  }
  for (onnx::NodeProto& identity : identities) {
    BP_RETURN_IF_ERROR(add(context, copies_.emplace_back(std::move(identity)), nullptr, depth + 1, out));
  }
  return {};
}

}  // namespace bp
