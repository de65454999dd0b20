#include <fmt/format.h>

#include "report/formats.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance {
namespace {

std::string cell(std::string_view text) {
  const std::string clean = clean_text(text);
  const bool formula = !clean.empty() && std::string_view("=+-@\t").find(clean[0]) != std::string_view::npos;
  const bool quoted = clean.find_first_of(",\"\n") != std::string::npos;
  std::string value;
  if (quoted) value += '"';
  if (formula) value += '\'';
  for (const char c : clean) {
    if (c == '"') value += '"';
    value += c;
  }
  if (quoted) value += '"';
  return value;
}

std::string reasons(const CaseResult& result) {
  std::string text;
  for (const auto& [reason, count] : result.reasons) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", reason, count);
  }
  return text;
}

}  // namespace

std::string write_csv(const Report& report) {
  std::string csv =
      "id,group,level,domain,op_type,element_type,outcome,nodes,nodes_by_provider,reasons,max_abs,max_rel,max_"
      "ulp,"
      "of_tolerance,output,index,duration_us,seed,attempts,text\r\n";
  for (size_t i = 0; i < report.planned.size(); ++i) {
    const CaseInfo& info = report.planned[i];
    const CaseResult& result = report.results[i];
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},", cell(info.id), cell(info.group),
                       level_name(info.level), cell(info.domain), cell(info.op_type), cell(info.element_type),
                       outcome_name(result.outcome), result.nodes, result.nodes_by_provider,
                       cell(reasons(result)));
    if (result.worst) {
      const WorstError& worst = *result.worst;
      csv += fmt::format("{},{},{},{},{},{},", worst.max_abs, worst.max_rel, worst.max_ulp, worst.of_tolerance,
                         cell(worst.output), worst.index);
    } else {
      csv += ",,,,,,";
    }
    csv += fmt::format("{},{},{},{}\r\n", result.duration.count(), result.seed, result.attempts,
                       cell(result.text));
  }
  return csv;
}

}  // namespace bp::conformance
