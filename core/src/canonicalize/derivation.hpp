// What a derivative rule sees and writes. Inside canonicalize only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"

namespace bp::canonical {

// Collects the derivatives of one result with respect to the values before it. The first problem ends it.
class Derivation {
 public:
  Derivation(Graph& graph, const Node& gradient)
      : graph_(graph), prefix_(gradient.name + "/"), origin_{gradient.name} {}

  const Graph& graph() const { return graph_; }
  const Status& status() const { return status_; }
  void fail(const Node& node, const std::string& why);

  // A node in canonical form in front of everything that uses its only output.
  ValueId add(std::string_view op_type, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {});
  void write(ValueId out, std::string_view op_type, std::vector<ValueId> inputs,
             std::vector<Attribute> attributes = {});
  ValueId ints(const std::vector<int64_t>& values);
  // A scalar of the element type of `like`.
  ValueId scalar(double value, ValueId like);
  // `value` everywhere in the dims of `like`.
  ValueId filled(double value, ValueId like);
  int64_t rank(ValueId value) const;  // -1: not known

  // Adds `derivative` to what has come to `value` so far.
  void give(ValueId value, ValueId derivative);
  // The same for an operand that was broadcast to the dims of `result`: sums over what was repeated.
  void give_broadcast(const Node& node, ValueId operand, ValueId result, ValueId derivative);
  ValueId derivative_of(ValueId value) const;  // kNoId: the result does not depend on it
  // Only values on the way from an independent one need derivatives.
  void watch(ValueId value) { watched_.insert(value); }
  bool is_watched(ValueId value) const { return watched_.contains(value); }

 private:
  Graph& graph_;
  std::string prefix_;
  std::vector<std::string> origin_;
  std::map<ValueId, ValueId> derivatives_;
  std::set<ValueId> watched_;
  Status status_;
};

// Gives the derivatives of the node's inputs, where dy is that of its first output.
using DerivativeRule = void (*)(Derivation& d, const Node& node, ValueId dy);
// nullptr: no rule.
DerivativeRule find_derivative_rule(std::string_view op_type) noexcept;

}  // namespace bp::canonical
