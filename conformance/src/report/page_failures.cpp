#include <fmt/format.h>

#include <cmath>
#include <map>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {
namespace {

constexpr size_t kMostText = 4000;  // bytes of one case's text; report.json has all
constexpr size_t kOpen = 25;        // failures that are shown unfolded

// How far off; where is in the case's own text.
std::string worst_line(const WorstError& worst) {
  std::string line = std::isfinite(worst.of_tolerance)
                         ? short_number(worst.of_tolerance) + " times what is allowed"
                         : "Beyond every tolerance";
  if (worst.max_ulp != 0) line += fmt::format(", {} ULP", short_number(worst.max_ulp));
  return fmt::format("<p>{}, absolute {}, relative {}.</p>\n", line, short_number(worst.max_abs),
                     short_number(worst.max_rel));
}

std::string rules(const std::vector<int>& requirements) {
  std::string text;
  for (const int number : requirements) text += fmt::format("{}BP-{:03}", text.empty() ? "" : ", ", number);
  return text;
}

std::string failure(const CaseInfo& info, const CaseResult& result) {
  std::string html = fmt::format("<article class=\"failure\">\n<h3>{}<code>{}</code></h3>\n",
                                 chip(result.outcome), name(result.id));
  if (!info.summary.empty()) html += fmt::format("<p>{}</p>\n", escape_markup(info.summary));
  if (!result.text.empty())
    html += fmt::format("<pre>{}</pre>\n", escape_markup(shorten(result.text, kMostText)));
  if (result.worst) html += worst_line(*result.worst);
  html += fmt::format("<p class=\"muted\">{}seed\u00A0{}, {}\u00A0attempt{}, {}</p>\n</article>\n",
                      info.requirements.empty() ? "" : rules(info.requirements) + " &middot; ", result.seed,
                      result.attempts, result.attempts == 1 ? "" : "s", time_text(result.duration));
  return html;
}

}  // namespace

std::string failures(const Report& report) {
  std::string shown, folded;
  size_t count = 0;
  for (size_t i = 0; i < report.results.size(); ++i) {
    if (!is_bad(report.results[i].outcome)) continue;
    (count < kOpen ? shown : folded) += failure(report.planned[i], report.results[i]);
    ++count;
  }
  if (!folded.empty()) {
    folded = fmt::format("<details><summary>{} more</summary>\n{}</details>\n", grouped(count - kOpen), folded);
  }
  if (count == 0) return "";
  return "<p class=\"muted\">In the report's folder, <code>backplane-conformance replay replay/CASE</code> "
         "runs one "
         "again.</p>\n" +
         shown + folded;
}

std::string waivers(const Report& report) {
  if (report.waivers.empty()) return "";
  std::string html =
      "<p class=\"muted\">Cases that fail for a known reason. A waiver holds for one case, up to its date; a "
      "waived "
      "case that passes fails the run.</p>\n<table class=\"list stack\"><thead><tr><th>Case</th><th>Reason</th>"
      "<th>Issue</th><th>Until</th></tr></thead><tbody>\n";
  for (const Waiver& waiver : report.waivers) {
    html += fmt::format(
        "<tr><td class=\"wide\"><code>{}</code></td><td class=\"wide\">{}</td><td data-name=\"Issue\">{}</td>"
        "<td data-name=\"Until\">{}</td></tr>\n",
        name(waiver.case_id), escape_markup(waiver.reason), escape_markup(waiver.issue),
        escape_markup(waiver.expires));
  }
  return html + "</tbody></table>\n";
}

std::string untested(const Report& report) {
  if (report.claimed_untested.empty()) return "";
  std::map<std::string, std::string> types;  // by operator
  for (const std::string& claim : report.claimed_untested) {
    const size_t space = claim.rfind(' ');
    std::string& of = types[claim.substr(0, space)];
    if (space != std::string::npos) of += (of.empty() ? "" : ", ") + claim.substr(space + 1);
  }
  std::string html = fmt::format(
      "<p class=\"muted\">The provider says that it supports these {} operators and types, and no planned case "
      "tests "
      "them.</p>\n<ul class=\"names\">\n",
      grouped(report.claimed_untested.size()));
  for (const auto& [op_type, of] : types) {
    html += fmt::format("<li>{} <span class=\"muted\">{}</span></li>\n", name(op_type), escape_markup(of));
  }
  return html + "</ul>\n";
}

}  // namespace bp::conformance::page
