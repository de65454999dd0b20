// Operators that go on under another name.
#include "canonicalize/upgrade.hpp"

namespace bp::canonical {

Status scatter_to_elements(Upgrade& upgrade) {
  upgrade.node().op_type = "ScatterElements";
  return {};
}

Status to_standard(Upgrade& upgrade) {
  upgrade.node().domain.clear();
  return {};
}

Status quick_gelu_to_swish(Upgrade& upgrade) {
  upgrade.node().domain.clear();
  upgrade.node().op_type = "Swish";
  upgrade.node().set_attribute("alpha", upgrade.node().float_or("alpha", 1.702F));
  return {};
}

// ONNX Runtime's first name for FusedMatMul.
Status transpose_matmul(Upgrade& upgrade) {
  upgrade.node().op_type = "FusedMatMul";
  return {};
}

// What ONNX Runtime wrote before RMSNormalization was standard; it can give the inverse deviation too, then it
// stays.
Status simplified_layer_normalization(Upgrade& upgrade) {
  if (upgrade.uses_output(1)) return {};
  upgrade.keep_outputs(1);
  upgrade.node().op_type = "RMSNormalization";
  return {};
}

}  // namespace bp::canonical
