#include "tool_helper.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/paths.hpp"

namespace bp::test {
namespace {

std::string quoted(const std::string& text) {
  std::string made = "'";
  for (const char letter : text) made += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return made + "'";
}

}  // namespace

ToolRun run_tool(const std::vector<std::string>& arguments) {
  const std::filesystem::path errors =
      std::filesystem::temp_directory_path() / ("backplane_tool_" + std::to_string(::getpid()) + ".err");
  std::string command = quoted(cli_path().string());
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  command += " 2> " + quoted(errors.string());
  ToolRun run;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return run;
  std::array<char, 4096> buffer{};
  for (size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    run.out.append(buffer.data(), count);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  std::ifstream file(errors);
  run.err.assign(std::istreambuf_iterator<char>(file), {});
  file.close();
  std::filesystem::remove(errors);
  return run;
}

}  // namespace bp::test
