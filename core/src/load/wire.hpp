// One field of protobuf's wire format at a time, bounds checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "backplane/status.hpp"

namespace bp {

struct WireField {
  uint32_t number = 0;
  uint32_t wire_type = 0;  // 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes; groups are refused
  uint64_t tag_end = 0;    // offset after the tag
  uint64_t begin = 0;      // offset of the contents: after the tag, or after the length
  uint64_t end = 0;        // offset after the field
};

// The field at `at` of a message that ends at `end` (at < end <= bytes.size()). Errors name the offset.
Result<WireField> read_field(std::span<const std::byte> bytes, uint64_t at, uint64_t end);

}  // namespace bp
