// `backplane explain`: where each node of a model runs, and for every other device why not.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "explain_report.hpp"
#include "inputs.hpp"
#include "session_flags.hpp"

namespace bp::cli {
namespace {

struct ExplainFlags {
  std::string model;
  SessionFlags session;
  InputFlags inputs;
  bool json = false;
  bool dot = false;
};

// Shapes that only values settle are settled by a run.
Status run_once(const Session& session, const SessionOptions& options, const InputFlags& flags) {
  NamedDims dims;
  for (const auto& [name, range] : options.shape_ranges) dims[name] = range.opt_dims;
  BP_ASSIGN_OR_RETURN(const std::vector<NamedValue> inputs,
                      flags.create(session.inputs(), dims, options.fixed_dims));
  return session.run(std::span<const NamedValue>(inputs)).status();
}

Status explain(const ExplainFlags& flags) {
  BP_ASSIGN_OR_RETURN(const SessionOptions options, flags.session.create());
  BP_ASSIGN_OR_RETURN(const Environment environment, flags.session.environment.create());
  BP_ASSIGN_OR_RETURN(const Session session, Session::create(environment, flags.model, options));
  if (flags.inputs.random || !flags.inputs.files.empty())
    BP_RETURN_IF_ERROR(run_once(session, options, flags.inputs));
  const SessionReport report = session.report();
  fmt::print("{}", flags.json  ? explain_json(report).dump(1) + "\n"
                   : flags.dot ? explain_dot(report)
                               : explain_text(report));
  return {};
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* command = app.add_subcommand("explain", "Show where each node runs, and for other devices why not");
  command->add_option("model", flags->model, "ONNX file")->required();
  CLI::Option* json = command->add_flag("--json", flags->json, "Everything, as JSON");
  command->add_flag("--dot", flags->dot, "The graph for Graphviz")->excludes(json);
  flags->inputs.add(*command);
  flags->session.add(*command);
  command->callback([flags, &exit_code] {
    const Status status = explain(*flags);
    exit_code = status.ok() ? kExitOk : report_error(status);
  });
}

}  // namespace bp::cli
