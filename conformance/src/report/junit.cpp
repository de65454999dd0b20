#include <fmt/format.h>

#include "report/formats.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance {
namespace {

double seconds(std::chrono::microseconds duration) { return std::chrono::duration<double>(duration).count(); }

// The element inside a test case that has not simply passed.
std::string verdict(const CaseResult& result) {
  const std::string_view name = outcome_name(result.outcome);
  const std::string text = escape_markup(result.text);
  switch (result.outcome) {
    case Outcome::kPass:
      return "";
    case Outcome::kUnsupported:
    case Outcome::kHost:
    case Outcome::kNotApplicable:
    case Outcome::kWaived:
      return fmt::format("<skipped message=\"{}{}{}\"/>", name, text.empty() ? "" : ": ", text);
    case Outcome::kFail:
    case Outcome::kUnexpectedPass:
    case Outcome::kFlake:
      return fmt::format("<failure type=\"{}\" message=\"{}\">{}</failure>", name,
                         escape_markup(result.text.substr(0, result.text.find('\n'))), text);
    default:
      return fmt::format("<error type=\"{}\" message=\"{}\">{}</error>", name,
                         escape_markup(result.text.substr(0, result.text.find('\n'))), text);
  }
}

struct Counts {
  uint64_t tests = 0, failures = 0, errors = 0, skipped = 0;
};
Counts junit_counts(const OutcomeCounts& counts) {
  const auto of = [&](Outcome outcome) { return counts[static_cast<size_t>(outcome)]; };
  Counts result;
  result.tests = total_count(counts);
  result.failures = of(Outcome::kFail) + of(Outcome::kUnexpectedPass) + of(Outcome::kFlake);
  result.errors = bad_count(counts) - result.failures;
  result.skipped = result.tests - bad_count(counts) - of(Outcome::kPass);
  return result;
}

std::string attributes(const OutcomeCounts& counts, double time) {
  const Counts c = junit_counts(counts);
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.6f}\"", c.tests,
                     c.failures, c.errors, c.skipped, time);
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, escape_markup(value));
}

}  // namespace

std::string write_junit(const Report& report) {
  const std::string provider = escape_markup(report.provider.id);
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format("<testsuites name=\"{}\" {}>\n", provider,
                     attributes(count_outcomes(report), report.run.duration_seconds));
  for (const GroupSummary& group : summarize_groups(report)) {
    xml += fmt::format("  <testsuite name=\"{}\" timestamp=\"{}\" {}>\n    <properties>\n",
                       escape_markup(group.name), escape_markup(report.run.started_utc),
                       attributes(group.counts, seconds(group.duration)));
    xml += property("provider.id", report.provider.id) + property("provider.version", report.provider.version);
    xml += property("provider.library_sha256", report.provider.library_sha256);
    xml += property("device", report.provider.device_label) + property("level", level_name(report.run.level));
    xml += "    </properties>\n";
    for (size_t i = 0; i < report.planned.size(); ++i) {
      if (report.planned[i].group != group.name) continue;
      const CaseResult& result = report.results[i];
      xml +=
          fmt::format("    <testcase name=\"{}\" classname=\"{}.{}\" time=\"{:.6f}\"", escape_markup(result.id),
                      provider, escape_markup(group.name), seconds(result.duration));
      const std::string inside = verdict(result);
      xml += inside.empty() ? "/>\n" : ">" + inside + "</testcase>\n";
    }
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace bp::conformance
