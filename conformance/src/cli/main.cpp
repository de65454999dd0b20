// backplane-conformance: judges a provider from its manifest.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "backplane/version.hpp"
#include "commands.hpp"
#include "drive/claims.hpp"
#include "drive/describe.hpp"
#include "drive/serve.hpp"

int main(int argc, char** argv) {
  using namespace bp::conformance;
  CLI::App app{"Judges a provider: does it keep every rule of the ABI, and is what it computes right?"};
  app.set_version_flag("--version", std::string(bp::version()));
  app.require_subcommand(1);
  int exit_code = kExitOk;
  add_run(app, exit_code);
  add_list(app, exit_code);
  add_explain(app, exit_code);
  add_replay(app, exit_code);
  add_diff(app, exit_code);
  add_verify(app, exit_code);
  add_judge(app, exit_code);
  app.add_subcommand("child")->group("")->callback([&] { exit_code = serve_cases(); });
  app.add_subcommand("describe")->group("")->callback([&] { exit_code = serve_description(); });
  app.add_subcommand("claims")->group("")->callback([&] { exit_code = serve_claims(); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kExitOk : kExitError;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return kExitError;
  }
  return exit_code;
}
