// Dropout and BatchNormalization, whose older forms say by attributes and by the number of outputs whether they
// train.
#include <algorithm>

#include "canonicalize/upgrade.hpp"

namespace bp::canonical {
namespace {

bool names_outputs_from(const Node& node, size_t first) {
  for (size_t i = first; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != kNoId) return true;
  }
  return false;
}

// All axes but the channels', 1.
std::vector<int64_t> statistics_axes(int64_t rank) {
  std::vector<int64_t> axes;
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (axis != 1) axes.push_back(axis);
  }
  return axes;
}

// Outputs 3 and 4 of the older forms: mean and variance of this batch.
Status write_saved_statistics(Upgrade& upgrade) {
  const bool wants_mean = upgrade.uses_output(3);
  const bool wants_variance = upgrade.uses_output(4);
  const ValueId mean_out = upgrade.take_output(3);
  const ValueId variance_out = upgrade.take_output(4);
  if (!wants_mean && !wants_variance) return {};
  const int64_t rank = upgrade.rank(0);
  if (rank < 0)
    return upgrade.refuse("the saved statistics need the number of dims of input 0, which is not known");
  const ValueId x = upgrade.node().inputs[0];
  const ValueId axes = upgrade.constant("axes", statistics_axes(rank));
  const auto no_dims = [] { return std::vector<Attribute>{{"keepdims", int64_t{0}}}; };
  if (wants_mean) upgrade.write(mean_out, "ReduceMean", {x, axes}, no_dims());
  if (wants_variance) {
    const ValueId distance = upgrade.add_node("Sub", {x, upgrade.add_node("ReduceMean", {x, axes})});
    upgrade.write(variance_out, "ReduceMean", {upgrade.add_node("Mul", {distance, distance}), axes}, no_dims());
  }
  return {};
}

}  // namespace

// Before 14 naming more outputs than the first is what makes a node train; before 7 is_test can forbid it.
// Opset 1 to 8 can have statistics per element instead of per channel.
Status batch_normalization(Upgrade& upgrade) {
  if (upgrade.node().int_or("spatial", 1) != 1)
    return upgrade.refuse("spatial = 0 has no counterpart since opset 9");
  const bool test = upgrade.node().int_or("is_test", 0) != 0;
  for (const char* name : {"spatial", "is_test", "consumed_inputs"}) upgrade.drop_attribute(name);
  if (test) {
    for (size_t i = 1; i < upgrade.node().outputs.size(); ++i) {
      if (upgrade.uses_output(i))
        return upgrade.wrong("an output for training is used, but attribute 'is_test' is 1");
    }
    upgrade.keep_outputs(1);
    return {};
  }
  if (!names_outputs_from(upgrade.node(), 1)) {
    upgrade.keep_outputs(1);
    return {};
  }
  BP_RETURN_IF_ERROR(write_saved_statistics(upgrade));
  upgrade.keep_outputs(std::min<size_t>(3, upgrade.node().outputs.size()));
  upgrade.node().set_attribute("training_mode", int64_t{1});
  return {};
}

// Before 7 a node trains unless is_test forbids it, from 7 to 11 never. Before 10 the mask has the input's
// type.
Status dropout_to_input(Upgrade& upgrade) {
  const int32_t form = upgrade.node().since_version;
  const bool train = form < 7 && upgrade.node().int_or("is_test", 0) == 0;
  const float ratio = upgrade.node().float_or("ratio", 0.5F);
  for (const char* name : {"ratio", "is_test", "consumed_inputs"}) upgrade.drop_attribute(name);
  upgrade.set_input(1, upgrade.scalar("ratio", ratio));
  if (train) {
    const bool yes = true;
    const std::string name = upgrade.graph().unused_value_name(upgrade.node().name + "/training_mode");
    upgrade.set_input(2, upgrade.graph().add_constant(
                             name, Tensor::copy_of(ElementType::kBool, {}, std::as_bytes(std::span(&yes, 1)))));
  }
  if (form >= 10) return {};
  if (!upgrade.uses_output(1)) {
    upgrade.keep_outputs(1);
    return {};
  }
  const ValueId mask = upgrade.take_output(1);
  upgrade.write(mask, "CastLike", {upgrade.new_output(1), upgrade.node().inputs[0]});
  return {};
}

}  // namespace bp::canonical
