// Options of a provider: what it lists, and the values of a run in the form in which they cross.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/abi_store.hpp"
#include "harness/raw_provider.hpp"

namespace bp::conformance {

// Holds the values; to be kept as long as abi() is used.
class RawOptions {
 public:
  // Throws CaseEnd(HarnessError) when the provider lists no such option or the value does not fit.
  RawOptions(const RawProvider& provider, const std::vector<std::pair<std::string, std::string>>& values,
             AbiLayout layout = {});
  bp_array abi() const { return array_; }

 private:
  AbiStore store_;
  bp_array array_{};
};

}  // namespace bp::conformance
