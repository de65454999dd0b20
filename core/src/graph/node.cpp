// Attribute access and labels of nodes.
#include <algorithm>

#include "graph/graph.hpp"

namespace bp {

const Attribute* Node::find_attribute(std::string_view attribute) const noexcept {
  for (const Attribute& candidate : attributes) {
    if (candidate.name == attribute) return &candidate;
  }
  return nullptr;
}

int64_t Node::int_or(std::string_view attribute, int64_t fallback) const noexcept {
  const Attribute* found = find_attribute(attribute);
  const int64_t* value = found ? std::get_if<int64_t>(&found->value) : nullptr;
  return value ? *value : fallback;
}

float Node::float_or(std::string_view attribute, float fallback) const noexcept {
  const Attribute* found = find_attribute(attribute);
  const float* value = found ? std::get_if<float>(&found->value) : nullptr;
  return value ? *value : fallback;
}

std::string Node::string_or(std::string_view attribute, std::string_view fallback) const {
  const Attribute* found = find_attribute(attribute);
  const std::string* value = found ? std::get_if<std::string>(&found->value) : nullptr;
  return value ? *value : std::string(fallback);
}

const std::vector<int64_t>* Node::ints(std::string_view attribute) const noexcept {
  const Attribute* found = find_attribute(attribute);
  return found ? std::get_if<std::vector<int64_t>>(&found->value) : nullptr;
}

void Node::set_attribute(std::string attribute, AttributeValue new_value) {
  for (Attribute& candidate : attributes) {
    if (candidate.name == attribute) {
      candidate.value = std::move(new_value);
      return;
    }
  }
  attributes.push_back({std::move(attribute), std::move(new_value)});
}

void Node::remove_attribute(std::string_view attribute) {
  std::erase_if(attributes, [&](const Attribute& candidate) { return candidate.name == attribute; });
}

std::string Node::label() const {
  return (domain.empty() ? op_type : domain + ":" + op_type) + " '" + name + "'";
}

}  // namespace bp
