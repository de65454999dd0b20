// Conversions and the checks of what callers hand in.
#include "session/describe.hpp"

#include "base/nearest_name.hpp"
#include "base/value_impl.hpp"
#include "provider/device_tensor.hpp"

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

ValueInfo describe_type(const ValueType& type, const SymbolTable& symbols) {
  ValueInfo info;
  info.kind = type.kind;
  info.element_type = type.element;
  info.has_rank = type.has_rank;
  for (const Dim& dim : type.dims) info.dims.push_back({dim.size, symbols.name(dim.symbol)});
  if (type.contained != nullptr) info.contained.push_back(describe_type(*type.contained, symbols));
  info.type = type.to_string(symbols);
  return info;
}

bool other_element(ElementType wanted, ElementType found) {
  return wanted != ElementType::kUndefined && wanted != found;
}

bool fits_tensor(const ValueInfo& info, const Value& value) {
  if (other_element(info.element_type, value.element_type())) return false;
  if (!info.has_rank) return true;
  if (info.dims.size() != value.dims().size()) return false;
  for (size_t axis = 0; axis < info.dims.size(); ++axis)
    if (info.dims[axis].size >= 0 && info.dims[axis].size != value.dims()[axis]) return false;
  return true;
}

std::string misfit(const ValueInfo& info, const Value& value, const std::string& place);

std::string misfit_of_map(const ValueInfo& info, const Value& value, const std::string& place) {
  const Value& keys = value.elements()[0];
  const Value& values = value.elements()[1];
  if (other_element(info.element_type, keys.element_type()))
    return place + "the keys must be " + std::string(element_type_name(info.element_type)) + ", are " +
           keys.type_string();
  if (info.contained.empty()) return {};
  ValueInfo of_value = info.contained[0];
  if (values.is_tensor()) {
    if (!other_element(of_value.element_type, values.element_type())) return {};
    return place + "the values must be " + of_value.type + ", are " + values.type_string();
  }
  of_value.has_rank = false;  // one element may come as [1] where [] is declared
  for (const Value& element : values.elements())
    if (std::string text = misfit(of_value, element, place + "a value of the map "); !text.empty()) return text;
  return {};
}

// The first part of `value` that cannot be what `info` says: where in it, what is expected and found.
std::string misfit(const ValueInfo& info, const Value& value, const std::string& place) {
  const auto wrong = [&] { return place + "must be " + info.type + ", is " + value.type_string(); };
  if (!value) return wrong();
  if (info.kind == ValueKind::kUnknown) return {};
  // A bare value stands for an optional with that content.
  if (info.kind == ValueKind::kOptional && value.kind() != ValueKind::kOptional)
    return info.contained.empty() ? std::string() : misfit(info.contained[0], value, place);
  if (info.kind != value.kind()) return wrong();
  if (value.is_tensor()) return fits_tensor(info, value) ? std::string() : wrong();
  if (value.kind() == ValueKind::kMap) return misfit_of_map(info, value, place);
  if (info.contained.empty()) return {};
  const bool content = value.kind() == ValueKind::kOptional;
  for (size_t index = 0; index < value.elements().size(); ++index) {
    const std::string inner = place + (content ? "the content " : "element " + std::to_string(index) + " ");
    if (std::string text = misfit(info.contained[0], value.elements()[index], inner); !text.empty())
      return text;
  }
  return {};
}

std::vector<std::string> value_names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> names;
  for (const ValueId id : ids) names.push_back(id == kNoId ? "" : graph.value(id).name);
  return names;
}

}  // namespace

ValueInfo describe_value(const GraphValue& value, const SymbolTable& symbols) {
  ValueInfo info = describe_type(value.type, symbols);
  info.name = value.name;
  info.has_default = value.constant != nullptr;
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
  if (!value.is_tensor()) {
    if (!value) return runtime;
    std::vector<RuntimeValue> elements;
    for (const Value& element : value.elements()) elements.push_back(to_runtime(element));
    return container_value(value.kind(), std::move(elements));
  }
  runtime.type = value.element_type();
  runtime.dims = value.dims();
  runtime.data = host_slice(value.data(), value.size_bytes());
  if (value.element_type() == ElementType::kString) {
    const auto* offsets = static_cast<const uint64_t*>(value.data());
    runtime.string_bytes = host_slice(value.string_data(), offsets[value.count()]);
  }
  // The copy shares the memory: whoever keeps the runtime value keeps it.
  runtime.owner = std::make_shared<Value>(value);
  runtime.present = true;
  runtime.lent = true;
  return runtime;
}

Result<RuntimeValue> to_runtime(const Value& value, const MemorySpaces& spaces) {
  for (const Value& element : value.elements())
    if (!element.is_on_host())
      return Status(ErrorCode::kInvalidArgument, "elements of " + value.type_string() +
                                                     " must be on the host, one lies in '" + element.memory() +
                                                     "'");
  if (value.is_on_host()) return to_runtime(value);
  const auto* tensor = static_cast<const DeviceTensor*>(Value::Impl::of(value)->device.get());
  RuntimeValue runtime;
  runtime.space = spaces.find(*tensor->device(), tensor->memory_kind());
  if (runtime.space == kNoIndex)
    return Status(ErrorCode::kInvalidArgument,
                  value.type_string() + " lies in '" + value.memory() +
                      "', which the session does not use; to_host() gives a copy for any session");
  runtime.type = value.element_type();
  runtime.dims = value.dims();
  runtime.data = tensor->slice(value.size_bytes());
  runtime.owner = Value::Impl::of(value)->device;
  runtime.present = true;
  runtime.lent = true;
  return runtime;
}

Result<Value> to_value(const RuntimeValue& value) {
  if (!value.is_tensor()) {
    std::vector<Value> elements;
    for (const RuntimeValue& element : value.elements.all()) {
      BP_ASSIGN_OR_RETURN(Value made, to_value(element));
      elements.push_back(std::move(made));
    }
    if (value.kind == ValueKind::kSequence) return Value::sequence(std::move(elements));
    if (value.kind == ValueKind::kMap) return Value::map(std::move(elements[0]), std::move(elements[1]));
    return Value::optional(elements.empty() ? Value() : std::move(elements[0]));
  }
  if (value.type == ElementType::kString) {
    const auto* offsets = static_cast<const uint64_t*>(value.host_data());
    const auto* text = reinterpret_cast<const char*>(value.string_bytes.address);
    std::vector<std::string> strings;
    for (int64_t index = 0; index < element_count(value.dims); ++index)
      strings.emplace_back(text + offsets[index], offsets[index + 1] - offsets[index]);
    return Value::strings(value.dims, strings);
  }
  if (value.space != kHostSpace) {
    auto tensor = std::static_pointer_cast<const DeviceTensor>(value.owner);
    return device_value(value.type, value.dims, std::const_pointer_cast<DeviceTensor>(std::move(tensor)));
  }
  if (value.lent)
    return Value::copy_bytes(value.type, value.dims,
                             {static_cast<const std::byte*>(value.host_data()), value.data.size});
  return Value::share(value.type, value.dims, value.host_data(), value.data.size, value.owner);
}

Status check_input(const ValueInfo& info, const Value& value) {
  if (!value.is_tensor() && info.kind == ValueKind::kUnknown)
    return {ErrorCode::kInvalidArgument,
            "input '" + info.name + "' has no known type, is given " + value.type_string()};
  const std::string text = misfit(info, value, "");
  if (text.empty()) return {};
  return {ErrorCode::kInvalidArgument, "input '" + info.name + "' " + text};
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
