// Between maps and tensors. A map holds its keys, a row of integers or strings, and its values, a row of
// numbers or strings. Semantics: ZipMap, DictVectorizer and CastMap of ai.onnx.ml, opset 1.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "execute/containers.hpp"
#include "execute/pieces.hpp"

namespace bp::containers {
namespace {

Status bad(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

template <class List>
const List* list(const Node& node, std::string_view name) {
  const Attribute* attribute = node.find_attribute(name);
  const List* found = attribute == nullptr ? nullptr : std::get_if<List>(&attribute->value);
  return found != nullptr && !found->empty() ? found : nullptr;
}

std::string_view text_at(const RuntimeValue& strings, size_t index) {
  const auto* offsets = static_cast<const uint64_t*>(strings.host_data());
  const auto* text = reinterpret_cast<const char*>(strings.string_bytes.address);
  return {text + offsets[index], offsets[index + 1] - offsets[index]};
}

template <class T>
T number_at(const RuntimeValue& numbers, size_t index) {
  T number;
  std::memcpy(&number, static_cast<const std::byte*>(numbers.host_data()) + index * sizeof(T), sizeof(T));
  return number;
}

// The labels of a matrix's columns, as the keys of all maps.
Result<RuntimeValue> labels(const Node& node) {
  TensorPtr tensor;
  if (const auto* names = list<std::vector<std::string>>(node, "classlabels_strings"))
    tensor = Tensor::of_strings({static_cast<int64_t>(names->size())}, *names);
  else if (const auto* numbers = list<std::vector<int64_t>>(node, "classlabels_int64s"))
    tensor = Tensor::of_int64({static_cast<int64_t>(numbers->size())}, *numbers);
  else
    return bad("expected classlabels_strings or classlabels_int64s, found neither");
  return view_of(tensor);
}

// Entries [begin, begin + count) of a tensor in host memory; shares the memory.
RuntimeValue row_of(const RuntimeValue& value, int64_t begin, int64_t count) {
  RuntimeValue row = value;
  row.dims = {count};
  const uint64_t width = element_bits(value.type) / 8;
  row.data = host_slice(static_cast<const std::byte*>(value.host_data()) + static_cast<uint64_t>(begin) * width,
                        static_cast<uint64_t>(count) * width);
  return row;
}

struct Map {
  RuntimeValue keys;
  RuntimeValue values;
  size_t size = 0;
};

// Values may come as a sequence of tensors with one element each.
Result<Map> map_of(const ContainerCall& call) {
  const RuntimeValue& value = call.inputs[0];
  if (!call.has(0) || value.kind != ValueKind::kMap)
    return bad("input 0 must be a map, is " + type_string(value));
  Map map{value.elements[0], value.elements[1], static_cast<size_t>(value.elements[0].dims[0])};
  if (map.values.kind == ValueKind::kSequence && map.size > 0) {
    for (const RuntimeValue& element : map.values.elements.all())
      if (!element.is_tensor() || element_count(element.dims) != 1)
        return bad("the values of the map must be single elements, one is " + type_string(element));
    BP_ASSIGN_OR_RETURN(map.values, join(map.values.elements.all(), 0, map.values.elements[0].dims.empty()));
  }
  if (map.keys.type != ElementType::kInt64 && map.keys.type != ElementType::kString)
    return bad("the keys of the map must be of int64 or string, are " + type_string(map.keys));
  return map;
}

// A row [1, places.size()] of the map's values at `places`; kNone: zero, or an empty string.
constexpr size_t kNone = SIZE_MAX;
Result<RuntimeValue> pick(const RuntimeValue& values, const std::vector<size_t>& places, ElementType type) {
  ConcreteDims dims = {1, static_cast<int64_t>(places.size())};
  if (type == ElementType::kString) {
    std::vector<std::string> texts;
    for (const size_t place : places) texts.emplace_back(place == kNone ? "" : text_at(values, place));
    return view_of(Tensor::of_strings(std::move(dims), texts));
  }
  BP_ASSIGN_OR_RETURN(RuntimeValue row, allocate_host_value(type, std::move(dims)));
  const size_t width = element_bits(type) / 8;
  auto* out = reinterpret_cast<std::byte*>(row.data.address);
  const auto* in = static_cast<const std::byte*>(values.host_data());
  for (const size_t place : places) {
    if (place == kNone)
      std::memset(out, 0, width);
    else
      std::memcpy(out, in + place * width, width);
    out += width;
  }
  return row;
}

template <class Key, class Words, class KeyAt>
std::vector<size_t> places_of(const Words& words, size_t size, KeyAt key_at) {
  std::unordered_map<Key, size_t> index;
  index.reserve(size);
  for (size_t entry = 0; entry < size; ++entry) index[key_at(entry)] = entry;
  std::vector<size_t> places;
  places.reserve(words.size());
  for (const auto& word : words) {
    const auto found = index.find(Key(word));
    places.push_back(found == index.end() ? kNone : found->second);
  }
  return places;
}

Result<double> number_of(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(" \t+"), text.size());
  const std::string_view digits = text.substr(begin);
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size())
    return bad(fmt::format("the value \"{}\" is no number", text));
  return number;
}

// Values of a map in their new element type, one by one.
class Cast {
 public:
  Cast(const RuntimeValue& values, ElementType to) : values_(values), to_(to) {}

