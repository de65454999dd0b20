// report.json: written once, read by `diff` and `verify`. data/report.schema.json describes it, docs/reports.md
// says what the members mean and how the digests are made. CaseInfo::folder stays out: it is of one machine.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "report/finding.hpp"
#include "report/report.hpp"

namespace bp::conformance {

inline constexpr std::string_view kReportFormat = "backplane.conformance.report/1";

// Throws std::invalid_argument when results and planned cases are not the same ones in the same order.
std::string write_report_json(const Report& report);

// What a report says about itself, to be compared with what it holds.
struct ReportClaims {
  uint64_t planned = 0;
  OutcomeCounts outcomes{};
  struct Group {
    std::string name;
    uint64_t planned = 0;
    OutcomeCounts outcomes{};
  };
  std::vector<Group> groups;
  std::vector<std::string> case_digests;       // one per case
  std::map<std::string, std::string> digests;  // by section
};

struct ReadReport {
  Report report;
  ReportClaims claims;
  Findings findings;  // not empty: the file is not of this format, and the rest may be incomplete
};
// Reads everything that it can and names every place that is missing, unknown or of the wrong type. What it has
// read may still contradict itself: see verify.hpp.
ReadReport read_report_json(std::string_view text);

// What the writer would claim of this report.
ReportClaims make_claims(const Report& report);

}  // namespace bp::conformance
