// Attributes of older forms that are inputs in the canonical one.
#include <cmath>
#include <limits>

#include "canonicalize/upgrade.hpp"

namespace bp::canonical {

Status axes_to_input(Upgrade& upgrade) {
  upgrade.list_to_input("axes", 1);
  return {};
}

Status split_to_input(Upgrade& upgrade) {
  upgrade.list_to_input("split", 1);
  return {};
}

// Equal parts are said by number.
Status split_number(Upgrade& upgrade) {
  if (!upgrade.has_input(1)) {
    upgrade.node().set_attribute("num_outputs", static_cast<int64_t>(upgrade.node().outputs.size()));
  }
  return {};
}

Status slice_to_inputs(Upgrade& upgrade) {
  upgrade.list_to_input("starts", 1);
  upgrade.list_to_input("ends", 2);
  upgrade.list_to_input("axes", 3);
  return {};
}

Status pad_to_inputs(Upgrade& upgrade) {
  const float value = upgrade.node().float_or("value", 0.0F);
  upgrade.drop_attribute("value");
  upgrade.list_to_input("pads", 1);
  // 0 is what an omitted value means.
  if (value != 0.0F) upgrade.set_input(2, upgrade.scalar_like("value", value, 0));
  return {};
}

Status clip_to_inputs(Upgrade& upgrade) {
  const float low = upgrade.node().float_or("min", std::numeric_limits<float>::lowest());
  const float high = upgrade.node().float_or("max", std::numeric_limits<float>::max());
  upgrade.drop_attribute("min");
  upgrade.drop_attribute("max");
  if (low != std::numeric_limits<float>::lowest()) upgrade.set_input(1, upgrade.scalar_like("min", low, 0));
  if (high != std::numeric_limits<float>::max()) upgrade.set_input(2, upgrade.scalar_like("max", high, 0));
  return {};
}

Status top_k_to_input(Upgrade& upgrade) {
  const int64_t k = upgrade.node().int_or("k", 1);
  upgrade.drop_attribute("k");
  upgrade.set_input(1, upgrade.constant("k", {k}));
  return {};
}

// The axis was an attribute with default 1; it is an input with default -2 now.
Status dft_axis_to_input(Upgrade& upgrade) {
  const int64_t axis = upgrade.node().int_or("axis", 1);
  upgrade.drop_attribute("axis");
  const std::string name = upgrade.graph().unused_value_name(upgrade.node().name + "/axis");
  upgrade.set_input(2, upgrade.graph().add_constant(name, Tensor::of_int64({}, std::vector{axis})));
  return {};
}

}  // namespace bp::canonical
