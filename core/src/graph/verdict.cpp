// Names of the reason codes.
#include "graph/verdict.hpp"

namespace bp {

const char* reason_code_name(ReasonCode code) noexcept {
  switch (code) {
    case ReasonCode::kOperator:
      return "OPERATOR";
    case ReasonCode::kNewerForm:
      return "NEWER_FORM";
    case ReasonCode::kType:
      return "TYPE";
    case ReasonCode::kRank:
      return "RANK";
    case ReasonCode::kDynamicShape:
      return "DYNAMIC_SHAPE";
    case ReasonCode::kAttribute:
      return "ATTRIBUTE";
    case ReasonCode::kNotConstant:
      return "NOT_CONSTANT";
    case ReasonCode::kLayout:
      return "LAYOUT";
    case ReasonCode::kMemory:
      return "MEMORY";
    case ReasonCode::kDeviceFeature:
      return "DEVICE_FEATURE";
    case ReasonCode::kPolicy:
      return "POLICY";
    case ReasonCode::kOther:
      return "OTHER";
  }
  return "OTHER";
}

}  // namespace bp
