// Builds the verdict on one node: supported unless something rejects it, and then with every reason.
#ifndef BACKPLANE_PROVIDER_CPP_VERDICT_HPP
#define BACKPLANE_PROVIDER_CPP_VERDICT_HPP

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "../provider/capability.h"
#include "view.hpp"

namespace bp::sdk {

class Verdict {
 public:
  explicit Verdict(uint32_t node) : node_(node) {}

  // Each call adds a reason. `code` is a BP_REASON_, `text` a sentence: what is expected, what was found.
  Verdict& reject(uint32_t code, std::string_view text) { return add(code, BP_NONE, BP_NONE, {}, text); }
  Verdict& reject_input(uint32_t code, uint32_t input, std::string_view text) {
    return add(code, input, BP_NONE, {}, text);
  }
  Verdict& reject_output(uint32_t code, uint32_t output, std::string_view text) {
    return add(code, BP_NONE, output, {}, text);
  }
  Verdict& reject_attribute(std::string_view attribute, std::string_view text) {
    return add(BP_REASON_ATTRIBUTE, BP_NONE, BP_NONE, attribute, text);
  }

  // How `input` is wanted, BP_WANT_; inputs that are not named: on the device.
  Verdict& want(uint32_t input, uint32_t how) {
    if (wants_.size() <= input) wants_.resize(input + 1, BP_WANT_DEVICE);
    wants_[input] = how;
    return *this;
  }
  Verdict& group(uint32_t number) {
    group_ = number;
    return *this;
  }
  Verdict& cost_ns(int64_t cost) {
    cost_ns_ = cost;
    return *this;
  }
  Verdict& workspace_bytes(int64_t bytes) {
    workspace_bytes_ = bytes;
    return *this;
  }

  [[nodiscard]] bool supported() const { return reasons_.empty(); }

  // Hands the verdict to the host, which copies it. `input_count`: of the node.
  void report(const bp_verdict_sink& sink, uint32_t input_count) {
    bp_verdict verdict{};
    verdict.struct_size = BP_STRUCT_SIZE(bp_verdict, workspace_bytes);
    verdict.kind = supported() ? BP_VERDICT_SUPPORTED : BP_VERDICT_REJECTED;
    verdict.node = node_;
    verdict.group = group_;
    verdict.reasons = abi(reasons_);
    if (!wants_.empty()) {
      wants_.resize(input_count, BP_WANT_DEVICE);
      verdict.input_wants = abi(wants_);
    }
    verdict.cost_ns = cost_ns_;
    verdict.workspace_bytes = workspace_bytes_;
    sink.report(sink.user, &verdict);
  }

 private:
  Verdict& add(uint32_t code, uint32_t input, uint32_t output, std::string_view attribute,
               std::string_view text) {
    bp_reason reason{};
    reason.struct_size = BP_STRUCT_SIZE(bp_reason, text);
    reason.code = code;
    reason.input = input;
    reason.output = output;
    reason.attribute = keep(attribute);
    reason.text = keep(text);
    reasons_.push_back(reason);
    return *this;
  }
  bp_string keep(std::string_view text) { return abi(texts_.emplace_back(text)); }

  uint32_t node_;
  uint32_t group_ = BP_NONE;
  int64_t cost_ns_ = BP_UNKNOWN;
  int64_t workspace_bytes_ = BP_UNKNOWN;
  std::deque<std::string> texts_;  // a deque: its strings never move
  std::vector<bp_reason> reasons_;
  std::vector<uint32_t> wants_;
};

}  // namespace bp::sdk

#endif
