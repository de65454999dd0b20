// backplane: one tool, a subcommand for each thing to do with a model or a provider.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "backplane/version.hpp"
#include "commands.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Runs ONNX models on whatever hardware is plugged in."};
  app.set_version_flag("--version", std::string(bp::version()));
  app.require_subcommand(1);
  int exit_code = bp::cli::kExitOk;
  bp::cli::add_run(app, exit_code);
  bp::cli::add_test(app, exit_code);
  bp::cli::add_bench(app, exit_code);
  bp::cli::add_compile(app, exit_code);
  bp::cli::add_explain(app, exit_code);
  bp::cli::add_providers(app, exit_code);
  bp::cli::add_check(app, exit_code);
  bp::cli::add_inspect(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? bp::cli::kExitOk : bp::cli::kExitError;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return bp::cli::kExitError;
  }
  return exit_code;
}
