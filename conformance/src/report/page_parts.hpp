// The parts of the HTML page, a function each. They return markup in which every text of the report is escaped;
// data/report.html has the frame and the styles.
#pragma once

#include <string>
#include <string_view>

#include "report/report.hpp"

namespace bp::conformance::page {

// Who, where, the verdict and the most important numbers.
std::string head(const Report& report);
std::string footer(const Report& report);

std::string failures(const Report& report);
std::string outcomes(const Report& report);
std::string groups(const Report& report);
std::string matrix(const Report& report);
std::string reasons(const Report& report);
std::string worst_errors(const Report& report);
std::string slowest(const Report& report);
std::string waivers(const Report& report);
std::string untested(const Report& report);
std::string environment(const Report& report);
std::string all_cases(const Report& report);

// The style that an outcome has, after "c-" (background) or "t-" (text).
std::string_view style_of(Outcome outcome) noexcept;
std::string chip(Outcome outcome);
// "412 µs", "3.1 ms", "12 s".
std::string time_text(std::chrono::microseconds duration);
// "2025-01-31T12:00:00Z" as "2025-01-31 12:00 UTC", escaped; other texts as they are.
std::string date_text(std::string_view utc);
// A bar of `part` of 1.
std::string bar(double part, std::string_view style = "");
// The outcomes of some cases side by side.
std::string stacked_bar(const OutcomeCounts& counts);
// A name in code, with places where it may break.
std::string name(std::string_view text);

}  // namespace bp::conformance::page
