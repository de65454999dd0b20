// Reads the table of recipes (rows.inc) and fills in the types that the signature asks for.
#include "sample_node.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>
#include <map>

namespace bp {
namespace {

struct Recipe {
  std::string_view op_type;  // with its domain where that is not ai.onnx
  int32_t since_version;
  std::string_view inputs;
  std::string_view attributes;
};

constexpr Recipe kRecipes[] = {
#include "rows.inc"
};

const Recipe* find_recipe(const OpSchema& schema) {
  const std::string name = schema.domain.empty()
                               ? std::string(schema.op_type)
                               : std::string(schema.domain) + "." + std::string(schema.op_type);
  const Recipe* found = nullptr;
  for (const Recipe& recipe : kRecipes) {
    if (recipe.op_type == name && recipe.since_version <= schema.since_version) found = &recipe;
  }
  return found;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<double> numbers(std::string_view text) {
  std::vector<double> values;
  for (const std::string& part : split(text, ',')) values.push_back(std::stod(part));
  return values;
}

template <class T>
std::vector<T> numbers_as(std::string_view text) {
  const std::vector<double> values = numbers(text);
  return {values.begin(), values.end()};
}

// Only what a mask names; in the order of preference for types that nobody chose.
constexpr ElementType kPreferred[] = {ElementType::kFloat32,  ElementType::kInt64,   ElementType::kUint8,
                                      ElementType::kInt32,    ElementType::kBool,    ElementType::kString,
                                      ElementType::kInt8,     ElementType::kFloat16, ElementType::kFloat64,
                                      ElementType::kBfloat16, ElementType::kUint64};

uint32_t mask_of(const Parameter& parameter) {
  const TypeSet* types = parameter.types;
  return types == nullptr ? 0
                          : types->tensor | types->sequence | types->optional_tensor | types->optional_sequence;
}

bool has(uint32_t mask, ElementType type) { return ((mask >> static_cast<uint32_t>(type)) & 1u) != 0; }

ElementType preferred(uint32_t mask) {
  for (const ElementType type : kPreferred) {
    if (has(mask, type)) return type;
  }
  return ElementType::kUndefined;
}

// The input whose type leads.
const Parameter* leading(const OpSchema& schema) {
  for (const Parameter& input : schema.inputs) {
    const uint32_t mask = mask_of(input);
    if (!input.type_name.empty() && (mask & (mask - 1)) != 0) return &input;
  }
  return nullptr;
}

ValueType boxed(ValueKind kind, ValueType inner) {
  ValueType type;
  type.kind = kind;
  type.contained = std::make_shared<const ValueType>(std::move(inner));
  return type;
}

ValueType map_type(uint32_t mask) {
  // The generator's order of pairs: int64 to string, float32, float64; string to int64, float32, float64.
  constexpr std::pair<ElementType, ElementType> kPairs[] = {
      {ElementType::kInt64, ElementType::kString},   {ElementType::kInt64, ElementType::kFloat32},
      {ElementType::kInt64, ElementType::kFloat64},  {ElementType::kString, ElementType::kInt64},
      {ElementType::kString, ElementType::kFloat32}, {ElementType::kString, ElementType::kFloat64}};
  size_t pair = 0;
  while (((mask >> pair) & 1u) == 0) ++pair;
  ValueType type = boxed(ValueKind::kMap, ValueType::tensor(kPairs[pair].second, {}));
  type.element = kPairs[pair].first;
  return type;
}

// Tensors where a parameter takes them, else what it takes.
ValueType type_for(const Parameter& parameter, ElementType element, Dims dims) {
  const TypeSet& types = *parameter.types;
  ValueType tensor = ValueType::tensor(element, std::move(dims));
  if (has(types.tensor, element)) return tensor;
  if (has(types.sequence, element)) return boxed(ValueKind::kSequence, std::move(tensor));
  if (has(types.optional_tensor, element)) return boxed(ValueKind::kOptional, std::move(tensor));
  if (types.map != 0) return map_type(types.map);
  if (types.sequence_of_map != 0) return boxed(ValueKind::kSequence, map_type(types.sequence_of_map));
  return {};
}

template <class T>
TensorPtr tensor_of(ElementType type, const ConcreteDims& dims, const std::vector<double>& values) {
  std::vector<T> typed(values.begin(), values.end());
  return Tensor::copy_of(type, dims, std::as_bytes(std::span<const T>(typed)));
}

// nullptr: no constants of this type.
TensorPtr constant_of(ElementType type, const ConcreteDims& dims, const std::vector<double>& values) {
  switch (type) {
    case ElementType::kFloat32:
      return tensor_of<float>(type, dims, values);
    case ElementType::kFloat64:
      return tensor_of<double>(type, dims, values);
    case ElementType::kInt8:
      return tensor_of<int8_t>(type, dims, values);
    case ElementType::kInt16:
      return tensor_of<int16_t>(type, dims, values);
    case ElementType::kInt32:
      return tensor_of<int32_t>(type, dims, values);
    case ElementType::kInt64:
      return tensor_of<int64_t>(type, dims, values);
    case ElementType::kUint8:
      return tensor_of<uint8_t>(type, dims, values);
    case ElementType::kUint16:
      return tensor_of<uint16_t>(type, dims, values);
    case ElementType::kUint32:
      return tensor_of<uint32_t>(type, dims, values);
    case ElementType::kUint64:
      return tensor_of<uint64_t>(type, dims, values);
    default:
      return nullptr;
  }
}

class Cook {
 public:
  Cook(const OpSchema& schema, ElementType element) : schema_(schema), graph_(std::make_unique<Graph>()) {
    graph_->name = "sample";
    graph_->opsets = {{std::string(schema.domain), schema.since_version}};
    if (!schema.domain.empty()) graph_->opsets.push_back({"", 22});
    if (const Parameter* lead = leading(schema)) {
      types_[lead->type_name] = element;
      if (lead->types->tensor == 0) in_sequence_ = element;
    }
    node_.name = "sample";
    node_.domain = schema.domain;
    node_.op_type = schema.op_type;
    node_.since_version = schema.since_version;
  }

  std::unique_ptr<Graph> cook(const Recipe* recipe) {
    std::vector<std::string> words;
    if (recipe != nullptr) {
      words = split(recipe->inputs, ' ');
    } else {
      for (const Parameter& input : schema_.inputs) {
        if (input.option == ParameterOption::kOptional) break;
        words.emplace_back("2,3");
      }
    }
    for (size_t i = 0; i < words.size(); ++i) {
      if (!add_input(i, words[i])) return nullptr;
    }
    if (recipe != nullptr) {
      for (const std::string& word : split(recipe->attributes, ' ')) add_attribute(word);
    }
    add_outputs();
    graph_->add_node(std::move(node_));
    return std::move(graph_);
  }

 private:
  bool add_input(size_t i, std::string_view word) {
    const Parameter* parameter = schema_.input(i);
    if (parameter == nullptr || parameter->types == nullptr) return false;
    if (word == "-") {
      node_.inputs.push_back(kNoId);
      return true;
    }
    const size_t colon = word.find(':');
    ElementType stated = ElementType::kUndefined;
    if (colon != std::string_view::npos) {
      for (const ElementType type : kPreferred) {
        if (element_type_name(type) == word.substr(colon + 1)) stated = type;
      }
      word = word.substr(0, colon);
    }
    const bool fixed = word.starts_with('=') || word.starts_with('~');
    const ElementType element = element_of(*parameter, stated, fixed && word.starts_with('='));
    if (element == ElementType::kUndefined && mask_of(*parameter) != 0) return false;
    const std::string name = "in" + std::to_string(i);
    if (fixed) {
      const bool scalar = word.substr(1).starts_with('s');
      const std::vector<double> values = numbers(word.substr(scalar ? 2 : 1));
      ConcreteDims dims;
      if (!scalar) dims.push_back(static_cast<int64_t>(values.size()));
      const TensorPtr tensor = constant_of(element, std::move(dims), values);
      if (tensor == nullptr) return false;
      node_.inputs.push_back(graph_->add_constant(name, tensor));
      return true;
    }
    Dims dims;
    if (word != "s") {
      for (const int64_t size : numbers_as<int64_t>(word)) dims.push_back(Dim::of(size));
    }
    ValueType type = type_for(*parameter, element, std::move(dims));
    if (type.kind == ValueKind::kUnknown) return false;
    node_.inputs.push_back(graph_->add_input(name, std::move(type)));
    return true;
  }

  ElementType element_of(const Parameter& parameter, ElementType stated, bool whole) {
    const uint32_t mask = mask_of(parameter);
    if (!parameter.type_name.empty() && parameter.homogeneous) {
      const auto known = types_.find(parameter.type_name);
      if (known != types_.end()) {
        const bool differs = stated != ElementType::kUndefined && stated != known->second;
        return differs ? ElementType::kUndefined : known->second;
      }
    }
    ElementType element = stated;
    if (element == ElementType::kUndefined && whole && has(mask, ElementType::kInt64))
      element = ElementType::kInt64;
    // A tensor beside a sequence is of the kind of its elements.
    if (element == ElementType::kUndefined && has(mask, in_sequence_)) element = in_sequence_;
    if (element == ElementType::kUndefined) element = preferred(mask);
    if (!parameter.type_name.empty() && parameter.homogeneous) types_[parameter.type_name] = element;
    return element;
  }

  void add_attribute(std::string_view word) {
    const size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    const std::string_view value = word.substr(equals + 1);
    const AttributeSignature* signature = schema_.attribute(name);
    if (signature == nullptr) return;
    const std::vector<std::string> words = split(value, ',');
    switch (signature->kind) {
      case 'i':
        return node_.set_attribute(name, numbers_as<int64_t>(value).at(0));
      case 'f':
        return node_.set_attribute(name, numbers_as<float>(value).at(0));
      case 's':
        return node_.set_attribute(name, std::string(value));
      case 'I':
        return node_.set_attribute(name, numbers_as<int64_t>(value));
      case 'F':
        return node_.set_attribute(name, numbers_as<float>(value));
      case 'S':
        return node_.set_attribute(name, words);
      default: {
        const std::vector<double> values = numbers(value);
        const bool floats = schema_.op_type == "TreeEnsemble" && name != "nodes_modes";
        const ElementType element = name == "nodes_modes" ? ElementType::kUint8
                                    : floats              ? ElementType::kFloat32
                                                          : ElementType::kInt64;
        return node_.set_attribute(name, constant_of(element, {static_cast<int64_t>(values.size())}, values));
      }
    }
  }

  void add_outputs() {
    size_t count = 1;
    for (size_t i = 0; i < schema_.outputs.size(); ++i) {
      if (schema_.outputs[i].option == ParameterOption::kSingle) count = std::max(count, i + 1);
    }
    if (schema_.op_type == "Split") count = 2;
    if (schema_.domain == "ai.onnx.preview.training") count = schema_.op_type == "Adam" ? 3 : 2;
    for (size_t i = 0; i < count; ++i) {
      const ValueId out = graph_->add_value("out" + std::to_string(i));
      node_.outputs.push_back(out);
      graph_->add_output(out);
    }
  }

  const OpSchema& schema_;
  std::unique_ptr<Graph> graph_;
  Node node_;
  std::map<std::string_view, ElementType> types_;
  ElementType in_sequence_ = ElementType::kUndefined;
};

}  // namespace

bool has_bodies(const OpSchema& schema) {
  return std::any_of(
      schema.attributes.begin(), schema.attributes.end(),
      [](const AttributeSignature& attribute) { return attribute.kind == 'g' || attribute.kind == 'G'; });
}

std::vector<ElementType> sample_types(const OpSchema& schema) {
  const Parameter* lead = leading(schema);
  if (lead == nullptr) return {ElementType::kUndefined};
  std::vector<ElementType> types;
  for (uint32_t bit = 1; bit < 32; ++bit) {
    const auto type = static_cast<ElementType>(bit);
    if (has(mask_of(*lead), type) && element_type_name(type) != "undefined") types.push_back(type);
  }
  return types;
}

std::unique_ptr<Graph> sample_graph(const OpSchema& schema, ElementType element) {
  if (schema.since_version == 0 || schema.deprecated || has_bodies(schema)) return nullptr;
  return Cook(schema, element).cook(find_recipe(schema));
}

}  // namespace bp
