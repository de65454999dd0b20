// Text from outside (a provider, a folder's name) on its way into a report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bp::conformance {

// Valid UTF-8 without what XML cannot hold: malformed bytes and control characters become U+FFFD.
std::string clean_text(std::string_view text);

// Clean, and safe between tags and inside quoted attributes, in XML as in HTML.
std::string escape_markup(std::string_view text);

// The first `max_bytes` at most, cut between characters; says how many bytes are missing.
std::string shorten(std::string_view text, size_t max_bytes);

// 12345678 as "12 345 678", with thin spaces that do not break.
std::string grouped(uint64_t number);

// A number that people read: three digits, "0", "inf", "nan".
std::string short_number(double number);

}  // namespace bp::conformance
