// Operators that go on under another name, and the one form that is refused.
#include "canonicalize/upgrade.hpp"

namespace bp::canonical {

Status scatter_to_elements(Upgrade& upgrade) {
  upgrade.node().op_type = "ScatterElements";
  return {};
}

Status refuse_scan_8(Upgrade& upgrade) {
  return upgrade.refuse(
      "the form of opset 8 (batches, sequence_lens) is not supported; export with opset 9 or newer");
}

}  // namespace bp::canonical
