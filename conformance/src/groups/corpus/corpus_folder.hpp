// Folders in the ONNX backend-test layout: which cases there are, and what is in one.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/test_graph.hpp"
#include "load/load_model.hpp"

namespace bp::conformance {

struct CorpusCase {
  std::string name;    // of the folder, or of a flat NAME.onnx
  std::string parent;  // of the folder above: "node", "light"
  std::string path;    // the folder, or the flat file
};

// At and below `folder`, sorted by parent and name. Throws std::runtime_error where there is none.
std::vector<CorpusCase> find_corpus_cases(const std::string& folder);

// "test_data_set_0", or the prefix of a flat case's files.
std::vector<std::string> data_sets_of(const std::string& path);

// The model of a case. Throws std::runtime_error; NotApplicable for what the core does not take.
LoadedModel load_case_model(const std::string& path);

// Inputs and expected outputs of one data set for the model: the graph is a copy. `is_plain` false: values that
// are no tensors, which are not read. Throws std::runtime_error.
TestGraph load_data_set(const LoadedModel& model, const std::string& set, bool& is_plain);

// The input files of a data set by the names of the model's inputs; an input without a file is left out.
std::vector<std::pair<std::string, std::string>> input_files(const LoadedModel& model, const std::string& set);
// Output `index` as it must be; nullptr where there is no file, or no tensor is declared.
TensorPtr read_expected(const std::string& set, size_t index, const ValueType& type);

}  // namespace bp::conformance
