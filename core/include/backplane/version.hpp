// The version of the library that is loaded, which may be newer than the headers.
#pragma once

#include <string_view>

#include "backplane/export.hpp"

namespace bp {

// "major.minor.patch".
[[nodiscard]] BP_API std::string_view version() noexcept;

}  // namespace bp
