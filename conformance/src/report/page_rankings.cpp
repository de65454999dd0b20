// The largest errors, the slowest cases, and the list of all.
#include <fmt/format.h>

#include <algorithm>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {
namespace {

constexpr size_t kMost = 20;
constexpr size_t kMostText = 300;  // of a line in the list of all cases

std::string reason_words(const CaseResult& result) {
  std::string words;
  for (const auto& [reason, count] : result.reasons) words += (words.empty() ? "" : ", ") + reason;
  return words;
}

std::string case_line(const CaseResult& result) {
  std::string detail = reason_words(result);
  const std::string text = shorten(result.text, kMostText);
  if (!text.empty()) detail += (detail.empty() ? "" : ": ") + text;
  return fmt::format("<li><b class=\"t-{}\">{}</b><code>{}</code><time>{}</time>{}</li>\n",
                     style_of(result.outcome), outcome_name(result.outcome), name(result.id),
                     time_text(result.duration),
                     detail.empty() ? "" : fmt::format("<small>{}</small>", escape_markup(detail)));
}

}  // namespace

std::string worst_errors(const Report& report) {
  const std::vector<size_t> cases = worst_cases(report, kMost);
  if (cases.empty()) return "";
  std::string html =
      "<p class=\"muted\">The largest difference of a case from the reference, as a part of what its tolerance "
      "allows; more than 1 fails.</p>\n<table class=\"list stack\"><thead><tr><th>Case</th><th class=\"n\">Of "
      "tolerance</th><th></th><th class=\"n\">ULP</th><th class=\"n\">Absolute</th><th "
      "class=\"n\">Relative</th>"
      "<th>Expected, got</th></tr></thead><tbody>\n";
  for (const size_t i : cases) {
    const CaseResult& result = report.results[i];
    const WorstError& worst = *result.worst;
    html += fmt::format(
        "<tr><td class=\"grow wide\"><code>{}</code></td><td class=\"n{}\" data-name=\"Of tolerance\">{}</td>"
        "<td><span style=\"display:block;width:90px;padding-top:7px\">{}</span></td>"
        "<td class=\"n\" data-name=\"ULP\">{}</td><td class=\"n\" data-name=\"Absolute\">{}</td>"
        "<td class=\"n\" data-name=\"Relative\">{}</td><td class=\"wide\"><code>{}, {}</code> "
        "<span class=\"muted\">at {}[{}]</span></td></tr>\n",
        name(result.id), worst.of_tolerance <= 1 ? "" : " t-bad", short_number(worst.of_tolerance),
        bar(worst.of_tolerance, worst.of_tolerance <= 1 ? "" : "bad"), short_number(worst.max_ulp),
        short_number(worst.max_abs), short_number(worst.max_rel), escape_markup(worst.expected),
        escape_markup(worst.actual), name(worst.output), worst.index);
  }
  return html + "</tbody></table>\n";
}

std::string slowest(const Report& report) {
  const std::vector<size_t> cases = slowest_cases(report, kMost);
  if (cases.empty()) return "";
  const auto longest = static_cast<double>(report.results[cases.front()].duration.count());
  std::string html = "<table class=\"list stack\"><tbody>\n";
  for (const size_t i : cases) {
    const CaseResult& result = report.results[i];
    html += fmt::format(
        "<tr><td class=\"wide\"><code>{}</code></td><td class=\"n\">{}</td><td>{}</td>"
        "<td class=\"bars\">{}</td></tr>\n",
        name(result.id), time_text(result.duration), chip(result.outcome),
        bar(static_cast<double>(result.duration.count()) / longest));
  }
  return html + "</tbody></table>\n";
}

std::string all_cases(const Report& report) {
  std::string html;
  for (const GroupSummary& group : summarize_groups(report)) {
    html += fmt::format(
        "<details><summary><b>{}</b> <span class=\"muted\">{} cases</span></summary>\n<ul class=\"cases\">\n",
        name(group.name), grouped(total_count(group.counts)));
    for (size_t i = 0; i < report.planned.size(); ++i) {
      if (report.planned[i].group == group.name) html += case_line(report.results[i]);
    }
    html += "</ul>\n</details>\n";
  }
  return html;
}

}  // namespace bp::conformance::page
