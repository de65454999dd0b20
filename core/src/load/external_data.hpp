// Opens the files that hold a model's external data, never one outside the model's folder.
#pragma once

#include <memory>
#include <string>

#include "load/load_context.hpp"

namespace bp {

// `location` is relative to context.folder: no absolute path, no "..", no symbolic link that leaves it.
Result<std::shared_ptr<const MappedFile>> open_external(LoadContext& context, const std::string& location);

}  // namespace bp
