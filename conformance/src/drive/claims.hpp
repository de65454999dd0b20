// What the provider claims and no planned case tests, found by a child process of its own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "drive/batch.hpp"

namespace bp::conformance {

// "Conv float64". Empty when the child did not answer: the cases will tell why.
std::vector<std::string> find_claimed_untested(const Launcher& launcher, const CaseTarget& target,
                                               std::span<const CaseInfo> planned);

// That child: reads the target and what is tested from stdin, answers on descriptor 3.
int serve_claims();

}  // namespace bp::conformance
