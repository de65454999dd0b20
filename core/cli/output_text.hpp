// Results for people, and into files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backplane/status.hpp"
#include "backplane/value.hpp"

namespace bp::cli {

// Type, range and the first elements of a tensor; the elements of a sequence, map or optional, each so.
std::string value_text(const Value& value);

// The `count` largest elements of each row of a tensor of numbers (rows: all dims but the last), with their
// index and, where `labels` has one, the label. INVALID_ARGUMENT for anything else.
Result<std::string> top_text(const Value& value, uint32_t count, const std::vector<std::string>& labels);

// A line for each label.
Result<std::vector<std::string>> read_labels(const std::string& path);

// output_0.npy, output_1.npy, ... in `folder`, which is made; .pb where `as_pb` asks or NumPy has no such type.
Status save_outputs(const std::vector<Value>& values, const std::vector<std::string>& names,
                    const std::string& folder, bool as_pb);

}  // namespace bp::cli
