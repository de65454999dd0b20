#include "report/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/json_report.hpp"
#include "report/summary.hpp"

namespace bp::conformance {
namespace {

void compare_counts(const std::string& place, uint64_t planned, const OutcomeCounts& claimed,
                    const OutcomeCounts& found, Findings& findings) {
  if (planned != total_count(found)) {
    findings.push_back(
        {place + ".planned", fmt::format("says {}, the file holds {}", planned, total_count(found))});
  }
  if (planned != total_count(claimed)) {
    findings.push_back({place + ".outcomes",
                        fmt::format("add up to {}, not to the {} planned", total_count(claimed), planned)});
  }
  for (size_t i = 0; i < claimed.size(); ++i) {
    if (claimed[i] == found[i]) continue;
    findings.push_back({fmt::format("{}.outcomes.{}", place, outcome_name(static_cast<Outcome>(i))),
                        fmt::format("says {}, the file holds {}", claimed[i], found[i])});
  }
}

void check_groups(const ReportClaims& claimed, const ReportClaims& actual, Findings& findings) {
  for (const ReportClaims::Group& group : claimed.groups) {
    const auto found = std::find_if(actual.groups.begin(), actual.groups.end(),
                                    [&](const auto& other) { return other.name == group.name; });
    const OutcomeCounts none{};
    compare_counts(fmt::format("groups '{}'", group.name), group.planned, group.outcomes,
                   found == actual.groups.end() ? none : found->outcomes, findings);
  }
  for (const ReportClaims::Group& group : actual.groups) {
    const bool claims = std::any_of(claimed.groups.begin(), claimed.groups.end(),
                                    [&](const auto& other) { return other.name == group.name; });
    if (!claims) {
      findings.push_back(
          {"groups", fmt::format("'{}' is missing, {} cases are of it", group.name, group.planned)});
    }
  }
}

std::string case_place(const Report& report, size_t index) {
  return fmt::format("cases[{}] '{}'", index, report.planned[index].id);
}

void check_case(const Report& report, size_t index, Findings& findings) {
  const CaseInfo& info = report.planned[index];
  const CaseResult& result = report.results[index];
  const auto wrong = [&](std::string text) {
    findings.push_back({case_place(report, index), std::move(text)});
  };
  if (info.id.substr(0, info.id.find('.')) != info.group) {
    wrong(fmt::format("is of group '{}', the id's first word is another", info.group));
  }
  if (result.attempts == 0 && result.outcome != Outcome::kMissing) wrong("has an outcome after no attempt");
  if (result.nodes_by_provider > result.nodes) {
    wrong(fmt::format("the provider ran {} of {} nodes", result.nodes_by_provider, result.nodes));
  }
  if (result.outcome == Outcome::kPass || result.outcome == Outcome::kUnexpectedPass) {
    if (result.nodes_by_provider < result.nodes) {
      wrong(fmt::format("is {}, and the provider ran {} of {} nodes", outcome_name(result.outcome),
                        result.nodes_by_provider, result.nodes));
    }
    if (result.worst && !(result.worst->of_tolerance <= 1)) {
      wrong(fmt::format("is {}, and an error is {} times what is allowed", outcome_name(result.outcome),
                        result.worst->of_tolerance));
    }
  } else if (is_bad(result.outcome) && result.text.empty()) {
    wrong(fmt::format("is {} without a text", outcome_name(result.outcome)));
  }
}

void check_waivers(const Report& report, Findings& findings) {
  std::set<std::string> waived;
  for (const Waiver& waiver : report.waivers) waived.insert(waiver.case_id);
  for (size_t i = 0; i < report.results.size(); ++i) {
    const Outcome outcome = report.results[i].outcome;
    const bool needs = outcome == Outcome::kWaived || outcome == Outcome::kUnexpectedPass;
    if (needs && !waived.contains(report.planned[i].id)) {
      findings.push_back(
          {case_place(report, i), fmt::format("is {}, and no waiver names it", outcome_name(outcome))});
    }
  }
}

void check_ids(const Report& report, Findings& findings) {
  std::map<std::string_view, size_t> first;
  for (size_t i = 0; i < report.planned.size(); ++i) {
    const auto [at, is_new] = first.emplace(report.planned[i].id, i);
    if (!is_new) findings.push_back({case_place(report, i), fmt::format("is cases[{}] again", at->second)});
  }
}

void check_digests(const Report& report, const ReportClaims& claimed, const ReportClaims& actual,
                   Findings& findings) {
  for (size_t i = 0; i < actual.case_digests.size(); ++i) {
    if (claimed.case_digests[i] != actual.case_digests[i]) {
      findings.push_back({case_place(report, i), fmt::format("was changed: its digest says {}, it has {}",
                                                             claimed.case_digests[i], actual.case_digests[i])});
    }
  }
  for (const auto& [section, digest] : actual.digests) {
    if (claimed.digests.at(section) == digest) continue;
    const std::string what = section == "report" ? "the file as a whole" : fmt::format("'{}'", section);
    findings.push_back({"digests." + section, fmt::format("{} is not what was written: digest {}, found {}",
                                                          what, claimed.digests.at(section), digest)});
  }
}

}  // namespace

Findings verify_report(std::string_view json_text) {
  const ReadReport read = read_report_json(json_text);
  Findings findings = read.findings;
  if (!findings.empty()) return findings;  // values that could not be read make everything else look wrong
  const ReportClaims actual = make_claims(read.report);
  compare_counts("totals", read.claims.planned, read.claims.outcomes, actual.outcomes, findings);
  check_groups(read.claims, actual, findings);
  check_ids(read.report, findings);
  for (size_t i = 0; i < read.report.planned.size(); ++i) check_case(read.report, i, findings);
  check_waivers(read.report, findings);
  check_digests(read.report, read.claims, actual, findings);
  return findings;
}

}  // namespace bp::conformance
