#include "report/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace bp::conformance {
namespace {

using nlohmann::json;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The writer of the JSON library knows UTF-8.
std::string valid_utf8(std::string_view text) {
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string result;
  const std::string valid = valid_utf8(text);
  for (size_t at = 0; at < valid.size(); ++at) {
    const auto byte = static_cast<unsigned char>(valid[at]);
    const bool control = (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
    const std::string_view three(valid.data() + at, std::min<size_t>(3, valid.size() - at));
    if (control) {
      result += kReplacement;
    } else if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") {
      result += kReplacement;
      at += 2;
    } else {
      result += valid[at];
    }
  }
  return result;
}

std::string escape_markup(std::string_view text) {
  std::string result;
  for (const char c : clean_text(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string shorten(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return fmt::format("{}\n[{} more bytes]", text.substr(0, end), text.size() - end);
}

std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, "\xE2\x80\xAF");  // U+202F
  }
  return digits;
}

std::string short_number(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  return fmt::format("{:.3g}", number);
}

}  // namespace bp::conformance
