// A group of cases: it plans them without a provider, and runs one of them in a child process.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "case/case_info.hpp"
#include "case/case_result.hpp"

namespace bp::conformance {

// What a plan depends on besides the runner itself.
struct PlanRequest {
  std::vector<std::string> corpora;  // folders in the ONNX backend-test layout, or above such folders
  std::vector<std::string> models;   // folders of the whole-model group
  uint64_t seed = 0;                 // of the random graphs and of random data
};

// Whom a case speaks to, and how.
struct CaseTarget {
  std::string manifest_path;
  std::string library_path;  // the variant that the manifest selects on this machine
  std::string provider_id;
  uint32_t device = 0;                                       // index among the provider's devices
  std::vector<std::pair<std::string, std::string>> options;  // name and value as text
  uint32_t thread_count = 2;                                 // for compile and specialize
  uint64_t seed = 0;
  double time_factor = 1;     // slow devices: all times of the cases are multiplied by it
  std::string bundle_folder;  // where a failing case writes what is needed to replay it; empty: nowhere
};

// Thrown by a case. Whatever else leaves a case is a HarnessError.
class CaseEnd : public std::runtime_error {
 public:
  CaseEnd(Outcome outcome, const std::string& text) : std::runtime_error(text), outcome_(outcome) {}
  Outcome outcome() const noexcept { return outcome_; }

 private:
  Outcome outcome_;
};
[[noreturn]] inline void fail(const std::string& text) { throw CaseEnd(Outcome::kFail, text); }
[[noreturn]] inline void not_applicable(const std::string& text) {
  throw CaseEnd(Outcome::kNotApplicable, text);
}

struct Group {
  std::string_view name;
  std::string_view summary;
  std::vector<CaseInfo> (*plan)(const PlanRequest& request);
  // Fills `result`; returning means Pass unless it says otherwise. Runs in a process of its own, or after other
  // cases in the same process; leaves nothing behind.
  void (*run)(const CaseInfo& info, const CaseTarget& target, CaseResult& result);
};

// In the order of reports. The table is in groups.cpp; a new group is one line there.
std::span<const Group> all_groups();

}  // namespace bp::conformance
