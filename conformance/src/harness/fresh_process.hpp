// A part of a case in a process of its own, which knows nothing of this one.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

// Runs the case `info` in a new process of this program, as the runner itself would. Its group tells the two
// apart by `info.folder`. Throws CaseEnd(Fail) when that process ends by itself.
CaseResult run_in_fresh_process(const CaseInfo& info, const CaseTarget& target);

}  // namespace bp::conformance
