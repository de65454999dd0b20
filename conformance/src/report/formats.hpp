// The forms of a report for other programs and for people. JSON is in json_report.hpp.
#pragma once

#include <string>

#include "report/report.hpp"

namespace bp::conformance {

// As CI servers read it: a suite per group. Fail, UnexpectedPass and Flake are failures, other bad outcomes
// errors; Unsupported, Host, NotApplicable and Waived are skipped with their outcome as the message.
std::string write_junit(const Report& report);

// A line per case (RFC 4180). Text that a spreadsheet would take for a formula starts with an apostrophe.
std::string write_csv(const Report& report);

// One HTML file that needs nothing else and runs no script.
std::string write_page(const Report& report);

// "conformance | L2 · 2871 passed" as SVG.
std::string write_badge(const Report& report);

}  // namespace bp::conformance
