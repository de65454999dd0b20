// Resize and Upsample, whose coordinates were implied, and modes that changed their names.
#include "canonicalize/upgrade.hpp"

namespace bp::canonical {
namespace {

// A constant of no elements is how opset 11 omits roi and scales.
bool is_empty(Upgrade& upgrade, size_t i) {
  if (!upgrade.has_input(i)) return false;
  const GraphValue& value = upgrade.graph().value(upgrade.node().inputs[i]);
  return value.constant && !value.is_input && value.constant->count() == 0;
}

// Scales at input 1 move to input 2; the coordinates that were implied are said.
void place_scales(Upgrade& upgrade, ValueId scales) {
  upgrade.set_input(1, kNoId);
  upgrade.set_input(2, scales);
  upgrade.node().set_attribute("coordinate_transformation_mode", std::string("asymmetric"));
  upgrade.node().set_attribute("nearest_mode", std::string("floor"));
}

}  // namespace

Status upsample_to_resize(Upgrade& upgrade) {
  ValueId scales = upgrade.has_input(1) ? upgrade.node().inputs[1] : kNoId;
  if (scales == kNoId) {
    const Attribute* attribute = upgrade.node().find_attribute("scales");
    const auto* list = attribute == nullptr ? nullptr : std::get_if<std::vector<float>>(&attribute->value);
    if (list == nullptr) return upgrade.refuse("has no scales");
    const std::vector<float> values = *list;
    const std::string name = upgrade.graph().unused_value_name(upgrade.node().name + "/scales");
    scales =
        upgrade.graph().add_constant(name, Tensor::of_float({static_cast<int64_t>(values.size())}, values));
    upgrade.drop_attribute("scales");
  }
  // Opset 7 also wrote "bilinear".
  if (upgrade.node().string_or("mode", "nearest") == "bilinear")
    upgrade.node().set_attribute("mode", std::string("linear"));
  upgrade.node().op_type = "Resize";
  place_scales(upgrade, scales);
  return {};
}

Status resize_10(Upgrade& upgrade) {
  place_scales(upgrade, upgrade.node().inputs[1]);
  return {};
}

Status resize_11(Upgrade& upgrade) {
  for (size_t i = 1; i < 4; ++i) {
    if (is_empty(upgrade, i)) upgrade.set_input(i, kNoId);
  }
  // Sizes win where a file gives both.
  if (upgrade.has_input(2) && upgrade.has_input(3)) upgrade.set_input(2, kNoId);
  const std::string mode = upgrade.node().string_or("coordinate_transformation_mode", "half_pixel");
  if (upgrade.has_input(1) && mode != "tf_crop_and_resize") upgrade.set_input(1, kNoId);
  if (mode != "tf_half_pixel_for_nn") return {};
  // With h = (x + 0.5) / s - 0.5 of half_pixel, floor(h + 0.5) is h rounded with halves up, and h + 0.5 rounded
  // with halves down is ceil(h).
  const std::string nearest = upgrade.node().string_or("nearest_mode", "round_prefer_floor");
  const bool down = nearest == "floor";
  if ((!down && nearest != "round_prefer_floor") || upgrade.node().string_or("mode", "nearest") != "nearest") {
    return upgrade.refuse(
        "coordinate_transformation_mode 'tf_half_pixel_for_nn' is canonical only with mode 'nearest' and "
        "nearest_mode 'floor' or 'round_prefer_floor'");
  }
  upgrade.node().set_attribute("coordinate_transformation_mode", std::string("half_pixel"));
  upgrade.node().set_attribute("nearest_mode", std::string(down ? "round_prefer_ceil" : "ceil"));
  return {};
}

Status grid_sample_modes(Upgrade& upgrade) {
  const std::string mode = upgrade.node().string_or("mode", "bilinear");
  if (mode == "bilinear") upgrade.node().set_attribute("mode", std::string("linear"));
  if (mode == "bicubic") upgrade.node().set_attribute("mode", std::string("cubic"));
  return {};
}

Status roi_align_mode(Upgrade& upgrade) {
  upgrade.node().set_attribute("coordinate_transformation_mode", std::string("output_half_pixel"));
  return {};
}

}  // namespace bp::canonical
