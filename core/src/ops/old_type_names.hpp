// Element types by name, as Cast's attribute 'to' had them before opset 6.
#pragma once

#include <string_view>

#include "backplane/element_type.hpp"

namespace bp {

// "FLOAT" -> kFloat32; kUndefined for anything else.
ElementType type_of_old_name(std::string_view name) noexcept;

}  // namespace bp
