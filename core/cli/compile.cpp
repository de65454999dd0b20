// `backplane compile`: a session's compiled programs in one file, which `--programs` of the other commands
// uses.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "saved_programs_text.hpp"
#include "session_flags.hpp"

namespace bp::cli {
namespace {

struct CompileFlags {
  std::string model;
  SessionFlags session;
  std::string output;
  bool json = false;
};

// One line that is written over; partitions compile on several threads, so each call is one write.
void show_progress(SessionOptions& options) {
  if (isatty(STDERR_FILENO) == 0) return;
  options.progress = [](double done, std::string_view what) {
    fmt::print(stderr, "{}", fmt::format("\r{:3.0f} % {:60.60}", done * 100, what));
  };
}

Status compile(const CompileFlags& flags) {
  BP_ASSIGN_OR_RETURN(SessionOptions options, flags.session.create());
  BP_ASSIGN_OR_RETURN(const Environment environment, flags.session.environment.create());
  show_progress(options);
  const auto session = Session::create(environment, flags.model, options);
  if (options.progress) fmt::print(stderr, "\r{:67}\r", "");
  BP_RETURN_IF_ERROR(session.status());
  BP_RETURN_IF_ERROR(session->save_programs(flags.output));
  BP_ASSIGN_OR_RETURN(const auto programs, list_saved_programs(flags.output));
  const SessionReport report = session->report();
  if (flags.json) {
    fmt::print("{}\n", saved_programs_json(programs).dump(1));
  } else {
    fmt::print("{}", saved_programs_text(programs));
    if (programs.size() < report.partitions.size())
      fmt::print("{} of {} partitions are compiled at each start: their providers save no programs\n",
                 report.partitions.size() - programs.size(), report.partitions.size());
  }
  if (report.specializations == 0)
    fmt::print(stderr,
               "note: no shapes are settled, so what depends on them is not saved; settle them with --dim or "
               "--shape\n");
  return {};
}

}  // namespace

void add_compile(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<CompileFlags>();
  CLI::App* command = app.add_subcommand("compile", "Save a model's compiled programs, for --programs");
  command->add_option("model", flags->model, "ONNX file")->required();
  command->add_option("-o,--output", flags->output, "File to write")->required()->type_name("FILE");
  command->add_flag("--json", flags->json, "As JSON");
  flags->session.add(*command);
  command->callback([flags, &exit_code] {
    const Status status = compile(*flags);
    exit_code = status.ok() ? kExitOk : report_error(status);
  });
}

}  // namespace bp::cli
