// What a device says of a node: the answer of the capability query, with every reason.
// Fields mirror provider_api's capability.h; numbers are the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bp {

enum class ReasonCode : uint32_t {
  kOperator = 1,
  kNewerForm = 2,
  kType = 3,
  kRank = 4,
  kDynamicShape = 5,
  kAttribute = 6,
  kNotConstant = 7,
  kLayout = 8,
  kMemory = 9,
  kDeviceFeature = 10,
  kPolicy = 11,
  kOther = 12,
};
// "OPERATOR", "NEWER_FORM", ...; "OTHER" for a number outside the list.
const char* reason_code_name(ReasonCode code) noexcept;

inline constexpr uint32_t kNoIndex = 0xFFFFFFFFu;

struct Reason {
  ReasonCode code = ReasonCode::kOther;
  uint32_t input = kNoIndex;   // index among the node's inputs
  uint32_t output = kNoIndex;  // index among the node's outputs
  std::string attribute;       // empty: not about an attribute
  std::string text;
};

// How a node wants an input.
enum class InputWant : uint32_t { kDevice = 0, kHost = 1, kValueAtSpecialize = 2, kConstant = 3 };

struct Verdict {
  bool supported = false;
  std::vector<Reason> reasons;         // not empty when rejected
  uint32_t group = kNoIndex;           // nodes with the same number would be fused
  std::vector<InputWant> input_wants;  // one per input, or empty: all on the device
  int64_t cost_ns = -1;                // -1: unknown
  int64_t workspace_bytes = -1;
};

enum class PartitionAnswerKind : uint32_t { kAccept = 1, kReject = 2, kSplit = 3 };

struct PartitionAnswer {
  PartitionAnswerKind kind = PartitionAnswerKind::kAccept;
  uint32_t split_node = 0;  // position in the partition's order, with kSplit
  ReasonCode reason_code = ReasonCode::kOther;
  std::string text;
};

}  // namespace bp
