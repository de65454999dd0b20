// Tensors put together and taken apart along an axis: bytes and strings are moved, nothing is computed.
#pragma once

#include <cstdint>
#include <span>

#include "execute/runtime_value.hpp"

namespace bp {

// `axis` counted from the front. INVALID_ARGUMENT when it is outside [-rank, rank).
Result<size_t> axis_of(int64_t axis, size_t rank);

// `parts` (in host memory, at least one) one behind the other along `axis`, or along a dim added there. Takes
// time in proportion to the result. INVALID_ARGUMENT names the first part that does not fit the one in front.
Result<RuntimeValue> join(std::span<const RuntimeValue> parts, int64_t axis, bool new_axis);

// Entries [begin, begin + count) of `axis` of a tensor in host memory, in memory of its own.
Result<RuntimeValue> cut(const RuntimeValue& whole, size_t axis, int64_t begin, int64_t count);

}  // namespace bp
