// The subcommands. Each file adds one to the app; its callback runs it and sets the exit code.
#pragma once

namespace CLI {
class App;
}

namespace bp::cli {

// Exit codes, the same for all commands.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // the work was done and the answer is no
inline constexpr int kExitError = 2;   // the work could not be done

void add_run(CLI::App& app, int& exit_code);
void add_test(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_compile(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_providers(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_inspect(CLI::App& app, int& exit_code);

}  // namespace bp::cli
