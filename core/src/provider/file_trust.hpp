// Who else can change a file: asked for manifests and libraries in system places, where everybody's programs
// load from.
#pragma once

#include <string>

namespace bp {

// Empty when only root and this user can change `path` (absolute, without symbolic links) or any folder on the
// way to it; else a sentence that names the culprit.
std::string who_else_can_write(const std::string& path);

}  // namespace bp
