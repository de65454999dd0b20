#include "compare/tolerances.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <stdexcept>

namespace bp::conformance {
namespace {

constexpr std::string_view kHeader = "operator,type,units,scale,absolute,relative,reason";
constexpr size_t kColumns = 7;

std::string_view cut(std::string_view& text, char mark) {
  const size_t end = std::min(text.find(mark), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

[[noreturn]] void wrong(size_t line, const std::string& what) {
  throw std::runtime_error(fmt::format("tolerances, line {}: {}", line, what));
}

double number(std::string_view digits, size_t line) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || !(value >= 0))
    wrong(line, fmt::format("expected a number of at least 0, found '{}'", digits));
  return value;
}

ErrorScale scale_of(std::string_view name, size_t line) {
  constexpr std::array<std::string_view, 5> kNames = {"element", "largest", "input", "sum", "product"};
  for (size_t index = 0; index < kNames.size(); ++index)
    if (kNames[index] == name) return static_cast<ErrorScale>(index);
  wrong(line, fmt::format("expected element, largest, input, sum or product, found '{}'", name));
}

// The reason is the last column and may hold commas.
ToleranceRow parse_row(std::string_view text, size_t line) {
  ToleranceRow row;
  std::array<std::string_view, kColumns> columns;
  for (size_t column = 0; column + 1 < kColumns; ++column) columns[column] = cut(text, ',');
  columns.back() = text;
  if (columns.back().empty()) wrong(line, "a row needs its reason in the last of seven columns");
  row.op_type = columns[0];
  row.type = columns[1];
  row.units = number(columns[2], line);
  row.scale = scale_of(columns[3], line);
  row.absolute = number(columns[4], line);
  row.relative = number(columns[5], line);
  row.reason = columns[6];
  return row;
}

}  // namespace

ToleranceTable ToleranceTable::parse(std::string_view csv) {
  ToleranceTable table;
  for (size_t line = 1; !csv.empty(); ++line) {
    const std::string_view text = cut(csv, '\n');
    if (line == 1) {
      if (text != kHeader) wrong(line, fmt::format("expected the header '{}'", kHeader));
    } else if (!text.empty()) {
      ToleranceRow row = parse_row(text, line);
      for (const ToleranceRow& known : table.rows_)
        if (known.op_type == row.op_type && known.type == row.type)
          wrong(line, fmt::format("'{},{}' is there twice", row.op_type, row.type));
      table.rows_.push_back(std::move(row));
    }
  }
  return table;
}

const ToleranceTable& ToleranceTable::built_in() {
  static const ToleranceTable table = parse(built_in_text());
  return table;
}

const ToleranceRow& ToleranceTable::find(std::string_view op_type, ElementType type) const {
  static const ToleranceRow exact{"*", "*", 0, ErrorScale::kElement, 0, 0, "exact"};
  const std::string_view type_name = element_type_name(type);
  const ToleranceRow* best = &exact;
  int best_rank = -1;
  for (const ToleranceRow& row : rows_) {
    const bool same_operator = row.op_type == op_type, same_type = row.type == type_name;
    if ((!same_operator && row.op_type != "*") || (!same_type && row.type != "*")) continue;
    const int rank = (same_operator ? 2 : 0) + (same_type ? 1 : 0);
    if (rank > best_rank) best = &row, best_rank = rank;
  }
  return *best;
}

}  // namespace bp::conformance
