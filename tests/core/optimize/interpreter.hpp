// Computes small float graphs the plain way, in double, so that tests can compare a graph before and
// after a pass. Also a constant folder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.hpp"
#include "optimize/optimize.hpp"

namespace bp::test {

struct Array {
  ConcreteDims dims;
  std::vector<double> data;  // row-major; integers are held as doubles too
};

Array array_of(const Tensor& tensor);  // float32 and integers
TensorPtr tensor_of(const Array& array, ElementType type);

// Runs the graph; inputs by name. Aborts the test on an operator that it does not know.
std::vector<Array> interpret(const Graph& graph, const std::map<std::string, Array>& inputs);
// One array per input of the graph: small pseudo-random numbers, never 0.
std::map<std::string, Array> random_inputs(const Graph& graph, uint32_t seed);
// Largest absolute difference; infinity when the dims differ.
double difference(const Array& a, const Array& b);

bool interpreter_knows(const Node& node);

// Folds what the interpreter knows; counts its calls.
class InterpreterFolder : public ConstantFolder {
 public:
  Result<std::vector<bool>> can_fold(const Graph& graph) override;
  Result<std::vector<TensorPtr>> fold(const Graph& graph) override;
  int folds = 0;
  std::string fails_on;  // operator whose presence makes fold() fail
};

}  // namespace bp::test
