// Byte strings that are equal exactly when what they describe is equal: keys for common
// sub-expressions. Floats are compared by their bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "graph/graph.hpp"

namespace bp::optimize_passes {

void append_number(std::string& key, uint64_t number);
void append_text(std::string& key, std::string_view text);
void append_tensor(std::string& key, const Tensor& tensor);  // type, dims and elements
void append_type(std::string& key, const ValueType& type);
void append_attributes(std::string& key, const Node& node);  // in order of their names

// Does the node give another result when run again on the same inputs?
bool is_random(const Node& node);

}  // namespace bp::optimize_passes
