// Which operators run where: asked of the code itself, with a small node for each form and element type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backplane/environment.hpp"
#include "backplane/status.hpp"

namespace bp {

enum class CoverageAnswer : uint8_t {
  kDevice,    // the device takes the node as it is, or in its canonical form
  kLowered,   // the core writes it out by simpler operators, which the device takes
  kCore,      // the core runs it itself: control flow, sequences, shape arithmetic
  kRefused,   // `code` says why
  kNoSample,  // there is no sample node: nothing was asked
};

struct CoverageEntry {
  std::string domain;  // "" is ai.onnx
  std::string op_type;
  int32_t since_version = 0;  // the first opset of this form
  std::string element_type;   // of the sample's leading operand; empty where no operand leaves a choice
  CoverageAnswer answer = CoverageAnswer::kNoSample;
  std::string code;  // of the first reason for a refusal: "OPERATOR", "TYPE", ...
  std::string text;
};

// Every form of every standard operator, in the order of domain, operator, opset and type. `device` is a
// selector as in SessionOptions::providers. Takes seconds: each sample becomes a session.
Result<std::vector<CoverageEntry>> operator_coverage(const Environment& environment, const std::string& device);

}  // namespace bp
