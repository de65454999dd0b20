// Container nodes run by the core (Node::container): values are handed on and tensors' bytes moved. The one
// exception that computes is a map whose numbers change their type.
#pragma once

#include <span>

#include "execute/runtime_value.hpp"
#include "graph/graph.hpp"

namespace bp {

struct ContainerCall {
  const Node& node;
  std::span<const RuntimeValue> inputs;  // as Node::inputs
  const ValueType& result;               // what infer knows of the one output
  const MemorySpaces& spaces;

  bool has(size_t index) const { return index < inputs.size() && inputs[index].present; }
};

// The one output. INVALID_ARGUMENT says what was expected and found: positions out of range, an absent content,
// elements of another type. The node's name is left to the caller.
Result<RuntimeValue> run_container_node(const ContainerCall& call);

namespace containers {

// sequences.cpp
Result<RuntimeValue> make_sequence(const ContainerCall& call);
Result<RuntimeValue> insert(const ContainerCall& call);
Result<RuntimeValue> erase(const ContainerCall& call);
Result<RuntimeValue> at(const ContainerCall& call);
Result<RuntimeValue> length(const ContainerCall& call);
Result<RuntimeValue> split(const ContainerCall& call);
Result<RuntimeValue> join_elements(const ContainerCall& call);

// maps.cpp
Result<RuntimeValue> rows_to_maps(const ContainerCall& call);
Result<RuntimeValue> map_to_row(const ContainerCall& call);
Result<RuntimeValue> map_to_numbers(const ContainerCall& call);

}  // namespace containers
}  // namespace bp
