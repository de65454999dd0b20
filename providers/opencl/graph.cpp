// Reads the ABI's graph view.
#include "graph.hpp"

#include <cstring>

#include "ops/table.hpp"

namespace bp::opencl {

namespace {

template <class T, class Out>
void widen(const HostTensor& tensor, std::vector<Out>& out) {
  const auto count = static_cast<size_t>(tensor.count());
  out.resize(count);
  for (size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, static_cast<const std::byte*>(tensor.data) + i * sizeof(T), sizeof(T));
    out[i] = static_cast<Out>(value);
  }
}

template <class Out>
std::vector<Out> numbers(const HostTensor& tensor) {
  std::vector<Out> result;
  switch (tensor.type) {
    case Type::kFloat32:
      widen<float>(tensor, result);
      break;
    case Type::kFloat64:
      widen<double>(tensor, result);
      break;
    case Type::kFloat16:
      widen<Half>(tensor, result);
      break;
    case Type::kBfloat16:
      widen<Bfloat16>(tensor, result);
      break;
    case Type::kInt8:
      widen<int8_t>(tensor, result);
      break;
    case Type::kInt16:
      widen<int16_t>(tensor, result);
      break;
    case Type::kInt32:
      widen<int32_t>(tensor, result);
      break;
    case Type::kInt64:
      widen<int64_t>(tensor, result);
      break;
    case Type::kUint8:
    case Type::kBool:
      widen<uint8_t>(tensor, result);
      break;
    case Type::kUint16:
      widen<uint16_t>(tensor, result);
      break;
    case Type::kUint32:
      widen<uint32_t>(tensor, result);
      break;
    case Type::kUint64:
      widen<uint64_t>(tensor, result);
      break;
    default:
      throw Error(BP_STATUS_UNSUPPORTED, text("expected numbers, found ", type_name(tensor.type)));
  }
  return result;
}

}  // namespace

std::vector<int64_t> HostTensor::ints() const { return numbers<int64_t>(*this); }
std::vector<double> HostTensor::floats() const { return numbers<double>(*this); }

HostTensor read_tensor(const bp_tensor& tensor) {
  HostTensor result;
  result.type = static_cast<Type>(tensor.element_type);
  for (const int64_t dim : ArrayView<int64_t>(tensor.dims)) result.dims.push_back(dim);
  result.data = tensor.data;
  result.size_bytes = tensor.size_bytes;
  return result;
}

Attributes::Attributes(const bp_array& attributes) {
  for (const bp_attribute& attribute : ArrayView<bp_attribute>(attributes)) {
    Entry entry{std::string(view(attribute.name)), {}};
    switch (attribute.kind) {
      case BP_ATTRIBUTE_INT:
        entry.value = attribute.int_value;
        break;
      case BP_ATTRIBUTE_FLOAT:
        entry.value = attribute.float_value;
        break;
      case BP_ATTRIBUTE_STRING:
        entry.value = std::string(view(attribute.string_value));
        break;
      case BP_ATTRIBUTE_INTS: {
        std::vector<int64_t> list;
        for (const int64_t item : ArrayView<int64_t>(attribute.list)) list.push_back(item);
        entry.value = std::move(list);
        break;
      }
      case BP_ATTRIBUTE_FLOATS: {
        std::vector<float> list;
        for (const float item : ArrayView<float>(attribute.list)) list.push_back(item);
        entry.value = std::move(list);
        break;
      }
      case BP_ATTRIBUTE_STRINGS: {
        std::vector<std::string> list;
        for (const bp_string& item : ArrayView<bp_string>(attribute.list)) list.emplace_back(view(item));
        entry.value = std::move(list);
        break;
      }
      case BP_ATTRIBUTE_TENSOR: {
        const ArrayView<bp_tensor> list(attribute.list);
        if (list.empty()) break;
        auto owned = std::make_shared<OwnedTensor>();
        owned->tensor = read_tensor(list[0]);
        const auto* bytes = static_cast<const std::byte*>(list[0].data);
        if (bytes != nullptr) owned->bytes.assign(bytes, bytes + list[0].size_bytes);
        owned->tensor.data = owned->bytes.data();
        entry.value = std::move(owned);
        break;
      }
      default:
        break;
    }
    entries_.push_back(std::move(entry));
  }
}

