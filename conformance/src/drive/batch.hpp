// Cases that share one child process.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "groups/group.hpp"

namespace bp::conformance {

struct Launcher {
  std::string program = "/proc/self/exe";
  // Beside the cases' own times: until a process says its first word, and until it has ended after its last.
  std::chrono::milliseconds start_time{30'000};
  std::chrono::milliseconds end_time{10'000};
};

// Runs `cases` one after the other in one process and hands each result to `done`. A case that ends the process
// or does not end in time is the last; how many have a result is returned, at least one unless there are no
// cases. A process that dies after its last case fails that case.
size_t run_batch(const Launcher& launcher, const CaseTarget& target, std::span<const CaseInfo* const> cases,
                 const std::function<void(CaseResult)>& done);

}  // namespace bp::conformance
