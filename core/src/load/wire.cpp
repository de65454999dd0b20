// https://protobuf.dev/programming-guides/encoding/
#include "load/wire.hpp"

#include <limits>
#include <string>

namespace bp {
namespace {

Status bad(uint64_t offset, const std::string& what) {
  return {ErrorCode::kInvalidModel, "not a valid ONNX file: at byte " + std::to_string(offset) + " " + what};
}

Result<uint64_t> read_varint(std::span<const std::byte> bytes, uint64_t& at, uint64_t end) {
  const uint64_t start = at;
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at >= end) return bad(start, "a number is cut off");
    const auto byte = std::to_integer<uint64_t>(bytes[at++]);
    value |= shift < 64 ? (byte & 0x7F) << shift : 0;
    if (byte < 0x80) return value;
  }
  return bad(start, "a number has more than 10 bytes");
}

std::string announces(const WireField& field, uint64_t length) {
  return "field " + std::to_string(field.number) + " announces " + std::to_string(length) + " bytes";
}

}  // namespace

Result<WireField> read_field(std::span<const std::byte> bytes, uint64_t at, uint64_t end) {
  const uint64_t start = at;
  BP_ASSIGN_OR_RETURN(const uint64_t tag, read_varint(bytes, at, end));
  if (tag >> 3 == 0 || tag > std::numeric_limits<uint32_t>::max())
    return bad(start, "there is no protobuf field");
  WireField field;
  field.number = static_cast<uint32_t>(tag >> 3);
  field.wire_type = static_cast<uint32_t>(tag & 7);
  field.tag_end = at;
  field.begin = at;
  uint64_t length = 0;
  if (field.wire_type == 0) {
    BP_ASSIGN_OR_RETURN([[maybe_unused]] const uint64_t value, read_varint(bytes, at, end));
  } else if (field.wire_type == 1) {
    length = 8;
  } else if (field.wire_type == 5) {
    length = 4;
  } else if (field.wire_type == 2) {
    BP_ASSIGN_OR_RETURN(length, read_varint(bytes, at, end));
    field.begin = at;
  } else {
    return bad(start, "there is no protobuf field");
  }
  if (length > end - at) {
    return bad(start, announces(field, length) + ", but " + std::to_string(end - at) + " are left");
  }
  if (length > uint64_t{std::numeric_limits<int32_t>::max()}) {
    return bad(start, announces(field, length) +
                          "; a message may have 2 GiB at most (larger weights must be external data)");
  }
  field.end = at + length;
  return field;
}

}  // namespace bp
