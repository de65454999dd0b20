// What a child process does: takes the target and cases as JSON lines from stdin, runs the cases one after
// the other, and tells beginning and end of each on descriptor 3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "groups/group.hpp"

namespace bp::conformance {

// The seed of one case: of the run's and its id, so that it does not depend on what else is run.
uint64_t seed_of_case(uint64_t run_seed, std::string_view id) noexcept;

// The folder of a case's replay bundle, below target.bundle_folder.
std::string file_name_of(std::string_view id);

// Runs one case in this process. Never throws.
CaseResult run_case(const CaseInfo& info, const CaseTarget& target);

// The whole child; its exit code.
int serve_cases();

}  // namespace bp::conformance
