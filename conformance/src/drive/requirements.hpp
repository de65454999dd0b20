// The rules of provider_api/docs/requirements.md, as they were when the runner was built.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace bp::conformance {

struct Requirement {
  int number = 0;                    // 8 for BP-008
  std::string keeper;                // "P", "H", "PH": provider, host
  std::string rule, reason, broken;  // markdown
  std::vector<std::string> cases;    // ids, without patterns
};

std::span<const Requirement> requirements();
const Requirement* find_requirement(int number);

}  // namespace bp::conformance
