// Runs the command line tool as a user does.
#pragma once

#include <string>
#include <vector>

namespace bp::test {

struct ToolRun {
  int exit_code = -1;
  std::string out;
  std::string err;
};

ToolRun run_tool(const std::vector<std::string>& arguments);

}  // namespace bp::test
