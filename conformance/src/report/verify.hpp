// Is a report file whole, and does it agree with itself? A digest is no signature: who edits a report can also
// compute new digests; it finds what was lost, cut off or changed by mistake or by hand.
#pragma once

#include <string_view>

#include "report/finding.hpp"

namespace bp::conformance {

// Empty: the report is whole.
Findings verify_report(std::string_view json_text);

}  // namespace bp::conformance
