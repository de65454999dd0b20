// Operators by element types. The table is cut into pieces of equal length that stand side by side where there
// is room.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "report/page_parts.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace bp::conformance::page {
namespace {

constexpr size_t kSideBySide = 3;  // pieces in a row on a wide screen
constexpr size_t kMostRows = 45;   // of a piece
// With more columns than this, types that less than one in kRarePart operators has get a table of their own.
constexpr size_t kMostColumns = 16;
constexpr size_t kRarePart = 8;

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

std::string tables(const OperatorMatrix& matrix) {
  size_t pieces = kSideBySide;
  while (matrix.rows.size() > pieces * kMostRows) pieces += kSideBySide;
  const size_t rows = (matrix.rows.size() + pieces - 1) / pieces;
  std::string html = "<div class=\"matrices\">\n", domain;
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

// Takes the element types that few operators have out of the matrix, when there are more than columns.
OperatorMatrix take_rare_types(OperatorMatrix& matrix) {
  OperatorMatrix rare;
  if (matrix.element_types.size() <= kMostColumns) return rare;
  const auto has = [](const MatrixRow& row, const std::string& type) { return row.cells.contains(type); };
  const auto is_rare = [&](const std::string& type) {
    const auto users =
        std::count_if(matrix.rows.begin(), matrix.rows.end(), [&](const auto& row) { return has(row, type); });
    return static_cast<size_t>(users) * kRarePart < matrix.rows.size();
  };
  const auto first_rare =
      std::stable_partition(matrix.element_types.begin(), matrix.element_types.end(), std::not_fn(is_rare));
  rare.element_types.assign(first_rare, matrix.element_types.end());
  matrix.element_types.erase(first_rare, matrix.element_types.end());
  const auto has_any = [&](const MatrixRow& row, const std::vector<std::string>& types) {
    return std::any_of(types.begin(), types.end(), [&](const auto& type) { return has(row, type); });
  };
  for (const MatrixRow& row : matrix.rows) {
    if (has_any(row, rare.element_types)) rare.rows.push_back(row);
  }
  std::erase_if(matrix.rows, [&](const MatrixRow& row) { return !has_any(row, matrix.element_types); });
  return rare;
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
  OperatorMatrix matrix = operator_matrix(report);
  if (matrix.rows.empty()) return "";
  std::string html = fmt::format(
      "<p class=\"muted\">{} operators, by the element type of the first input. An empty place: no "
      "case.</p>\n{}",
      matrix.rows.size(), key());
  const OperatorMatrix rare = take_rare_types(matrix);
  if (!matrix.rows.empty()) html += tables(matrix);
  if (!rare.rows.empty()) html += "<h3>Types that few operators have</h3>\n" + tables(rare);
  return html;
}

}  // namespace bp::conformance::page
