#include "drive/requirements.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace bp::conformance {
namespace {

constexpr std::string_view kText =
#include "requirements_text.inc"
    ;

std::string trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  const size_t end = text.find_last_not_of(' ');
  return begin == std::string_view::npos ? "" : std::string(text.substr(begin, end - begin + 1));
}

// The cells of a row of a markdown table; "\|" is a character of the cell.
std::vector<std::string> cells(std::string_view row) {
  std::vector<std::string> found;
  std::string cell;
  for (size_t i = 1; i < row.size(); ++i) {
    if (row[i] == '\\' && i + 1 < row.size() && row[i + 1] == '|') {
      cell += row[++i];
    } else if (row[i] == '|') {
      found.push_back(trimmed(cell));
      cell.clear();
    } else {
      cell += row[i];
    }
  }
  return found;
}

std::vector<std::string> quoted(std::string_view cell) {
  std::vector<std::string> ids;
  for (size_t begin = cell.find('`'); begin != std::string_view::npos; begin = cell.find('`', begin)) {
    const size_t end = cell.find('`', begin + 1);
    if (end == std::string_view::npos) break;
    ids.emplace_back(cell.substr(begin + 1, end - begin - 1));
    begin = end + 1;
  }
  return ids;
}

std::vector<Requirement> parse() {
  std::vector<Requirement> all;
  for (size_t begin = 0; begin < kText.size();) {
    const size_t end = std::min(kText.find('\n', begin), kText.size());
    const std::string_view line = kText.substr(begin, end - begin);
    begin = end + 1;
    if (!line.starts_with("| BP-")) continue;
    const std::vector<std::string> row = cells(line);
    if (row.size() < 6) continue;
    all.push_back({std::atoi(row[0].c_str() + 3), row[1], row[2], row[3], row[4], quoted(row[5])});
  }
  return all;
}

}  // namespace

std::span<const Requirement> requirements() {
  static const std::vector<Requirement> kAll = parse();
  return kAll;
}

const Requirement* find_requirement(int number) {
  const auto all = requirements();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Requirement& one) { return one.number == number; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace bp::conformance
