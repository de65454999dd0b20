// The tables that count: outcomes, groups, reasons.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {
namespace {

constexpr std::array<std::string_view, kOutcomeCount> kMeanings = {
    "the provider ran every node, and all was as promised",
    "a promise was broken",
    "the case's process died",
    "the case's process was stopped after its time",
    "the provider rejected a node, with reasons",
    "some nodes are the host's to run; nothing to judge",
    "the provider lacks the optional part that the case is about, or all nodes are the host's",
    "failed as a waiver says",
    "passed, though a waiver says that it fails",
    "failed once and passed when it was repeated with the same seed",
    "planned, and no result came",
    "the runner could not do its part",
};

struct ReasonMeaning {
  std::string_view reason, meaning;
};
constexpr std::array<ReasonMeaning, 12> kReasons = {{
    {"OPERATOR", "operator unknown to the device"},
    {"NEWER_FORM", "needs a newer canonical level than the provider's"},
    {"TYPE", "element type"},
    {"RANK", "rank, or a size that no kernel takes"},
    {"DYNAMIC_SHAPE", "a dimension must be known"},
    {"ATTRIBUTE", "an attribute's value"},
    {"NOT_CONSTANT", "an input must be constant"},
    {"LAYOUT", "memory layout"},
    {"MEMORY", "too large for the device"},
    {"DEVICE_FEATURE", "the device lacks an instruction, a precision or a library"},
    {"POLICY", "an option forbids it"},
    {"OTHER", "other"},
}};

std::string_view reason_meaning(std::string_view reason) {
  const auto found =
      std::find_if(kReasons.begin(), kReasons.end(), [&](const auto& known) { return known.reason == reason; });
  return found == kReasons.end() ? std::string_view() : found->meaning;
}

std::string percent(uint64_t part, uint64_t total) {
  const double value = total == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(total);
  if (part != 0 && value < 0.1) return "&lt;\u00A00.1\u00A0%";
  return fmt::format("{:.{}f}\u00A0%", value, part != 0 && value < 10 ? 1 : 0);
}

std::string or_blank(uint64_t count) { return count == 0 ? "" : grouped(count); }

}  // namespace

std::string outcomes(const Report& report) {
  const OutcomeCounts counts = count_outcomes(report);
  const uint64_t total = total_count(counts);
  const uint64_t largest = std::max<uint64_t>(1, *std::max_element(counts.begin(), counts.end()));
  std::string html = "<table class=\"list\"><tbody>\n";
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    if (counts[i] == 0) continue;
    html += fmt::format(
        "<tr><td class=\"label\"><i class=\"swatch c-{0}\"></i>{1}</td><td class=\"hide muted\">{2}</td><td "
        "class=\"n\">{3}</td>"
        "<td class=\"n\">{4}</td><td class=\"bars\">{5}</td></tr>\n",
        style_of(outcome), outcome_name(outcome), kMeanings[i], grouped(counts[i]), percent(counts[i], total),
        bar(static_cast<double>(counts[i]) / static_cast<double>(largest), style_of(outcome)));
  }
  return html + fmt::format(
                    "<tr class=\"total\"><td>Planned</td><td class=\"hide\"></td><td class=\"n\">{}</td>"
                    "<td class=\"n\"></td><td></td></tr>\n</tbody></table>\n",
                    grouped(total));
}

std::string groups(const Report& report) {
  std::string html =
      "<table class=\"list stack\"><thead><tr><th>Group</th><th></th><th class=\"n\">Planned</th><th "
      "class=\"n\">Passed</th><th class=\"n\">Unsupported</th><th class=\"n\">Nothing to judge</th><th "
      "class=\"n\">Waived</th><th class=\"n\">Not passed</th><th class=\"n\">Time</th></tr></thead><tbody>\n";
  for (const GroupSummary& group : summarize_groups(report)) {
    const auto of = [&](Outcome outcome) { return group.counts[static_cast<size_t>(outcome)]; };
    const uint64_t bad = bad_count(group.counts);
    html += fmt::format(
        "<tr><td class=\"group wide\"><b>{}</b></td><td class=\"bars\">{}</td><td class=\"n\" "
        "data-name=\"Planned\">{}</td>"
        "<td class=\"n\" data-name=\"Passed\">{}</td><td class=\"n\" data-name=\"Unsupported\">{}</td>"
        "<td class=\"n\" data-name=\"Nothing to judge\">{}</td><td class=\"n\" data-name=\"Waived\">{}</td>"
        "<td class=\"n{}\" data-name=\"Not passed\">{}</td><td class=\"n\" data-name=\"Time\">{}</td></tr>\n",
        name(group.name), stacked_bar(group.counts), grouped(total_count(group.counts)),
        or_blank(of(Outcome::kPass)), or_blank(of(Outcome::kUnsupported)),
        or_blank(of(Outcome::kHost) + of(Outcome::kNotApplicable)), or_blank(of(Outcome::kWaived)),
        bad == 0 ? "" : " t-bad", or_blank(bad), time_text(group.duration));
  }
  return html + "</tbody></table>\n";
}

std::string reasons(const Report& report) {
  const auto sorted = summarize_reasons(report);
  if (sorted.empty()) return "";
  std::string html =
      "<p class=\"muted\">How often the provider gave each reason. A node may have several.</p>\n"
      "<table class=\"list\"><tbody>\n";
  for (const auto& [reason, count] : sorted) {
    html += fmt::format(
        "<tr><td><code>{}</code></td><td class=\"hide muted\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"bars\">{}</td></tr>\n",
        name(reason), reason_meaning(reason), grouped(count),
        bar(static_cast<double>(count) / static_cast<double>(std::max<uint64_t>(1, sorted.front().second)),
            "unsupported"));
  }
  return html + "</tbody></table>\n";
}

}  // namespace bp::conformance::page
