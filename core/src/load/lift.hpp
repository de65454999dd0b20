// Takes the bytes of big tensors out of a serialized ONNX message, so that protobuf parses only the rest:
// a scan of the wire format that knows on which paths tensors lie. What the fields mean is left to
// protobuf and to the converters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backplane/status.hpp"

namespace bp {

// Smaller payloads stay in the message: parsing them is cheap, and inference reads them.
inline constexpr uint64_t kLiftMinBytes = 1024;

// Fields of TensorProto whose wire form is the tensor's bytes (little endian, packed).
inline constexpr uint32_t kFloatDataField = 4;
inline constexpr uint32_t kRawDataField = 9;
inline constexpr uint32_t kDoubleDataField = 10;

struct LiftedPayload {
  uint64_t offset = 0;  // in the scanned bytes
  uint64_t size = 0;
  uint32_t field = 0;  // one of the fields above
};

// A lifted tensor carries TensorProto.segment {begin = index into payloads, end = mark} in place of its
// payload. No writer uses that field; the mark is drawn anew for each scan, so no file can pretend.
struct Lifted {
  std::string message;
  std::vector<LiftedPayload> payloads;
  int64_t mark = 0;
};

enum class LiftRoot : uint8_t { kModel, kTensor };

// Fails on bytes that are no protobuf message, with the offset of the offending field.
Result<Lifted> lift_payloads(std::span<const std::byte> bytes, LiftRoot root);

}  // namespace bp
