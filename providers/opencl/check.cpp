// The requirements that a row's check() states, each with the sentence for a rejection.
#include <algorithm>

#include "ops/op.hpp"

namespace bp::opencl {

bool Check::required(size_t index) {
  if (has_input(index)) return true;
  reject_input(BP_REASON_OTHER, index, text("input ", index, " is needed and missing"));
  return false;
}

bool Check::types(size_t index, TypeMask allowed) {
  if (!has_input(index)) return true;
  if (!traits.fp64 && input(index).type == Type::kFloat64) {
    reject_input(BP_REASON_DEVICE_FEATURE, index, text("input ", index, " is float64, the device has no fp64"));
    return false;
  }
  if ((allowed & mask(input(index).type)) != 0) return true;
  reject_input(BP_REASON_TYPE, index,
               text("input ", index, " is ", type_name(input(index).type), "; taken: ", mask_names(allowed)));
  return false;
}

bool Check::movable(size_t index) {
  if (!has_input(index) || (kMovable & mask(input(index).type)) != 0) return true;
  reject_input(BP_REASON_TYPE, index,
               text("input ", index, " is ", type_name(input(index).type), "; taken: ", mask_names(kMovable)));
  return false;
}

bool Check::output_types(size_t index, TypeMask allowed) {
  if (!has_output(index) || (allowed & mask(output(index).type)) != 0) return true;
  verdict_.reject_output(
      BP_REASON_TYPE, static_cast<uint32_t>(index),
      text("output ", index, " is ", type_name(output(index).type), "; given: ", mask_names(allowed)));
  return false;
}

bool Check::rank_between(size_t index, int64_t least, int64_t most) {
  if (!has_input(index)) return true;
  const Value& value = input(index);
  if (!value.has_rank) {
    reject_input(BP_REASON_RANK, index, text("the rank of input ", index, " is unknown"));
    return false;
  }
  const auto rank = static_cast<int64_t>(value.dims.size());
  if (rank >= least && rank <= most) return true;
  reject_input(BP_REASON_RANK, index,
               text("input ", index, " has ", rank, " dims; taken: ", least, " to ", most));
  return false;
}

bool Check::string_attribute(std::string_view name, std::string_view fallback,
                             std::initializer_list<std::string_view> allowed) {
  const std::string value = node.attributes.string_or(name, fallback);
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return true;
  std::string list;
  for (const std::string_view item : allowed) list += text(list.empty() ? "" : ", ", item);
  reject_attribute(name, text("attribute '", name, "' is '", value, "'; taken: ", list));
  return false;
}

bool Check::no_attribute(std::string_view name) {
  if (!node.attributes.has(name)) return true;
  reject_attribute(name, text("attribute '", name, "' is not taken"));
  return false;
}

bool Check::want_value(size_t index) {
  if (!has_input(index)) return true;
  verdict_.want(static_cast<uint32_t>(index), BP_WANT_VALUE_AT_SPECIALIZE);
  if (input(index).constant || input(index).host_value) return true;
  reject_input(BP_REASON_NOT_CONSTANT, index,
               text("the contents of input ", index, " ('", input(index).name,
                    "') must be constant or computable from shapes"));
  return false;
}

bool Check::want_constant(size_t index) {
  if (!has_input(index)) return true;
  verdict_.want(static_cast<uint32_t>(index), BP_WANT_CONSTANT);
  if (input(index).constant) return true;
  reject_input(BP_REASON_NOT_CONSTANT, index,
               text("input ", index, " ('", input(index).name, "') must be constant"));
  return false;
}

}  // namespace bp::opencl