  Result<RuntimeValue> run(const std::vector<size_t>& places) const {
    ConcreteDims dims = {1, static_cast<int64_t>(places.size())};
    if (to_ == ElementType::kString) {
      std::vector<std::string> texts;
      for (const size_t place : places) texts.push_back(place == kNone ? "0" : text(place));
      return view_of(Tensor::of_strings(std::move(dims), texts));
    }
    BP_ASSIGN_OR_RETURN(RuntimeValue row, allocate_host_value(to_, std::move(dims)));
    for (size_t index = 0; index < places.size(); ++index) {
      double number = 0;
      if (places[index] != kNone) {
        BP_ASSIGN_OR_RETURN(number, this->number(places[index]));
      }
      if (to_ == ElementType::kInt64) {
        // Towards zero, within what fits.
        constexpr double kLimit = 9223372036854774784.0;
        if (!(std::abs(number) <= kLimit)) return bad(fmt::format("{} does not fit int64", number));
        reinterpret_cast<int64_t*>(row.data.address)[index] = static_cast<int64_t>(number);
      } else {
        reinterpret_cast<float*>(row.data.address)[index] = static_cast<float>(number);
      }
    }
    return row;
  }

 private:
  std::string text(size_t index) const {
    if (values_.type == ElementType::kString) return std::string(text_at(values_, index));
    return fmt::format("{}", number_at<float>(values_, index));
  }
  Result<double> number(size_t index) const {
    if (values_.type == ElementType::kString) return number_of(text_at(values_, index));
    return static_cast<double>(number_at<float>(values_, index));
  }

  const RuntimeValue& values_;
  ElementType to_;
};

}  // namespace

Result<RuntimeValue> rows_to_maps(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const RuntimeValue keys, labels(call.node));
  BP_ASSIGN_OR_RETURN(const RuntimeValue matrix, to_own(call.inputs[0], call.spaces));
  const size_t rank = matrix.dims.size();
  if (!call.has(0) || matrix.type != ElementType::kFloat32 || rank < 1 || rank > 2 ||
      matrix.dims[rank - 1] != keys.dims[0])
    return bad(fmt::format("input 0 must be float32[N,{0}] or float32[{0}], as there are {0} labels, is {1}",
                           keys.dims[0], type_string(matrix)));
  const int64_t columns = keys.dims[0];
  const int64_t rows = rank == 1 ? 1 : matrix.dims[0];
  std::vector<RuntimeValue> maps;
  maps.reserve(static_cast<size_t>(rows));
  for (int64_t row = 0; row < rows; ++row)
    maps.push_back(container_value(ValueKind::kMap, {keys, row_of(matrix, row * columns, columns)}));
  return container_value(ValueKind::kSequence, std::move(maps));
}

Result<RuntimeValue> map_to_row(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const Map map, map_of(call));
  const bool strings = map.keys.type == ElementType::kString;
  std::vector<size_t> places;
  if (const auto* words = list<std::vector<std::string>>(call.node, "string_vocabulary"); words && strings)
    places = places_of<std::string_view>(*words, map.size, [&](size_t i) { return text_at(map.keys, i); });
  else if (const auto* numbers = list<std::vector<int64_t>>(call.node, "int64_vocabulary"); numbers && !strings)
    places = places_of<int64_t>(*numbers, map.size, [&](size_t i) { return number_at<int64_t>(map.keys, i); });
  else
    return bad(fmt::format("the keys of the map are {}, the vocabulary is of another type",
                           element_type_name(map.keys.type)));
  // An empty map does not say the type of its values.
  const ElementType type =
      call.result.element != ElementType::kUndefined ? call.result.element : map.values.type;
  if (map.size > 0 && map.values.type != type)
    return bad(fmt::format("the values of the map must be {}, are {}", element_type_name(type),
                           element_type_name(map.values.type)));
  return pick(map.values, places, type);
}

Result<RuntimeValue> map_to_numbers(const ContainerCall& call) {
  BP_ASSIGN_OR_RETURN(const Map map, map_of(call));
  const bool known = map.values.type == ElementType::kFloat32 || map.values.type == ElementType::kString;
  if (map.keys.type != ElementType::kInt64 || (map.size > 0 && !known))
    return bad(fmt::format("input 0 must be a map of int64 to float32 or string, is of {} to {}",
                           element_type_name(map.keys.type), element_type_name(map.values.type)));
  std::vector<std::pair<int64_t, size_t>> order;
  for (size_t entry = 0; entry < map.size; ++entry)
    order.emplace_back(number_at<int64_t>(map.keys, entry), entry);
  std::sort(order.begin(), order.end());
  std::vector<size_t> places;
  if (call.node.string_or("map_form", "DENSE") == "SPARSE") {
    const int64_t count = call.node.int_or("max_map", 1);
    places.assign(static_cast<size_t>(std::max<int64_t>(count, 0)), kNone);
    for (const auto& [key, entry] : order) {
      if (key < 0 || key >= count)
        return bad(fmt::format("keys must be in [0, {}], one is {}", count - 1, key));
      places[static_cast<size_t>(key)] = entry;
    }
  } else {
    for (const auto& [key, entry] : order) places.push_back(entry);
  }
  const std::string to = call.node.string_or("cast_to", "TO_FLOAT");
  const ElementType type = to == "TO_STRING"  ? ElementType::kString
                           : to == "TO_INT64" ? ElementType::kInt64
                                              : ElementType::kFloat32;
  return Cast(map.values, type).run(places);
}

}  // namespace bp::containers
