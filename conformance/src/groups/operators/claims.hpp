// What a device says that it supports, asked with made-up nodes: so that a report can name what no case tests.
#pragma once

#include <set>
#include <string>

#include "harness/device_under_test.hpp"

namespace bp::conformance {

// An operator and the type of its first input.
struct OperatorType {
  std::string domain;
  std::string op_type;
  std::string element_type;
  auto operator<=>(const OperatorType&) const = default;
  // "Conv float64", "ai.onnx.ml.Scaler float32".
  std::string to_string() const;
};

// All of the standard's operators and types that the device accepts in some form, but for those in `tested`,
// which are not asked about. A form that nobody thought of is missed.
std::set<OperatorType> find_claims(DeviceUnderTest& target, const std::set<OperatorType>& tested);

}  // namespace bp::conformance
