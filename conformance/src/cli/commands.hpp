// The subcommands. Each file adds one to the app; its callback runs it and sets the exit code.
#pragma once

namespace CLI {
class App;
}

namespace bp::conformance {

// Exit codes, the same for all commands.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // the work was done and the answer is no
inline constexpr int kExitError = 2;   // the work could not be done

void add_list(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_diff(CLI::App& app, int& exit_code);
void add_verify(CLI::App& app, int& exit_code);
void add_judge(CLI::App& app, int& exit_code);

}  // namespace bp::conformance
