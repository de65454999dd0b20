// The wire scan. Messages below 1 KiB are copied without a look inside: they cannot hold a big payload.
#include "load/lift.hpp"

#include <random>

#include "load/wire.hpp"

namespace bp {
namespace {

enum class Kind : uint8_t { kOther, kModel, kGraph, kNode, kAttribute, kFunction, kSparse, kTensor };

struct Path {
  Kind parent;
  uint32_t field;
  Kind child;
};

// onnx.proto: the fields on the way from a model to its tensors.
constexpr Path kPaths[] = {
    {Kind::kModel, 7, Kind::kGraph},       {Kind::kModel, 25, Kind::kFunction},
    {Kind::kGraph, 1, Kind::kNode},        {Kind::kGraph, 5, Kind::kTensor},
    {Kind::kGraph, 15, Kind::kSparse},     {Kind::kNode, 5, Kind::kAttribute},
    {Kind::kAttribute, 5, Kind::kTensor},  {Kind::kAttribute, 10, Kind::kTensor},
    {Kind::kAttribute, 6, Kind::kGraph},   {Kind::kAttribute, 11, Kind::kGraph},
    {Kind::kAttribute, 22, Kind::kSparse}, {Kind::kAttribute, 23, Kind::kSparse},
    {Kind::kFunction, 7, Kind::kNode},     {Kind::kFunction, 11, Kind::kAttribute},
    {Kind::kSparse, 1, Kind::kTensor},     {Kind::kSparse, 2, Kind::kTensor},
};

constexpr uint32_t kSegmentField = 3;
constexpr int kMaxDepth = 100;  // protobuf's own limit
constexpr size_t kPaddedLengthBytes = 5;

Kind child_kind(Kind parent, uint32_t field) {
  for (const Path& path : kPaths) {
    if (path.parent == parent && path.field == field) return path.child;
  }
  return Kind::kOther;
}

class Scanner {
 public:
  explicit Scanner(std::span<const std::byte> bytes) : bytes_(bytes) {
    std::random_device entropy;
    out_.mark = static_cast<int64_t>((uint64_t{entropy()} << 31) ^ entropy());
  }

  Status scan(Kind kind) {
    return kind == Kind::kTensor ? tensor(0, bytes_.size()) : message(kind, 0, bytes_.size(), 0);
  }
  Lifted take() { return std::move(out_); }

 private:
  void copy(uint64_t begin, uint64_t end) {
    out_.message.append(reinterpret_cast<const char*>(bytes_.data()) + begin, end - begin);
  }

  Status message(Kind kind, uint64_t begin, uint64_t end, int depth) {
    if (depth > kMaxDepth)
      return {ErrorCode::kInvalidModel, "not a valid ONNX file: messages are nested too deeply"};
    uint64_t copied = begin;
    for (uint64_t at = begin; at < end;) {
      BP_ASSIGN_OR_RETURN(const WireField field, read_field(bytes_, at, end));
      at = field.end;
      if (field.wire_type != 2 || field.end - field.begin < kLiftMinBytes) continue;
      const Kind child = child_kind(kind, field.number);
      if (child == Kind::kOther) continue;
      copy(copied, field.tag_end);
      // The child's new length is known only afterwards; parsers take padded varints.
      const size_t length_at = out_.message.size();
      out_.message.append(kPaddedLengthBytes, '\0');
      BP_RETURN_IF_ERROR(child == Kind::kTensor ? tensor(field.begin, field.end)
                                                : message(child, field.begin, field.end, depth + 1));
      write_padded_length(length_at);
      copied = field.end;
    }
    copy(copied, end);
    return {};
  }

  void write_padded_length(size_t at) {
    const uint64_t length = out_.message.size() - at - kPaddedLengthBytes;
    for (size_t i = 0; i < kPaddedLengthBytes; ++i) {
      const uint64_t more = i + 1 < kPaddedLengthBytes ? 0x80 : 0;
      out_.message[at + i] = static_cast<char>(((length >> (7 * i)) & 0x7F) | more);
    }
  }

  // Lifts the payload when there is exactly one and it is big; anything unusual is left to protobuf.
  Status tensor(uint64_t begin, uint64_t end) {
    WireField payload;
    uint64_t payload_start = 0;
    int payloads = 0;
    bool segmented = false;
    for (uint64_t at = begin; at < end;) {
      BP_ASSIGN_OR_RETURN(const WireField field, read_field(bytes_, at, end));
      if (field.number == kRawDataField || field.number == kFloatDataField ||
          field.number == kDoubleDataField) {
        ++payloads;
        payload = field;
        payload_start = at;
      }
      segmented = segmented || field.number == kSegmentField;
      at = field.end;
    }
    if (payloads != 1 || segmented || payload.wire_type != 2 || payload.end - payload.begin < kLiftMinBytes) {
      copy(begin, end);
      return {};
    }
    copy(begin, payload_start);
    copy(payload.end, end);
    append_segment(out_.payloads.size());
    out_.payloads.push_back({payload.begin, payload.end - payload.begin, payload.number});
    return {};
  }

  void append_segment(uint64_t index) {
    std::string segment;
    append_varint(segment, (1U << 3) | 0U);  // Segment.begin
    append_varint(segment, index);
    append_varint(segment, (2U << 3) | 0U);  // Segment.end
    append_varint(segment, static_cast<uint64_t>(out_.mark));
    append_varint(out_.message, (kSegmentField << 3) | 2U);
    append_varint(out_.message, segment.size());
    out_.message += segment;
  }

  static void append_varint(std::string& text, uint64_t value) {
    for (; value >= 0x80; value >>= 7) text += static_cast<char>((value & 0x7F) | 0x80);
    text += static_cast<char>(value);
  }

  std::span<const std::byte> bytes_;
  Lifted out_;
};

}  // namespace

Result<Lifted> lift_payloads(std::span<const std::byte> bytes, LiftRoot root) {
  Scanner scanner(bytes);
  BP_RETURN_IF_ERROR(scanner.scan(root == LiftRoot::kTensor ? Kind::kTensor : Kind::kModel));
  return scanner.take();
}

}  // namespace bp
