// Forms of opset 1 to 6: limited broadcasting that attributes describe, operands that were attributes, test
// mode said by an attribute. See also normalization.cpp and training.cpp.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "canonicalize/upgrade.hpp"
#include "ops/old_type_names.hpp"

namespace bp::canonical {
namespace {

// Known in full, or nothing.
std::optional<ConcreteDims> dims_of(const Upgrade& upgrade, size_t i) {
  const ValueType type = upgrade.input_type(i);
  if (!type.is_tensor() || !type.has_rank) return std::nullopt;
  ConcreteDims dims;
  for (const Dim& dim : type.dims) {
    if (!dim.known()) return std::nullopt;
    dims.push_back(dim.size);
  }
  return dims;
}

// Puts `count` dims of 1 behind the dims of input `i`, whose rank is `rank`.
void add_trailing_dims(Upgrade& upgrade, size_t i, int64_t rank, int64_t count) {
  if (count == 0) return;
  std::vector<int64_t> axes;
  for (int64_t axis = rank; axis < rank + count; ++axis) axes.push_back(axis);
  upgrade.set_input(i,
                    upgrade.add_node("Unsqueeze", {upgrade.node().inputs[i], upgrade.constant("axes", axes)}));
}

// The whole number that input `i` must be as a constant.
std::optional<int64_t> constant_number(Upgrade& upgrade, size_t i) {
  const GraphValue& value = upgrade.graph().value(upgrade.node().inputs[i]);
  if (value.constant == nullptr || value.is_input || value.constant->count() != 1) return std::nullopt;
  const Tensor& tensor = *value.constant;
  if (tensor.type == ElementType::kFloat32) {
    float number = 0;
    std::memcpy(&number, tensor.bytes.data(), sizeof(number));
    return static_cast<int64_t>(number);
  }
  if (tensor.type == ElementType::kFloat64) {
    double number = 0;
    std::memcpy(&number, tensor.bytes.data(), sizeof(number));
    return static_cast<int64_t>(number);
  }
  const std::vector<int64_t> numbers = tensor.to_int64();
  return numbers.empty() ? std::nullopt : std::optional(numbers[0]);
}

}  // namespace

Status drop_consumed_inputs(Upgrade& upgrade) {
  upgrade.drop_attribute("consumed_inputs");
  return {};
}

// B's dims are those of A from `axis` on, by default A's last ones; without `broadcast` they are equal.
Status align_second_operand(Upgrade& upgrade) {
  const bool broadcast = upgrade.node().int_or("broadcast", 0) != 0;
  const bool placed = upgrade.node().find_attribute("axis") != nullptr;
  int64_t axis = upgrade.node().int_or("axis", -1);
  for (const char* name : {"consumed_inputs", "broadcast", "axis"}) upgrade.drop_attribute(name);
  if (!broadcast) {
    const auto a = dims_of(upgrade, 0);
    const auto b = dims_of(upgrade, 1);
    if (a && b && *a != *b) {
      return upgrade.wrong("without attribute 'broadcast' both inputs must have the same dims, have " +
                           upgrade.type_text(0) + " and " + upgrade.type_text(1));
    }
    return {};
  }
  if (!placed || axis == -1) return {};
  const int64_t a_rank = upgrade.rank(0);
  const int64_t b_rank = upgrade.rank(1);
  if (a_rank < 0 || b_rank < 0) {
    return upgrade.refuse(
        "broadcasting at an axis needs the number of dims of both inputs, which is not known");
  }
  if (axis < 0) axis += a_rank;
  if (axis < 0 || axis + b_rank > a_rank) {
    return upgrade.wrong(
        fmt::format("attribute 'axis' puts {} dims at axis {} of an input with {} dims", b_rank, axis, a_rank));
  }
  add_trailing_dims(upgrade, 1, b_rank, a_rank - axis - b_rank);
  return {};
}

// A slope of one dim has an entry for every channel, or one for all.
Status align_slope(Upgrade& upgrade) {
  const auto slope = dims_of(upgrade, 1);
  if (slope && element_count(*slope) == 1) return {};
  const int64_t rank = upgrade.rank(0);
  const int64_t slope_rank = upgrade.rank(1);
  if (rank < 0 || slope_rank < 0)
    return upgrade.refuse("a slope per channel needs the number of dims of both inputs, which is not known");
  if (slope_rank == 1 && rank > 2) add_trailing_dims(upgrade, 1, 1, rank - 2);
  return {};
}

Status gemm_without_flag(Upgrade& upgrade) {
  upgrade.drop_attribute("broadcast");
  return {};
}

Status cast_by_name(Upgrade& upgrade) {
  const std::string name = upgrade.node().string_or("to", "");
  const ElementType type = type_of_old_name(name);
  if (type != ElementType::kUndefined) {
    upgrade.node().set_attribute("to", static_cast<int64_t>(type));
    return {};
  }
  return upgrade.wrong("attribute 'to' must be the name of an element type such as FLOAT, is '" + name + "'");
}

Status concat_at_1(Upgrade& upgrade) {
  if (upgrade.node().find_attribute("axis") == nullptr) upgrade.node().set_attribute("axis", int64_t{1});
  return {};
}

Status selu_numbers(Upgrade& upgrade) {
  if (upgrade.node().find_attribute("alpha") == nullptr) upgrade.node().set_attribute("alpha", 1.6732F);
  if (upgrade.node().find_attribute("gamma") == nullptr) upgrade.node().set_attribute("gamma", 1.0507F);
  return {};
}

Status norm_as_integer(Upgrade& upgrade) {
  const float p = upgrade.node().float_or("p", 2.0F);
  if (p != std::floor(p) || p < 1) return upgrade.refuse(fmt::format("p is {}; only whole norms go on", p));
  upgrade.node().set_attribute("p", static_cast<int64_t>(p));
  if (upgrade.node().op_type == "LpPool" && upgrade.node().ints("kernel_shape") == nullptr)
    return upgrade.wrong("attribute 'kernel_shape' is required");
  return {};
}

Status pads_by_name(Upgrade& upgrade) {
  if (const std::vector<int64_t>* list = upgrade.node().ints("paddings")) {
    upgrade.node().set_attribute("pads", std::vector<int64_t>(*list));
  }
  upgrade.drop_attribute("paddings");
  return {};
}

Status shape_to_input(Upgrade& upgrade) {
  upgrade.drop_attribute("consumed_inputs");
  if (upgrade.node().ints("shape") == nullptr) return upgrade.wrong("has no attribute 'shape'");
  upgrade.list_to_input("shape", 1);
  return {};
}

// The lengths were an input of the data's own type.
Status split_lengths(Upgrade& upgrade) {
  if (!upgrade.has_input(1)) return {};
  upgrade.drop_attribute("split");
  const Attribute to{"to", static_cast<int64_t>(ElementType::kInt64)};
  upgrade.set_input(1, upgrade.add_node("Cast", {upgrade.node().inputs[1]}, {to}));
  return {};
}

Status tile_one_axis(Upgrade& upgrade) {
  const auto tiles = constant_number(upgrade, 1);
  const auto axis = constant_number(upgrade, 2);
  const int64_t rank = upgrade.rank(0);
  if (!tiles || !axis || rank < 0) {
    return upgrade.refuse(
        "the form of opset 1 goes on only with constant 'tiles' and 'axis' and a known number of dims");
  }
  if (*axis < 0 || *axis >= rank)
    return upgrade.wrong(fmt::format("input 2 ('axis') must be in [0, {}), is {}", rank, *axis));
  std::vector<int64_t> repeats(static_cast<size_t>(rank), 1);
  repeats[static_cast<size_t>(*axis)] = *tiles;
  upgrade.graph().resize_node_inputs(upgrade.id(), 1);
  upgrade.set_input(1, upgrade.constant("repeats", repeats));
  return {};
}

Status upsample_height_width(Upgrade& upgrade) {
  const std::vector<float> scales{1.0F, 1.0F, upgrade.node().float_or("height_scale", 1.0F),
                                  upgrade.node().float_or("width_scale", 1.0F)};
  upgrade.drop_attribute("height_scale");
  upgrade.drop_attribute("width_scale");
  upgrade.node().set_attribute("scales", scales);
  return {};
}

// All time steps were given only on request.
Status recurrent_outputs(Upgrade& upgrade) {
  const bool sequence = upgrade.node().int_or("output_sequence", 0) != 0;
  upgrade.drop_attribute("output_sequence");
  if (sequence || !upgrade.uses_output(0)) return {};
  return upgrade.wrong("output 0 ('Y') is used, but attribute 'output_sequence' is 0");
}

}  // namespace bp::canonical
