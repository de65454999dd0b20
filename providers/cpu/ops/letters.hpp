// Upper and lower case of UTF-8 by Unicode's simple mappings, one code point for one, whatever locale the
// process has.
#pragma once

#include <string>
#include <string_view>

namespace bp::cpu {

enum class Case { kNone, kLower, kUpper };

// False when the machine has no table of letters (the C.UTF-8 locale).
bool has_letters();

// Appends `characters` in another case to `out`; false where they are not UTF-8.
bool change_case(std::string_view characters, Case to, std::string& out);

// Where the code point at the start ends (1 to 4 bytes); 0 where it is not UTF-8 or the text is empty.
size_t code_point_bytes(std::string_view characters) noexcept;

}  // namespace bp::cpu
