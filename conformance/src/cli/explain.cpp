#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <stdexcept>

#include "base/nearest_name.hpp"
#include "commands.hpp"
#include "drive/requirements.hpp"
#include "plan_flags.hpp"

namespace bp::conformance {
namespace {

constexpr const char* kLevels[] = {"contract", "core operators", "all that is claimed", "robust"};

void explain(const CaseInfo& info) {
  fmt::print("{}\n  {}\n", info.id, info.summary);
  fmt::print("  group {}, level {} ({}), at most {} ms\n", info.group, static_cast<int>(info.level),
             kLevels[static_cast<size_t>(info.level)], info.timeout.count());
  if (!info.op_type.empty()) {
    fmt::print("  operator {}{}{}, {}\n", info.domain, info.domain.empty() ? "" : ".", info.op_type,
               info.element_type);
  }
  if (!info.folder.empty()) fmt::print("  in {}\n", info.folder);
  for (const int number : info.requirements) {
    const Requirement* rule = find_requirement(number);
    if (rule == nullptr) continue;
    fmt::print("\nBP-{:03}: {}\n  because: {}\n  when broken: {}\n", number, rule->rule, rule->reason,
               rule->broken);
  }
  fmt::print("\nto run it alone: backplane-conformance run --provider MANIFEST --level {} --filter '{}'\n",
             static_cast<int>(info.level), info.id);
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  struct Flags {
    PlanRequest request;
    std::string id;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("explain", "Says what a case checks, why, and what breaks otherwise");
  command->add_option("case", flags->id, "Its id, as `list` shows it")->required();
  command->add_option("--corpus", flags->request.corpora, "Where the case lies, for cases in folders")
      ->check(CLI::ExistingDirectory);
  command->callback([flags, &exit_code] {
    std::vector<std::string> ids;
    for (const CaseInfo& info : plan_cases(flags->request, {})) {
      if (info.id == flags->id) {
        explain(info);
        exit_code = kExitOk;
        return;
      }
      ids.push_back(info.id);
    }
    const std::string_view nearest = nearest_name(flags->id, ids);
    throw std::runtime_error(fmt::format("there is no case '{}'{}", flags->id,
                                         nearest.empty() ? "" : fmt::format("; the nearest is '{}'", nearest)));
  });
}

}  // namespace bp::conformance
