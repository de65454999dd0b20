// Reads the tree ensembles of ai.onnx.ml, the forms of all versions, into one: nodes by index, every reference
// checked. Throws Error with a sentence about the attribute that is wrong.
#pragma once

#include "graph.hpp"
#include "kernels/forest.hpp"

namespace bp::cpu {

// TreeEnsembleClassifier and -Regressor. `prefix`: "class" or "target", for the leaves' attributes; `targets`:
// how many scores there are.
ForestSource read_ensemble(const Attributes& attributes, const std::string& prefix, int64_t targets);

// TreeEnsemble.
ForestSource read_tree_ensemble(const Attributes& attributes);

}  // namespace bp::cpu
