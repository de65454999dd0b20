#include "plan_flags.hpp"

#include <CLI/CLI.hpp>

namespace bp::conformance {

void PlanFlags::add_to(CLI::App& command) {
  command.add_option("--level", level, "0: contract, 1: core operators, 2: all that is claimed, 3: robust")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
  command.add_option("--filter", filter.ids, "Globs of case ids; one that begins with ! takes cases away");
  command.add_option("--group", filter.groups, "Globs of groups");
  command.add_option("--op", filter.op_types, "Globs of operators");
  command.add_option("--dtype", filter.element_types, "Globs of element types");
  command.add_option("--corpus", request.corpora, "Folders of ONNX backend tests, or above such folders")
      ->check(CLI::ExistingDirectory);
  command.add_option("--models", request.models, "Folders of whole models")->check(CLI::ExistingDirectory);
  command.add_option("--seed", request.seed, "Of random graphs and data")->capture_default_str();
}

std::vector<CaseInfo> PlanFlags::plan() {
  filter.level = static_cast<Level>(level);
  return plan_cases(request, filter);
}

}  // namespace bp::conformance
