// What became of a case.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "case/outcome.hpp"

namespace bp::conformance {

// The largest differences from the reference over all outputs of a case; each maximum is kept by itself, the
// place is that of the element that exceeds its tolerance most (or comes nearest to it).
struct WorstError {
  double max_abs = 0;
  double max_rel = 0;       // |actual - expected| / |expected|, where expected is not 0
  double max_ulp = 0;       // in units of the output's type; 0 for types that are compared exactly
  double of_tolerance = 0;  // difference over what is allowed at the place: > 1 fails
  std::string output;       // name of the output that the place is in
  uint64_t index = 0;       // flat index of the place
  std::string expected;     // the two elements there, as text
  std::string actual;
};

struct CaseResult {
  std::string id;
  Outcome outcome = Outcome::kMissing;
  std::string text;  // one or a few sentences: what was expected, what was found, where; empty for Pass
  // Why nodes were rejected: how often each reason was given, by its name ("TYPE", "DYNAMIC_SHAPE";
  // capability.h).
  std::map<std::string, uint64_t> reasons;
  uint64_t nodes = 0;              // nodes of the case's graph that are a provider's to run
  uint64_t nodes_by_provider = 0;  // of those, how many the provider under test ran
  std::optional<WorstError> worst;
  std::chrono::microseconds duration{0};
  uint64_t seed = 0;      // reproduces the case's random data
  uint32_t attempts = 1;  // more than one: it was repeated to tell a flake from a failure
};

}  // namespace bp::conformance
