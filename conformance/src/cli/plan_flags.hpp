// The options by which cases are chosen, the same for `list` and `run`.
#pragma once

#include "drive/plan.hpp"

namespace CLI {
class App;
}

namespace bp::conformance {

struct PlanFlags {
  PlanRequest request;
  CaseFilter filter;
  int level = 2;

  void add_to(CLI::App& command);
  std::vector<CaseInfo> plan();
};

}  // namespace bp::conformance
