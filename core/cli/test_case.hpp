// One folder in the ONNX backend-test layout: a model, and numbered data sets of inputs and outputs.
#pragma once

#include <string>
#include <vector>

#include "backplane/backplane.hpp"
#include "compare.hpp"

namespace bp::cli {

struct TestCase {
  std::string name;
  std::string model_path;
  std::vector<std::string> data_sets;  // folders test_data_set_N
};

// Cases at and below `path`, sorted by name: folders that hold model.onnx, and flat NAME.onnx files with data
// beside them (NAME_output_0.pb; inputs arange(n)/n where there is none). NOT_FOUND when there is none.
Result<std::vector<TestCase>> find_test_cases(const std::string& path);

// The value as the graph declares it. Older releases of the official cases store bfloat16 as uint16 of the same
// bits, having had no tensor of that type: between these two the bits are taken as they are. Any other value is
// returned unchanged.
Value as_declared(Value value, ElementType declared);

struct SetResult {
  std::string wrong;  // what differs from the outputs, or the error; empty: passed
  std::string note;   // how it passed, where not by comparison
};

// Runs one data set (a folder, or the prefix of a flat case). Where results differ and the model draws random
// numbers, they are judged by what the operator promises (random_results.hpp).
SetResult run_data_set(const Session& session, const Model& model, const std::string& set,
                       const Tolerance& tolerance);

enum class TestOutcome { kPassed, kFailed, kSkipped };

struct TestResult {
  TestOutcome outcome = TestOutcome::kFailed;
  std::string reason;  // why it failed or was skipped
  std::string note;    // how it passed, where not by comparison
};

// Creates a session and runs every data set, `rounds` times one after another.
TestResult run_test_case(const TestCase& test, const Environment& environment, const SessionOptions& options,
                         const Tolerance& tolerance, unsigned rounds = 1);

}  // namespace bp::cli
