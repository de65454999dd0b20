// Reports of a realistic shape, made up from a seed.
#pragma once

#include <cstddef>
#include <string>

#include "report/report.hpp"

namespace bp::test {

// About `operators` operators times 16 types, some cases each, and contract cases; with every outcome, reason
// and kind of text that there is when `with_failures`.
conformance::Report sample_report(size_t operators = 12, bool with_failures = true);

// Markup, quotes, control characters, malformed UTF-8, a spreadsheet's formula, and a word that is longer than
// any line.
std::string hostile_text();
// A report whose every text that comes from outside is that, ids included.
conformance::Report hostile_report();

}  // namespace bp::test
