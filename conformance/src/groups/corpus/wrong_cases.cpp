#include "groups/corpus/wrong_cases.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "provider/digest.hpp"

namespace bp::conformance {
namespace {

constexpr std::string_view kRows =
#include "wrong_cases.inc"
    ;

std::string_view cut(std::string_view& text, char mark) {
  const size_t end = std::min(text.find(mark), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

std::string digest_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return sha256_hex(std::as_bytes(std::span(bytes)));
}

}  // namespace

std::string why_wrong(const std::string& folder) {
  const std::filesystem::path place(folder);
  for (std::string_view rows = kRows; !rows.empty();) {
    std::string_view row = cut(rows, '\n');
    if (cut(row, ',') != place.filename().string()) continue;
    const std::string_view file = cut(row, ','), digest = cut(row, ',');
    if (digest_of(place / file) == digest) return std::string(row);  // the rest is the reason
  }
  return {};
}

}  // namespace bp::conformance
