// Judging results that are drawn at random: no reference can hold them, but what the operator promises can be
// checked.
#pragma once

#include <string>
#include <vector>

#include "backplane/backplane.hpp"
#include "compare.hpp"

namespace bp::cli {

// The first node of the model that draws random numbers; an empty op_type when there is none. Bodies of control
// flow are not looked into.
NodeInfo find_random_node(const Model& model);
bool has_seed(const NodeInfo& node);

// A model's results with what went in and what a reference run drew, by name.
struct DrawnResults {
  std::vector<NamedValue> inputs;
  std::vector<NamedValue> expected;
  std::vector<NamedValue> found;
};

// What contradicts the definition of the random node, empty when nothing does: types and dims; Dropout gives 0
// or the scaled input, as its mask says, in the right proportion; Bernoulli gives 0 or 1 in the right
// proportion; other models give zeros and ones where the reference holds nothing else, and no NaN.
std::string contradiction(const NodeInfo& random_node, const DrawnResults& results, const Tolerance& tolerance);

}  // namespace bp::cli
