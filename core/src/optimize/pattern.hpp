// Patterns over expressions, and finding them in a graph. A pattern is data, built or read from text:
//
//   const Pattern x = var("x");
//   op("Div", {op("Exp", {x}).as("e"), op("ReduceSum", {var("e"), var("axes")})})
//   pattern("Div(e=Exp(x), ReduceSum(e, axes))")
//
// Add and Mul match in both orders. The same name is the same value everywhere.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"

namespace bp::optimize_passes {

struct Pattern {
  enum class Kind { kOp, kVariable, kScalar, kOneOf };
  // Not inline: patterns are made of many, once a model.
  Pattern() noexcept;
  Pattern(const Pattern& other);
  Pattern(Pattern&& other) noexcept;
  Pattern& operator=(const Pattern& other) = delete;
  Pattern& operator=(Pattern&& other) = delete;
  ~Pattern();

  Kind kind = Kind::kVariable;
  std::string text;               // kOp: the operator; kVariable: its name
  std::string name;               // kOp: name of its first output, may be empty
  double number = 0;              // kScalar
  std::vector<Pattern> children;  // kOp: inputs; kOneOf: alternatives, tried in order

  // Names the value, so that var(name) elsewhere in the pattern is the same value.
  Pattern as(std::string_view value_name) const;
};

Pattern op(std::string_view op_type, std::initializer_list<Pattern> inputs);
Pattern var(std::string_view name);
// A fixed float constant of one element within 1e-4 (relative) of `number`.
Pattern scalar(double number);
Pattern one_of(std::initializer_list<Pattern> alternatives);

// Operators begin with a capital letter; name=Operator(..) names its value; [one | another] are alternatives.
// The text is the code's own: what cannot be read ends it.
Pattern pattern(std::string_view text);

struct Match {
  std::map<std::string, ValueId, std::less<>> values;
  std::vector<NodeId> nodes;  // in topological order, the root last

  ValueId operator[](std::string_view name) const { return values.find(name)->second; }
};

// The pattern with `root` as its outermost node. Values inside it must be used nowhere else, so that
// the nodes can be replaced as a whole.
std::optional<Match> find_match(const Graph& graph, NodeId root, const Pattern& pattern);

}  // namespace bp::optimize_passes
