// Conversions and the checks of what callers hand in.
#include "session/describe.hpp"

#include "base/nearest_name.hpp"
#include "base/value_impl.hpp"

namespace bp {
namespace {

constexpr size_t kShownElements = 16;

template <class T, class Format>
std::string list_text(const std::vector<T>& list, Format&& format) {
  std::string text = "[";
  for (size_t index = 0; index < list.size(); ++index) {
    if (index > 0) text += ", ";
    if (index == kShownElements) return text + "... " + std::to_string(list.size()) + " in all]";
    text += format(list[index]);
  }
  return text + "]";
}

std::string tensor_text(const TensorPtr& tensor) {
  if (tensor == nullptr) return "none";
  std::string text = tensor_type_string(tensor->type, tensor->dims);
  const auto numbers =
      tensor->count() <= static_cast<int64_t>(kShownElements) ? tensor->to_int64() : std::vector<int64_t>{};
  if (!numbers.empty()) text += " " + list_text(numbers, [](int64_t number) { return std::to_string(number); });
  return text;
}

struct AttributeText {
  const SymbolTable& symbols;
  std::string operator()(int64_t number) const { return std::to_string(number); }
  std::string operator()(float number) const { return std::to_string(number); }
  std::string operator()(const std::string& text) const { return "\"" + text + "\""; }
  std::string operator()(const TensorPtr& tensor) const { return tensor_text(tensor); }
  std::string operator()(const ValueType& type) const { return type.to_string(symbols); }
  template <class T>
  std::string operator()(const std::vector<T>& list) const {
    return list_text(list, [this](const T& entry) { return (*this)(entry); });
  }
};

std::vector<std::string> value_names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> names;
  for (const ValueId id : ids) names.push_back(id == kNoId ? "" : graph.value(id).name);
  return names;
}

}  // namespace

ValueInfo describe_value(const GraphValue& value, const SymbolTable& symbols) {
  ValueInfo info;
  info.name = value.name;
  info.kind = value.type.kind;
  info.element_type = value.type.element;
  info.has_rank = value.type.has_rank;
  for (const Dim& dim : value.type.dims) info.dims.push_back({dim.size, symbols.name(dim.symbol)});
  info.has_default = value.constant != nullptr;
  info.type = value.type.to_string(symbols);
  return info;
}

std::vector<ValueInfo> describe_inputs(const Graph& graph) {
  std::vector<ValueInfo> infos;
  for (const ValueId id : graph.inputs()) infos.push_back(describe_value(graph.value(id), graph.symbols()));
  return infos;
}

std::vector<ValueInfo> describe_outputs(const Graph& graph) {
  std::vector<ValueInfo> infos;
  for (const ValueId id : graph.outputs()) infos.push_back(describe_value(graph.value(id), graph.symbols()));
  return infos;
}

NodeInfo describe_node(const Graph& graph, const Node& node) {
  NodeInfo info;
  info.name = node.name;
  info.domain = node.domain;
  info.op_type = node.op_type;
  info.inputs = value_names(graph, node.inputs);
  info.outputs = value_names(graph, node.outputs);
  for (const Attribute& attribute : node.attributes)
    info.attributes.push_back({attribute.name, std::visit(AttributeText{graph.symbols()}, attribute.value)});
  info.body_count = static_cast<uint32_t>(node.regions.size());
  return info;
}

RuntimeValue to_runtime(const Value& value) {
  RuntimeValue runtime;
  runtime.type = value.element_type();
  runtime.dims = value.dims();
  runtime.data = host_slice(value.data(), value.size_bytes());
  if (value.element_type() == ElementType::kString) {
    const auto* offsets = static_cast<const uint64_t*>(value.data());
    runtime.string_bytes = host_slice(value.string_data(), offsets[value.count()]);
  }
  // The copy shares the memory: whoever keeps the runtime value keeps it.
  runtime.owner = std::make_shared<Value>(value);
  runtime.present = value.is_tensor();
  return runtime;
}

Result<Value> to_value(const RuntimeValue& value) {
  if (value.type == ElementType::kString) {
    const auto* offsets = static_cast<const uint64_t*>(value.host_data());
    const auto* text = reinterpret_cast<const char*>(value.string_bytes.address);
    std::vector<std::string> strings;
    for (int64_t index = 0; index < element_count(value.dims); ++index)
      strings.emplace_back(text + offsets[index], offsets[index + 1] - offsets[index]);
    return Value::strings(value.dims, strings);
  }
  return Value::share(value.type, value.dims, value.host_data(), value.data.size, value.owner);
}

Status check_input(const ValueInfo& info, const Value& value) {
  const auto wrong = [&] {
    return Status(ErrorCode::kInvalidArgument,
                  "input '" + info.name + "' must be " + info.type + ", is " + value.type_string());
  };
  const bool tensor = info.kind == ValueKind::kTensor || info.kind == ValueKind::kUnknown;
  if (!tensor || !value.is_tensor()) return wrong();
  if (info.element_type != ElementType::kUndefined && info.element_type != value.element_type()) return wrong();
  if (!info.has_rank) return {};
  if (info.dims.size() != value.dims().size()) return wrong();
  for (size_t axis = 0; axis < info.dims.size(); ++axis)
    if (info.dims[axis].size >= 0 && info.dims[axis].size != value.dims()[axis]) return wrong();
  return {};
}

Result<size_t> find_name(const std::vector<ValueInfo>& infos, const std::string& name, const char* what) {
  std::vector<std::string> names;
  for (size_t position = 0; position < infos.size(); ++position) {
    if (infos[position].name == name) return position;
    names.push_back(infos[position].name);
  }
  std::string message = "there is no " + std::string(what) + " '" + name + "'";
  const auto nearest = nearest_name(name, names);
  if (!nearest.empty()) {
    message += "; did you mean '" + std::string(nearest) + "'?";
  } else {
    message += "; the model has";
    for (const std::string& known : names) message += " '" + known + "'";
  }
  return Status(ErrorCode::kNotFound, message);
}

}  // namespace bp
