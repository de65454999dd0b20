#include "canonicalize/upgrade.hpp"

namespace bp::canonical {

// Opset 18 has scale and bias per group, 21 per channel: [G] becomes [C], each entry repeated C / G times.
Status group_normalization(Upgrade& upgrade) {
  const int64_t groups = upgrade.node().int_or("num_groups", 1);
  if (groups < 1) return upgrade.refuse("num_groups must be at least 1");
  const ValueId x = upgrade.node().inputs[0];
  const ValueId channels = upgrade.add_node("Shape", {x}, {{"start", int64_t{1}}, {"end", int64_t{2}}});
  const ValueId per_group = upgrade.add_node("Div", {channels, upgrade.constant("groups", {groups})});
  const ValueId target =
      upgrade.add_node("Concat", {upgrade.constant("groups", {groups}), per_group}, {{"axis", int64_t{0}}});
  for (size_t i = 1; i <= 2; ++i) {
    const ValueId column =
        upgrade.add_node("Unsqueeze", {upgrade.node().inputs[i], upgrade.constant("axes", {1})});
    const ValueId repeated = upgrade.add_node("Expand", {column, target});
    upgrade.set_input(i, upgrade.add_node("Reshape", {repeated, upgrade.constant("shape", {-1})}));
  }
  return {};
}

}  // namespace bp::canonical
