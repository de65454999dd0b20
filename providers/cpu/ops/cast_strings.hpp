// Cast to and from strings.
#pragma once

#include "narrow.hpp"
#include "ops/op.hpp"

namespace bp::cpu {

// From numbers of any type: the shortest text that reads back as the same number ("0.1", "-12", "1e-05",
// "NaN").
void build_to_strings(Builder& b);
// To numbers of any type: decimal and scientific numbers, INF, +INF, -INF and NaN in any case. Integers take
// what stands before a point. Anything else ends the run with an error.
void build_from_strings(Builder& b, NarrowMode mode);

}  // namespace bp::cpu
