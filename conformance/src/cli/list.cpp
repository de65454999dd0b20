#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "case/case_json.hpp"
#include "commands.hpp"
#include "plan_flags.hpp"

namespace bp::conformance {

void add_list(CLI::App& app, int& exit_code) {
  struct Flags {
    PlanFlags plan;
    bool json = false;
    bool groups = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("list", "Lists the cases that a run would plan");
  flags->plan.add_to(*command);
  command->add_flag("--json", flags->json, "A JSON object per line");
  command->add_flag("--groups", flags->groups, "The groups alone");
  command->callback([flags, &exit_code] {
    exit_code = kExitOk;
    if (flags->groups) {
      for (const Group& group : all_groups()) fmt::print("{:<12} {}\n", group.name, group.summary);
      return;
    }
    const std::vector<CaseInfo> planned = flags->plan.plan();
    for (const CaseInfo& info : planned) {
      if (flags->json) {
        fmt::print("{}\n", to_line(to_json(info)));
      } else {
        fmt::print("{:<44} L{}  {}\n", info.id, static_cast<int>(info.level), info.summary);
      }
    }
    if (!flags->json) fmt::print("{} cases\n", planned.size());
  });
}

}  // namespace bp::conformance
