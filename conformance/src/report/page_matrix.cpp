// Operators by element types. The table is cut into pieces of equal length that stand side by side where there
// is room.
#include <fmt/format.h>

#include <algorithm>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {
namespace {

constexpr size_t kSideBySide = 3;  // pieces in a row on a wide screen
constexpr size_t kMostRows = 45;   // of a piece

struct Mark {
  std::string_view style, letter;
};

// What a square shows: the worst that happened, else how much of it passed.
Mark mark_of(const MatrixCell& cell) {
  const auto of = [&](Outcome outcome) { return cell.counts[static_cast<size_t>(outcome)]; };
  if (bad_count(cell.counts) != 0) return {"fail", "\u00D7"};
  if (of(Outcome::kWaived) != 0) return {"waiv", "w"};
  if (of(Outcome::kPass) != 0) return {of(Outcome::kUnsupported) != 0 ? "part" : "pass", ""};
  if (of(Outcome::kUnsupported) != 0) return {"nope", ""};
  if (total_count(cell.counts) != 0) return {"core", ""};
  return {"open", "?"};
}

std::string words_of(const MatrixCell& cell) {
  std::string words;
  for (size_t i = 0; i < cell.counts.size(); ++i) {
    if (cell.counts[i] == 0) continue;
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", cell.counts[i],
                         outcome_name(static_cast<Outcome>(i)));
  }
  return words.empty() ? "claimed, no case tests it" : words;
}

std::string square(const MatrixRow& row, const std::string& type) {
  const auto cell = row.cells.find(type);
  if (cell == row.cells.end()) return "<td></td>";
  const Mark mark = mark_of(cell->second);
  return fmt::format("<td><i class=\"{}\" title=\"{} {}: {}\">{}</i></td>", mark.style,
                     escape_markup(row.op_type), escape_markup(type), words_of(cell->second), mark.letter);
}

std::string table_head(const OperatorMatrix& matrix) {
  std::string html = fmt::format(
      "<table class=\"matrix\"><colgroup><col class=\"op\"><col span=\"{}\"></colgroup><thead><tr><th></th>",
      matrix.element_types.size());
  for (const std::string& type : matrix.element_types) {
    html += fmt::format("<th title=\"{}\"><span>{}</span></th>", escape_markup(type),
                        escape_markup(short_type(type)));
  }
  return html + "</tr></thead><tbody>\n";
}

std::string key() {
  return "<ul class=\"key\"><li><i class=\"pass\"></i>passed</li><li><i class=\"part\"></i>passed where "
         "supported</li>"
         "<li><i class=\"nope\"></i>unsupported</li><li><i class=\"fail\">\u00D7</i>not passed</li>"
         "<li><i class=\"waiv\">w</i>waived</li><li><i class=\"core\"></i>nothing to judge</li>"
         "<li><i class=\"open\">?</i>claimed, not tested</li></ul>\n";
}

}  // namespace

std::string matrix(const Report& report) {
  const OperatorMatrix matrix = operator_matrix(report);
  if (matrix.rows.empty()) return "";
  size_t pieces = kSideBySide;
  while (matrix.rows.size() > pieces * kMostRows) pieces += kSideBySide;
  const size_t rows = (matrix.rows.size() + pieces - 1) / pieces;
  std::string html = fmt::format(
      "<p class=\"muted\">{} operators, by the element type of the first input. An empty place: no "
      "case.</p>\n{}"
      "<div class=\"matrices\">\n",
      matrix.rows.size(), key());
  std::string domain;
  for (size_t i = 0; i < matrix.rows.size(); ++i) {
    const MatrixRow& row = matrix.rows[i];
    const bool first = i % rows == 0;
    if (first) html += (i == 0 ? "" : "</tbody></table>\n") + table_head(matrix);
    if (row.domain != domain || (first && !row.domain.empty())) {
      html += fmt::format("<tr><th class=\"domain\" colspan=\"{}\">{}</th></tr>\n",
                          matrix.element_types.size() + 1, name(row.domain));
      domain = row.domain;
    }
    html += fmt::format("<tr><th title=\"{}\">{}</th>", escape_markup(row.op_type), name(row.op_type));
    for (const std::string& type : matrix.element_types) html += square(row, type);
    html += "</tr>\n";
  }
  return html + "</tbody></table>\n</div>\n";
}

}  // namespace bp::conformance::page
