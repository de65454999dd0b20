// What changed from one report to another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/report.hpp"

namespace bp::conformance {

struct DiffOptions {
  // An error grew when it is this many times what it was, and more than `error_floor` of its tolerance.
  double error_factor = 2;
  double error_floor = 0.05;
  // A case is slower when it took this many times as long, and at least `slow_floor` longer.
  double slow_factor = 2;
  std::chrono::microseconds slow_floor{50'000};
};

struct OutcomeChange {
  std::string id;
  Outcome before, after;
  std::string text;  // of the newer result
};
struct CaseOutcome {
  std::string id;
  Outcome outcome;
};
struct ErrorChange {
  std::string id;
  double before, after;  // parts of the tolerance
};
struct TimeChange {
  std::string id;
  std::chrono::microseconds before, after;
};
struct FactChange {
  std::string name;  // "library_sha256"
  std::string before, after;
};

struct ReportDiff {
  std::vector<FactChange> facts;       // of provider and run: why results may differ
  std::vector<OutcomeChange> worse;    // bad now and not before, or passed before and not now
  std::vector<OutcomeChange> better;   // the other way round
  std::vector<OutcomeChange> changed;  // neither: Fail became Crash
  std::vector<CaseOutcome> added, gone;
  std::vector<ErrorChange> errors;  // that grew, in cases that pass
  std::vector<TimeChange> slower;

  // Something is worse, a case that passed is gone, or a new one is bad.
  bool is_worse() const;
};

// Cases are matched by id; both reports keep their order.
ReportDiff diff_reports(const Report& before, const Report& after, const DiffOptions& options = {});

// For people; at most `most` lines of each kind but the worse ones, which are all there.
std::string diff_text(const ReportDiff& diff, size_t most);

}  // namespace bp::conformance
