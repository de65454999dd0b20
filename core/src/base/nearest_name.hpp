// "Did you mean": the candidate that is closest to a name that does not exist.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bp {

// The candidate with the fewest edits to `name` (letters compared without case), when they are at most a third
// of the longer one's length, and at least one; empty when none is that close. The first of equals.
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace bp
