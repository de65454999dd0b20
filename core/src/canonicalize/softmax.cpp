// Softmax, LogSoftmax and Hardmax before opset 13 work on the input flattened to two dims at `axis` (default
// 1). Over the last axis that is the canonical form; elsewhere the flattening is written out.
#include "canonicalize/upgrade.hpp"

namespace bp::canonical {

Status softmax_over_one_axis(Upgrade& upgrade) {
  const int64_t axis = upgrade.node().int_or("axis", 1);
  const int64_t rank = upgrade.rank(0);
  if (axis == -1 || (rank > 0 && (axis == rank - 1))) {
    upgrade.node().set_attribute("axis", int64_t{-1});
    return {};
  }
  // x: [a, b, c, d] at axis 2 -> [a*b, c*d], softmax over the rows, back to x's dims.
  const ValueId x = upgrade.node().inputs[0];
  const ValueId dims = upgrade.add_node("Shape", {x});
  const ValueId flat = upgrade.add_node("Flatten", {x}, {{"axis", axis}});
  const ValueId rows = upgrade.add_node(upgrade.node().op_type, {flat}, {{"axis", int64_t{-1}}});
  // The node itself becomes the way back, so that its output stays.
  upgrade.node().op_type = "Reshape";
  upgrade.node().attributes.clear();
  upgrade.set_input(0, rows);
  upgrade.set_input(1, dims);
  return {};
}

}  // namespace bp::canonical
