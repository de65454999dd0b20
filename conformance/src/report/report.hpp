// A whole run, as all report formats show it. Made by the driver, written and read again by the files beside
// this one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "case/case_info.hpp"
#include "case/case_result.hpp"

namespace bp::conformance {

// Who was judged.
struct ProviderFacts {
  std::string id, name, version;
  std::string manifest_file, library_file;      // file names without folders
  std::string manifest_sha256, library_sha256;  // hexadecimal
  uint32_t abi_minor = 0;
  int32_t canonical_level = 0;
  std::string device_label, device_name, device_vendor, device_driver, device_fingerprint;
};

// Where and how.
struct RunFacts {
  std::string runner_version;
  std::string started_utc;  // "2025-01-31T12:00:00Z"
  double duration_seconds = 0;
  std::string system, cpu;
  uint32_t cores = 0;
  Level level = Level::kContract;
  std::vector<std::string> filters;
  std::vector<std::pair<std::string, std::string>> options;  // of the provider
  uint64_t seed = 0;
  uint32_t thread_count = 0;
  double time_factor = 1;
  std::map<std::string, std::string> corpora;  // folder's name and a digest of what is in it
  std::string tolerances_sha256;
};

// "This case fails, we know why." One case each; past its date it no longer holds.
struct Waiver {
  std::string case_id;
  std::string reason;
  std::string issue;    // where it is being mended: a URL or a number
  std::string expires;  // "2025-12-31"; the last day on which it holds
};

struct Report {
  ProviderFacts provider;
  RunFacts run;
  std::vector<CaseInfo> planned;
  std::vector<CaseResult> results;  // one per planned case, in the same order
  std::vector<Waiver> waivers;
  // Operator and type that the provider says it supports and no planned case tests: "Conv float64".
  std::vector<std::string> claimed_untested;
};

// Totals by outcome. The sum equals planned.size().
OutcomeCounts count_outcomes(const Report& report);

}  // namespace bp::conformance
