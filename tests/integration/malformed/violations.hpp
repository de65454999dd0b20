// Wrong nodes, one fault each, made from small right ones (tests/integration/samples).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "ops/op_schema.hpp"

namespace bp::test {

struct Violation {
  std::string kind;                 // "wrong type", "missing input", ...
  std::string detail;               // "input 1 is string"
  std::vector<std::string> places;  // the error must hold one of these
  std::unique_ptr<Graph> graph;
};

// Faults that the signature alone tells: counts, types, attributes.
std::vector<Violation> signature_violations(const OpSchema& schema, const Graph& sample);
// Faults of values: axes, enumerations, sizes, dims (shape_faults.inc).
std::vector<Violation> value_violations(const OpSchema& schema, const Graph& sample);

}  // namespace bp::test
