// Judges the judge: every broken provider has to be caught by the case that names its fault, and the providers
// without a fault by none.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "case/case_result.hpp"
#include "drive/runner.hpp"

namespace bp::conformance {

// A row of broken/table.json.
struct BrokenProvider {
  std::string variant;
  std::string fault;                 // a sentence
  std::string case_id;               // a glob: that of the cases of which one has to catch it
  Outcome outcome = Outcome::kFail;  // what that case has to say
};

// Throws std::runtime_error that names the file and what is wrong with it.
std::vector<BrokenProvider> read_broken_table(const std::string& path);

// Where the broken providers are, beside this program: in its build or in its installation. Throws
// std::runtime_error when they are not there.
std::string find_broken_folder();

struct BrokenVerdict {
  bool caught = false;
  std::string case_id;  // that caught it; else the one that came nearest, or none
  Outcome outcome = Outcome::kMissing;
  std::string text;  // what the case said
};

// Runs the row's cases on its provider.
BrokenVerdict judge_broken(const BrokenProvider& row, const std::string& folder, const RunnerOptions& runner);

// All cases of a provider without a fault up to `level`; those with a bad outcome.
std::vector<CaseResult> judge_good(const std::string& manifest, Level level, const RunnerOptions& runner,
                                   size_t* planned);

}  // namespace bp::conformance
