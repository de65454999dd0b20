// Reads the ABI's graph view.
#include "graph.hpp"

#include <cstring>

#include "kernels/pack.hpp"
#include "narrow.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

template <class T, class Out>
void widen(const HostTensor& tensor, std::vector<Out>& out) {
  const auto count = static_cast<size_t>(tensor.count());
  out.resize(count);
  for (size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, static_cast<const std::byte*>(tensor.data) + i * sizeof(T), sizeof(T));
    out[i] = static_cast<Out>(static_cast<Compute<T>>(value));
  }
}

template <class Out>
std::vector<Out> numbers(const HostTensor& tensor) {
  std::vector<Out> result;
  if ((mask(tensor.type) & kNarrow) != 0) {
    const auto count = static_cast<size_t>(tensor.count());
    std::vector<std::byte> elements(count);
    const auto* bytes = static_cast<const std::byte*>(tensor.data);
    if (is_packed(tensor.type)) {
      unpack_elements(tensor.type, bytes, 0, tensor.count(), elements.data());
    } else if (count > 0) {
      std::memcpy(elements.data(), bytes, count);
    }
    std::vector<float> values(count);
    read_narrow(tensor.type, elements.data(), values.data(), tensor.count());
    return {values.begin(), values.end()};
  }
  if (!dispatch<kFixedSize>(tensor.type, [&]<class T>(Tag<T>) { widen<T>(tensor, result); })) {
    throw Error(BP_STATUS_UNSUPPORTED, text("expected numbers, found ", type_name(tensor.type)));
  }
  return result;
}

}  // namespace

std::vector<int64_t> HostTensor::ints() const { return numbers<int64_t>(*this); }
std::vector<double> HostTensor::floats() const { return numbers<double>(*this); }

std::vector<std::string> HostTensor::texts() const {
  if (type != Type::kString) {
    throw Error(BP_STATUS_UNSUPPORTED, text("expected strings, found ", type_name(type)));
  }
  std::vector<std::string> result;
  const auto* items = static_cast<const Text*>(data);
  for (int64_t i = 0; i < count(); ++i) result.emplace_back(items[i].view());
  return result;
}

HostTensor read_tensor(const bp_tensor& tensor) {
  HostTensor result;
  result.type = static_cast<Type>(tensor.element_type);
  for (const int64_t dim : ArrayView<int64_t>(tensor.dims)) result.dims.push_back(dim);
  if (result.type == Type::kString) {
    result.size_bytes = static_cast<uint64_t>(result.count()) * sizeof(Text);
    return result;
  }
  result.data = tensor.data;
  result.size_bytes = tensor.size_bytes;
  return result;
}

uint64_t own_texts_bytes(const bp_tensor& tensor) {
  return read_tensor(tensor).size_bytes + tensor.string_size_bytes;
}

void own_texts(const bp_tensor& tensor, std::byte* target) {
  const uint64_t items_bytes = read_tensor(tensor).size_bytes;
  const auto* offsets = static_cast<const std::byte*>(tensor.data);
  auto* characters = reinterpret_cast<char*>(target + items_bytes);
  if (tensor.string_size_bytes > 0) std::memcpy(characters, tensor.string_bytes, tensor.string_size_bytes);
  for (uint64_t i = 0; i < items_bytes / sizeof(Text); ++i) {
    uint64_t bounds[2];
    std::memcpy(bounds, offsets + i * sizeof(uint64_t), sizeof bounds);
    const Text item(characters + bounds[0], bounds[1] - bounds[0]);
    std::memcpy(target + i * sizeof(Text), &item, sizeof item);
  }
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
        if (owned->tensor.type == Type::kString) {
          owned->bytes.resize(own_texts_bytes(list[0]));
          own_texts(list[0], owned->bytes.data());
        } else if (bytes != nullptr) {
          owned->bytes.assign(bytes, bytes + list[0].size_bytes);
        }
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

void link_graph(Graph& graph) {
  for (Value& value : graph.values) {
    value.producer = BP_NONE;
    value.uses.clear();
    value.output_uses = 0;
  }
  for (uint32_t index = 0; index < graph.nodes.size(); ++index) {
    for (const uint32_t input : graph.nodes[index].inputs) {
      if (input != BP_NONE) graph.values[input].uses.push_back(index);
    }
    for (const uint32_t output : graph.nodes[index].outputs) {
      if (output != BP_NONE) graph.values[output].producer = index;
    }
  }
  for (const uint32_t output : graph.outputs) ++graph.values[output].output_uses;
}

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
    graph.nodes[index].origin = index;
    for (const uint32_t input : graph.nodes[index].inputs) {
      if (input != BP_NONE) known(input);
    }
    for (const uint32_t output : graph.nodes[index].outputs) {
      if (output != BP_NONE) known(output);
    }
  }
  for (const uint32_t input : graph.inputs) known(input);
  for (const uint32_t output : graph.outputs) known(output);
  link_graph(graph);
  return graph;
}

}  // namespace bp::cpu
