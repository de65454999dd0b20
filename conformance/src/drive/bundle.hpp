// replay.json in a replay bundle: all that one command needs to run a case again. What else lies in the folder
// is the case's own: an ordinary ONNX test folder, for cases about graphs.
#pragma once

#include <string>

#include "groups/group.hpp"

namespace bp::conformance {

struct Bundle {
  CaseInfo info;
  CaseTarget target;
};

// Makes the folder where it is not there. Throws std::runtime_error.
void write_replay(const std::string& folder, const Bundle& bundle);
// `path`: the folder, or its replay.json. A corpus case whose folder is gone runs from the bundle's own copy.
Bundle read_replay(const std::string& path);

}  // namespace bp::conformance
