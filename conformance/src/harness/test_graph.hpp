// A graph with inputs and what must come out: the form that operator cases, random graphs and corpora share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "case/case_result.hpp"
#include "graph/graph.hpp"
#include "groups/group.hpp"

namespace bp::conformance {

struct TestGraph {
  std::unique_ptr<Graph> graph;     // as in the file, not prepared
  std::vector<TensorPtr> inputs;    // one per graph input
  std::vector<TensorPtr> expected;  // one per graph output; nullptr: not judged
};

// What differs in output `index`, or nothing; keeps the errors.
using OutputJudge =
    std::function<std::string(size_t index, const std::string& name, const Tensor& actual, WorstError& worst)>;

// Runs it on the device under test and judges each output. Fills nodes, reasons and the worst error; ends the
// case with Fail, Unsupported, Host or NotApplicable, and writes a bundle for a failure. The outputs are
// returned.
std::vector<TensorPtr> run_and_judge(const TestGraph& test, const OutputJudge& judge, const CaseTarget& target,
                                     CaseResult& result);

// A folder in the ONNX backend-test layout: model.onnx, test_data_set_0 with inputs, expected outputs, and what
// was found where `found` has it. Throws std::runtime_error.
void write_bundle(const std::string& folder, const TestGraph& test, const std::vector<TensorPtr>& found);

}  // namespace bp::conformance
