// Strings.
#include <algorithm>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

std::vector<Array> string_concat(const OracleCall& call) {
  const Array &a = call.in(0), &b = call.in(1);
  Array y(ElementType::kString, broadcast(a.dims, b.dims));
  for_each_index(y.dims, [&](const std::vector<int64_t>& at, int64_t flat) {
    y.strings[static_cast<size_t>(flat)] = a.strings[static_cast<size_t>(broadcast_place(at, a.dims))] +
                                           b.strings[static_cast<size_t>(broadcast_place(at, b.dims))];
  });
  return {y};
}

// Between delimiters; without one between runs of spaces.
std::vector<std::string> pieces(const std::string& text, const std::string& delimiter, int64_t most) {
  std::vector<std::string> found;
  size_t begin = 0;
  const bool blanks = delimiter.empty();
  const auto skip = [&] {
    while (blanks && begin < text.size() && text[begin] == ' ') ++begin;
  };
  skip();
  while (most < 0 || static_cast<int64_t>(found.size()) < most) {
    const size_t end = text.find(blanks ? " " : delimiter, begin);
    if (end == std::string::npos) break;
    found.push_back(text.substr(begin, end - begin));
    begin = end + (blanks ? 1 : delimiter.size());
    skip();
  }
  if (!blanks || begin < text.size()) found.push_back(text.substr(begin));
  return found;
}

std::vector<Array> string_split(const OracleCall& call) {
  const Array& x = call.in(0);
  std::vector<std::vector<std::string>> all;
  size_t longest = 0;
  for (const std::string& text : x.strings) {
    all.push_back(pieces(text, call.text_attribute("delimiter", ""), call.attribute("maxsplit", -1)));
    longest = std::max(longest, all.back().size());
  }
  ConcreteDims dims = x.dims;
  dims.push_back(static_cast<int64_t>(longest));
  Array y(ElementType::kString, dims), counts(ElementType::kInt64, x.dims);
  for (size_t i = 0; i < all.size(); ++i) {
    counts.ints[i] = static_cast<int64_t>(all[i].size());
    for (size_t j = 0; j < all[i].size(); ++j) y.strings[i * longest + j] = all[i][j];
  }
  return {y, counts};
}

constexpr OracleRow kRows[] = {{"", "StringConcat", string_concat}, {"", "StringSplit", string_split}};

}  // namespace

std::span<const OracleRow> text_rows() { return kRows; }

}  // namespace bp::conformance
