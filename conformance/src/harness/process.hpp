// What a case can see of its own process.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bp::conformance {

// Threads by the system's numbers; the caller among them.
std::vector<int> thread_ids();
// Waits until no thread runs that is not in `before`, a second at most. Names of those that still do.
std::vector<std::string> threads_beside(const std::vector<int>& before);

// Handlers of all signals: number of the signal and address of its handler.
std::vector<std::pair<int, const void*>> signal_handlers();

}  // namespace bp::conformance