const Attributes::Value* Attributes::find(std::string_view name) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.name == name) return &entry.value;
  }
  return nullptr;
}

template <class T>
const T* Attributes::get(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) return nullptr;
  const T* typed = std::get_if<T>(value);
  if (typed == nullptr) {
    throw Error(BP_STATUS_INVALID_MODEL, text("attribute '", name, "' has another kind than expected"));
  }
  return typed;
}

int64_t Attributes::int_or(std::string_view name, int64_t fallback) const {
  const auto* value = get<int64_t>(name);
  return value == nullptr ? fallback : *value;
}

float Attributes::float_or(std::string_view name, float fallback) const {
  const auto* value = get<float>(name);
  return value == nullptr ? fallback : *value;
}

std::string Attributes::string_or(std::string_view name, std::string_view fallback) const {
  const auto* value = get<std::string>(name);
  return value == nullptr ? std::string(fallback) : *value;
}

Dims Attributes::ints_or(std::string_view name, Dims fallback) const {
  const auto* value = get<std::vector<int64_t>>(name);
  if (value == nullptr) return fallback;
  return *value;
}

std::vector<float> Attributes::floats_or(std::string_view name, std::vector<float> fallback) const {
  const auto* value = get<std::vector<float>>(name);
  if (value == nullptr) return fallback;
  return *value;
}

std::vector<std::string> Attributes::strings(std::string_view name) const {
  const auto* value = get<std::vector<std::string>>(name);
  return value == nullptr ? std::vector<std::string>{} : *value;
}

const HostTensor* Attributes::tensor(std::string_view name) const {
  const auto* value = get<std::shared_ptr<OwnedTensor>>(name);
  return value == nullptr ? nullptr : &(*value)->tensor;
}

namespace {

Value read_value(const bp_value& source) {
  Value value;
  value.name = std::string(view(source.name));
  value.type = static_cast<Type>(source.element_type);
  value.has_rank = source.has_rank != 0;
  for (const bp_dim& dim : ArrayView<bp_dim>(source.dims)) value.dims.push_back(dim.size);
  value.constant = (source.flags & BP_VALUE_CONSTANT) != 0;
  value.host_value = (source.flags & BP_VALUE_HOST_VALUE) != 0;
  value.data_dependent = (source.flags & BP_VALUE_DATA_DEPENDENT) != 0;
  value.constant_id = source.constant_id;
  value.producer = source.producer;
  return value;
}

Node read_node(const bp_node& source) {
  Node node;
  node.name = std::string(view(source.name));
  node.domain = std::string(view(source.domain));
  node.op_type = std::string(view(source.op_type));
  node.since_version = source.since_version;
  for (const uint32_t input : ArrayView<uint32_t>(source.inputs)) node.inputs.push_back(input);
  for (const uint32_t output : ArrayView<uint32_t>(source.outputs)) node.outputs.push_back(output);
  node.attributes = Attributes(source.attributes);
  node.row = find_row(node.domain, node.op_type);
  return node;
}

}  // namespace

Graph read_graph(const bp_graph& source) {
  Graph graph;
  graph.values.reserve(source.values.count);
  for (const bp_value& value : ArrayView<bp_value>(source.values)) graph.values.push_back(read_value(value));
  graph.nodes.reserve(source.nodes.count);
  for (const bp_node& node : ArrayView<bp_node>(source.nodes)) graph.nodes.push_back(read_node(node));
  for (const uint32_t input : ArrayView<uint32_t>(source.inputs)) graph.inputs.push_back(input);
  for (const uint32_t output : ArrayView<uint32_t>(source.outputs)) graph.outputs.push_back(output);

  const auto known = [&](uint32_t value) {
    if (value >= graph.values.size()) {
      throw Error(BP_STATUS_INVALID_ARGUMENT,
                  text("the graph view names value ", value, " of ", graph.values.size()));
    }
  };
  for (uint32_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    for (const uint32_t input : node.inputs) {
      if (input == BP_NONE) continue;
      known(input);
      graph.values[input].uses.push_back(index);
    }
    for (const uint32_t output : node.outputs) {
      if (output != BP_NONE) known(output);
    }
  }
  for (const uint32_t input : graph.inputs) known(input);
  for (const uint32_t output : graph.outputs) {
    known(output);
    ++graph.values[output].output_uses;
  }
  return graph;
}

}  // namespace bp::opencl
