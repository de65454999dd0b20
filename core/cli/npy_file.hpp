// NumPy's .npy files (numpy.lib.format, versions 1 to 3): one array, row-major, little-endian.
#pragma once

#include <string>

#include "backplane/status.hpp"
#include "backplane/value.hpp"

namespace bp::cli {

// NOT_FOUND, IO, or INVALID_ARGUMENT for a damaged file, column-major order, a big-endian or structured type.
Result<Value> read_npy_file(const std::string& path);
// Tensors of a type that NumPy has; UNSUPPORTED for every other value.
Status write_npy_file(const std::string& path, const Value& value);

}  // namespace bp::cli
