#include "report/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "report/report_fields.hpp"
#include "report/summary.hpp"

namespace bp::conformance {
namespace {

using Places = std::unordered_map<std::string_view, size_t>;

Places places_of(const Report& report) {
  Places places;
  for (size_t i = 0; i < report.planned.size(); ++i) places.emplace(report.planned[i].id, i);
  return places;
}

// A section's members as text, in order.
struct FactList {
  std::vector<std::pair<std::string, std::string>> facts;

  void required(const char* name, const std::string& value) { facts.emplace_back(name, value); }
  void required(const char* name, Level value) { facts.emplace_back(name, level_name(value)); }
  template <typename T>
  requires std::is_arithmetic_v<T>
  void required(const char* name, T value) { facts.emplace_back(name, fmt::format("{}", value)); }
  void required(const char* name, const std::vector<std::string>& values) {
    facts.emplace_back(name, fmt::format("{}", fmt::join(values, " ")));
  }
  void required(const char* name, const std::map<std::string, std::string>& pairs) {
    required(name, std::vector<std::pair<std::string, std::string>>(pairs.begin(), pairs.end()));
  }
  void required(const char* name, const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::string text;
    for (const auto& [key, value] : pairs) text += (text.empty() ? "" : " ") + key + "=" + value;
    facts.emplace_back(name, text);
  }
  void digits(const char* name, uint64_t value) { required(name, value); }
};

std::vector<FactChange> changed_facts(const Report& before, const Report& after) {
  FactList old_facts, new_facts;
  visit_provider(old_facts, before.provider);
  visit_run(old_facts, before.run);
  visit_provider(new_facts, after.provider);
  visit_run(new_facts, after.run);
  std::vector<FactChange> changes;
  for (size_t i = 0; i < old_facts.facts.size(); ++i) {
    const auto& [name, value] = old_facts.facts[i];
    if (name == "started_utc" || name == "duration_seconds") continue;  // never the same
    if (value != new_facts.facts[i].second) changes.push_back({name, value, new_facts.facts[i].second});
  }
  return changes;
}

// Not a number is worse than every number.
double part_of_tolerance(const CaseResult& result) {
  if (!result.worst) return 0;
  return std::isnan(result.worst->of_tolerance) ? HUGE_VAL : result.worst->of_tolerance;
}

void compare_outcomes(const CaseResult& before, const CaseResult& after, ReportDiff& diff) {
  if (before.outcome == after.outcome) return;
  const OutcomeChange change{after.id, before.outcome, after.outcome, after.text};
  const bool was_bad = is_bad(before.outcome), now_bad = is_bad(after.outcome);
  if (was_bad && after.outcome == Outcome::kWaived) {
    diff.changed.push_back(change);  // excused, not mended
  } else if (was_bad != now_bad) {
    (now_bad ? diff.worse : diff.better).push_back(change);
  } else if (before.outcome == Outcome::kPass) {
    diff.worse.push_back(change);
  } else if (after.outcome == Outcome::kPass) {
    diff.better.push_back(change);
  } else {
    diff.changed.push_back(change);
  }
}

void compare_figures(const CaseResult& before, const CaseResult& after, const DiffOptions& options,
                     ReportDiff& diff) {
  if (before.outcome != Outcome::kPass || after.outcome != Outcome::kPass) return;
  const double old_error = part_of_tolerance(before), new_error = part_of_tolerance(after);
  if (new_error > options.error_floor && new_error > old_error * options.error_factor) {
    diff.errors.push_back({after.id, old_error, new_error});
  }
  const double limit = static_cast<double>(before.duration.count()) * options.slow_factor;
  if (static_cast<double>(after.duration.count()) > limit &&
      after.duration - before.duration >= options.slow_floor) {
    diff.slower.push_back({after.id, before.duration, after.duration});
  }
}

}  // namespace

bool ReportDiff::is_worse() const {
  return !worse.empty() ||
         std::any_of(gone.begin(), gone.end(), [](const auto& c) { return c.outcome == Outcome::kPass; }) ||
         std::any_of(added.begin(), added.end(), [](const auto& c) { return is_bad(c.outcome); });
}

ReportDiff diff_reports(const Report& before, const Report& after, const DiffOptions& options) {
  ReportDiff diff;
  diff.facts = changed_facts(before, after);
  const Places old_places = places_of(before), new_places = places_of(after);
  for (const CaseResult& result : before.results) {
    if (!new_places.contains(result.id)) diff.gone.push_back({result.id, result.outcome});
  }
  for (const CaseResult& result : after.results) {
    const auto found = old_places.find(result.id);
    if (found == old_places.end()) {
      diff.added.push_back({result.id, result.outcome});
      continue;
    }
    compare_outcomes(before.results[found->second], result, diff);
    compare_figures(before.results[found->second], result, options, diff);
  }
  const auto growth = [](const ErrorChange& change) { return change.after - change.before; };
  std::stable_sort(diff.errors.begin(), diff.errors.end(),
                   [&](const auto& a, const auto& b) { return growth(a) > growth(b); });
  std::stable_sort(diff.slower.begin(), diff.slower.end(),
                   [](const auto& a, const auto& b) { return a.after - a.before > b.after - b.before; });
  return diff;
}

}  // namespace bp::conformance
