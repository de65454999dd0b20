// A case takes one line, so that text tools find and compare cases.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "provider/digest.hpp"
#include "report/report_fields.hpp"
#include "report/summary.hpp"

namespace bp::conformance {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json to_value(const T& value) {
  return value;
}
// JSON has no such numbers.
Json to_value(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}
Json to_value(Level level) { return level_name(level); }
Json to_value(Outcome outcome) { return std::string(outcome_name(outcome)); }
template <typename Rep, typename Period>
Json to_value(std::chrono::duration<Rep, Period> duration) {
  return duration.count();
}
Json to_value(const std::vector<std::pair<std::string, std::string>>& options) {
  Json result = Json::array();
  for (const auto& [name, value] : options) result.push_back({{"name", name}, {"value", value}});
  return result;
}
Json to_value(const std::optional<WorstError>& error);

struct Writer {
  Json object = Json::object();

  template <typename T>
  void required(const char* name, const T& value) {
    object[name] = to_value(value);
  }
  void digits(const char* name, uint64_t value) { object[name] = std::to_string(value); }
  template <typename T>
  void optional(const char* name, const T& value) {
    if constexpr (std::is_same_v<T, std::optional<WorstError>>) {
      if (value) object[name] = to_value(value);
    } else if (value != T{}) {
      object[name] = to_value(value);
    }
  }
};

Json to_value(const std::optional<WorstError>& error) {
  Writer writer;
  visit_worst(writer, *error);
  return writer.object;
}

std::string dump(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// Compact, members sorted by name.
std::string digest_of(const Json& value) {
  const std::string text = nlohmann::json::parse(dump(value)).dump();
  return sha256_hex(std::as_bytes(std::span(text)));
}

// Enough to find the case that was changed; the whole file has a full one.
constexpr size_t kCaseDigestDigits = 16;

Json counts_value(const OutcomeCounts& counts) {
  Json result = Json::object();
  for (size_t i = 0; i < counts.size(); ++i) {
    result[std::string(outcome_name(static_cast<Outcome>(i)))] = counts[i];
  }
  return result;
}

Json cases_value(const Report& report) {
  Json cases = Json::array();
  for (size_t i = 0; i < report.planned.size(); ++i) {
    const CaseFields<const CaseInfo, const CaseResult> fields{report.planned[i], report.results[i]};
    Writer writer;
    visit_case(writer, fields);
    writer.object["digest"] = digest_of(writer.object).substr(0, kCaseDigestDigits);
    cases.push_back(std::move(writer.object));
  }
  return cases;
}

Json groups_value(const Report& report) {
  Json groups = Json::array();
  for (const GroupSummary& group : summarize_groups(report)) {
    groups.push_back({{"name", group.name},
                      {"planned", total_count(group.counts)},
                      {"outcomes", counts_value(group.counts)}});
  }
  return groups;
}

Json waivers_value(const Report& report) {
  Json waivers = Json::array();
  for (const Waiver& waiver : report.waivers) {
    Writer writer;
    visit_waiver(writer, waiver);
    waivers.push_back(std::move(writer.object));
  }
  return waivers;
}

void check_pairs(const Report& report) {
  if (report.planned.size() != report.results.size()) {
    throw std::invalid_argument(fmt::format("the report has {} planned cases and {} results",
                                            report.planned.size(), report.results.size()));
  }
  for (size_t i = 0; i < report.planned.size(); ++i) {
    if (report.planned[i].id != report.results[i].id) {
      throw std::invalid_argument(fmt::format("the report's planned case {} is '{}', its result is of '{}'", i,
                                              report.planned[i].id, report.results[i].id));
    }
  }
}

Json make_document(const Report& report) {
  check_pairs(report);
  Writer provider;
  visit_provider(provider, report.provider);
  Writer run;
  visit_run(run, report.run);
  Json document;
  document["format"] = kReportFormat;
  document["provider"] = std::move(provider.object);
  document["run"] = std::move(run.object);
  document["totals"] = {{"planned", report.planned.size()}, {"outcomes", counts_value(count_outcomes(report))}};
  document["groups"] = groups_value(report);
  document["waivers"] = waivers_value(report);
  document["claimed_untested"] = report.claimed_untested;
  document["cases"] = cases_value(report);
  Json digests;
  for (const auto& [name, section] : document.items()) {
    if (name != "format") digests[name] = digest_of(section);
  }
  digests["report"] = digest_of(document);
  document["digests"] = std::move(digests);
  return document;
}

// An array with an element per line.
std::string lines_of(const Json& array) {
  std::string text = "[";
  for (size_t i = 0; i < array.size(); ++i) text += (i == 0 ? "\n    " : ",\n    ") + dump(array[i]);
  return text + (array.empty() ? "]" : "\n  ]");
}

// Deeper lines of a value that stands two columns in.
std::string indented(const std::string& text) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "  ";
  }
  return result;
}

}  // namespace

std::string write_report_json(const Report& report) {
  const Json document = make_document(report);
  std::string text = "{";
  for (const auto& [name, section] : document.items()) {
    text += (text.size() == 1 ? "\n  \"" : ",\n  \"") + name + "\": ";
    text += section.is_array() ? lines_of(section) : indented(dump(section, 2));
  }
  return text + "\n}\n";
}

ReportClaims make_claims(const Report& report) {
  const Json document = make_document(report);
  ReportClaims claims;
  claims.planned = report.planned.size();
  claims.outcomes = count_outcomes(report);
  for (const GroupSummary& group : summarize_groups(report)) {
    claims.groups.push_back({group.name, total_count(group.counts), group.counts});
  }
  for (const Json& value : document["cases"]) claims.case_digests.push_back(value["digest"]);
  claims.digests = document["digests"].get<std::map<std::string, std::string>>();
  return claims;
}

}  // namespace bp::conformance
