#include <fmt/format.h>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {
namespace {

std::string_view level_meaning(Level level) {
  switch (level) {
    case Level::kContract:
      return "the contract";
    case Level::kCore:
      return "core operators";
    case Level::kClaims:
      return "everything that is claimed";
    case Level::kRobust:
      return "robustness";
  }
  return "";
}

std::string verdict(const Report& report, const OutcomeCounts& counts) {
  const uint64_t bad = bad_count(counts), total = total_count(counts);
  const bool passed = bad == 0 && total != 0;
  std::string words;
  if (total == 0) {
    words = "No case was planned.";
  } else if (bad == 0) {
    words = fmt::format("None of {} cases broke a promise.", grouped(total));
  } else {
    words = fmt::format("{} of {} cases {} not as promised.", grouped(bad), grouped(total),
                        bad == 1 ? "is" : "are");
  }
  if (!report.run.filters.empty()) words += " Only a part of the cases was chosen; see the filters below.";
  return fmt::format(
      "<div class=\"verdict {}\"><strong>{} at level {}</strong><span>{} Level {} covers {}, and the levels "
      "below.</span></div>\n",
      passed ? "passed" : "failed", passed ? "Passed" : "Not passed", static_cast<int>(report.run.level), words,
      static_cast<int>(report.run.level), level_meaning(report.run.level));
}

std::string tile(std::string_view label, const std::string& value, bool alarm = false) {
  return fmt::format("<div{}><dt>{}</dt><dd>{}</dd></div>", alarm ? " class=\"alarm\"" : "", label, value);
}

}  // namespace

std::string head(const Report& report) {
  const OutcomeCounts counts = count_outcomes(report);
  const auto of = [&](Outcome outcome) { return counts[static_cast<size_t>(outcome)]; };
  const ProviderFacts& provider = report.provider;
  std::string html = "<p class=\"eyebrow\">Backplane conformance report</p>\n";
  html +=
      fmt::format("<h1><bdi>{}</bdi> <small><bdi>{}</bdi></small></h1>\n",
                  name(provider.name.empty() ? provider.id : provider.name), escape_markup(provider.version));
  const std::string& device = provider.device_name.empty() ? provider.device_label : provider.device_name;
  html += fmt::format("<p class=\"muted\"><bdi>{}</bdi> {} &middot; {}</p>\n", name(provider.id),
                      device.empty() ? "opened no device" : "on <bdi>" + escape_markup(device) + "</bdi>",
                      date_text(report.run.started_utc));
  html += verdict(report, counts);
  html += "<dl class=\"tiles\">";
  html += tile("Planned", grouped(total_count(counts)));
  html += tile("Passed", grouped(of(Outcome::kPass)));
  html += tile("Unsupported", grouped(of(Outcome::kUnsupported)));
  html += tile("Nothing to judge", grouped(of(Outcome::kHost) + of(Outcome::kNotApplicable)));
  html += tile("Waived", grouped(of(Outcome::kWaived)));
  html += tile("Not passed", grouped(bad_count(counts)), bad_count(counts) != 0);
  html += "</dl>\n" + stacked_bar(counts);
  return html;
}

std::string footer(const Report& report) {
  return fmt::format("Made by backplane-conformance {} on {}. The same results for programs: report.json.",
                     escape_markup(report.run.runner_version), date_text(report.run.started_utc));
}

}  // namespace bp::conformance::page
