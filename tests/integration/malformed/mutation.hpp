// One copy of a sample being spoiled.
#pragma once

#include <string>
#include <utility>

#include "violations.hpp"

namespace bp::test {

class Mutation {
 public:
  explicit Mutation(const Graph& sample) : graph_(sample.clone()) {}

  Graph& graph() { return *graph_; }
  Node& node() { return graph_->node(0); }
  ValueId new_input(ValueType type) {
    return graph_->add_input(graph_->unused_value_name("extra"), std::move(type));
  }
  // The input's value with another type; a constant becomes an input.
  void retype(size_t i, ValueType type) {
    const ValueId old = node().inputs[i];
    if (graph_->value(old).is_input) {
      graph_->value(old).type = std::move(type);
    } else {
      graph_->set_node_input(0, i, new_input(std::move(type)));
    }
  }
  Violation done(std::string kind, std::string detail, std::vector<std::string> places) {
    return {std::move(kind), std::move(detail), std::move(places), std::move(graph_)};
  }

 private:
  std::unique_ptr<Graph> graph_;
};

inline std::string input_place(size_t i) { return "input " + std::to_string(i); }
inline std::string attribute_place(std::string_view name) { return "attribute '" + std::string(name) + "'"; }

}  // namespace bp::test
