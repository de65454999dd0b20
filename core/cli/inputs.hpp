// The values that a command feeds a model: from files, or random.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backplane/model.hpp"
#include "backplane/session.hpp"
#include "image_file.hpp"

namespace CLI {
class App;
}

namespace bp::cli {

using NamedDims = std::map<std::string, std::vector<int64_t>>;

struct InputFlags {
  std::vector<std::string> files;  // NAME=FILE, or FILE for the next input without a value
  bool random = false;
  uint32_t seed = 0;
  ImageOptions image;

  void add(CLI::App& command);
  // A value for every input that has no default: from its file, else random where that was asked. `dims` holds
  // the dims of random inputs, `symbols` those of symbolic dims; what is still open becomes 1.
  Result<std::vector<NamedValue>> create(const std::vector<ValueInfo>& inputs, const NamedDims& dims,
                                         const std::map<std::string, int64_t>& symbols) const;
};

// A file by its ending: .npy, .pb, or a picture.
Result<Value> read_input_file(const std::string& path, const ValueInfo& input, const ImageOptions& options);

// Floats in [0, 1), bools and integers 0 or 1 (valid as indices, masks and token ids of nearly every model).
Result<Value> random_input(const ValueInfo& input, std::vector<int64_t> dims, uint64_t seed);

}  // namespace bp::cli
