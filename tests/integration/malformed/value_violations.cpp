#include <algorithm>
#include <sstream>

#include "mutation.hpp"

namespace bp::test {
namespace {

using List = std::vector<Violation>;

struct ShapeFault {
  std::string_view op_type;
  size_t input;
  const char* dims;
};

constexpr ShapeFault kShapeFaults[] = {
#include "shape_faults.inc"
};

Dims dims_of(const std::string& text) {
  Dims dims;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    if (word != "-1") dims.push_back(Dim::of(std::stoll(word)));
  }
  return dims;
}

void shape_faults(const OpSchema& schema, const Graph& sample, List& list) {
  for (const ShapeFault& fault : kShapeFaults) {
    if (fault.op_type != schema.op_type) continue;
    const ValueId id = sample.node(0).inputs.at(fault.input);
    Mutation m(sample);
    ValueType type = sample.value(id).type;
    type.dims = dims_of(fault.dims);
    m.retype(fault.input, type);
    list.push_back(m.done("wrong dims", input_place(fault.input) + " has dims " + fault.dims,
                          {"input", "Input", "dim", "axis", "operands", "channels", "label", "entries",
                           "elements", "pooled_shape"}));
  }
}

// Attributes whose text is one of a few words.
constexpr std::string_view kWords[] = {
    "auto_pad",           "mode",      "direction",   "padding_mode", "coordinate_transformation_mode",
    "nearest_mode",       "reduction", "approximate", "pixel_format", "keep_aspect_ratio_policy",
    "case_change_action", "equation"};

// Attributes that are axes.
constexpr std::string_view kAxes[] = {"axis", "batch_axis", "time_axis"};

// Integers that must lie above 0, or be one of a few.
constexpr std::pair<std::string_view, int64_t> kIntegers[] = {
    {"group", 0},           {"group", -1},        {"blocksize", 0},    {"blocksize", -2},
    {"num_groups", 0},      {"num_groups", 3},    {"size", 0},         {"hidden_size", -1},
    {"output_height", 0},   {"output_width", -1}, {"to", 999},         {"to", 0},
    {"dtype", 999},         {"num_outputs", 7},   {"sample_size", -1}, {"p", 0},
    {"max_gram_length", 0}, {"offset_group", 0},  {"layout", 5}};

// Lists whose length follows from the input's dims and whose entries must be above 0.
constexpr std::string_view kSizes[] = {"kernel_shape", "strides", "dilations", "pooled_shape"};

void set(const Graph& sample, const std::string& name, AttributeValue value, const std::string& kind,
         List& list) {
  Mutation m(sample);
  const std::string detail = name + std::visit(
                                        [](const auto& held) {
                                          using T = std::decay_t<decltype(held)>;
                                          if constexpr (std::is_same_v<T, int64_t>)
                                            return " = " + std::to_string(held);
                                          if constexpr (std::is_same_v<T, std::string>) return " = " + held;
                                          return std::string(" = a list");
                                        },
                                        value);
  m.node().set_attribute(name, std::move(value));
  list.push_back(m.done(kind, detail, {name, "axis", "axes"}));
}

void attribute_values(const OpSchema& schema, const Graph& sample, List& list) {
  for (const AttributeSignature& signature : schema.attributes) {
    const std::string name(signature.name);
    const auto is_among = [&](const auto& names) {
      return std::find(std::begin(names), std::end(names), name) != std::end(names);
    };
    if (signature.kind == 's' && is_among(kWords))
      set(sample, name, std::string("nonsense"), "unknown word", list);
    // One scale for the whole tensor: the axis means nothing.
    const bool unused = schema.op_type == "QuantizeLinear" || schema.op_type == "DequantizeLinear";
    if (signature.kind == 'i' && is_among(kAxes) && !unused) {
      set(sample, name, int64_t{99}, "axis out of range", list);
      set(sample, name, int64_t{-99}, "axis out of range", list);
    }
    if (signature.kind == 'I' && name == "axes")
      set(sample, name, std::vector<int64_t>{0, 99}, "axis out of range", list);
    if (signature.kind == 'I' && name == "perm") {
      set(sample, name, std::vector<int64_t>{0, 0}, "value out of range", list);
      set(sample, name, std::vector<int64_t>{0, 1, 2}, "value out of range", list);
      set(sample, name, std::vector<int64_t>{0, 5}, "value out of range", list);
    }
    if (signature.kind == 'i') {
      for (const auto& [known, value] : kIntegers) {
        if (known == name) set(sample, name, value, "value out of range", list);
      }
    }
    if (signature.kind == 'I' && is_among(kSizes)) {
      set(sample, name, std::vector<int64_t>{0, 2}, "value out of range", list);
      set(sample, name, std::vector<int64_t>{2, -1}, "value out of range", list);
      set(sample, name, std::vector<int64_t>{2, 2, 2, 2, 2}, "wrong length", list);
    }
    if (signature.kind == 'I' && name == "pads")
      set(sample, name, std::vector<int64_t>{1, 1, 1}, "wrong length", list);
  }
}

// Constant operands that are axes or sizes.
void constant_values(const OpSchema& schema, const Graph& sample, List& list) {
  const Node& node = sample.node(0);
  for (size_t i = 0; i < schema.inputs.size(); ++i) {
    const std::string name(schema.inputs[i].name);
    const bool axes = name == "axes" || name == "axis";
    const bool given = i < node.inputs.size() && node.inputs[i] != kNoId;
    const TensorPtr constant = given ? sample.value(node.inputs[i]).constant : nullptr;
    if (!axes && constant == nullptr) continue;
    const auto with = [&](int64_t value, const std::string& kind) {
      Mutation m(sample);
      ConcreteDims dims = constant ? constant->dims : ConcreteDims{1};
      std::vector<int64_t> values = constant ? constant->to_int64() : std::vector<int64_t>{0};
      if (values.empty()) return;
      values.back() = value;
      const ValueId id = m.graph().add_constant("spoiled", Tensor::of_int64(dims, values));
      if (m.node().inputs.size() <= i) m.graph().resize_node_inputs(0, i + 1);
      m.graph().set_node_input(0, i, id);
      list.push_back(m.done(kind, input_place(i) + " holds " + std::to_string(value),
                            {input_place(i), name, "axis", "axes", "dim", "shape"}));
    };
    if (axes) {
      with(99, "axis out of range");
      with(-99, "axis out of range");
    } else if ((name == "shape" || name == "repeats" || name == "K" || name == "split") &&
               constant->type == ElementType::kInt64) {
      with(-7, "value out of range");
    }
  }
}

}  // namespace

std::vector<Violation> value_violations(const OpSchema& schema, const Graph& sample) {
  List list;
  shape_faults(schema, sample, list);
  attribute_values(schema, sample, list);
  constant_values(schema, sample, list);
  return list;
}

}  // namespace bp::test
