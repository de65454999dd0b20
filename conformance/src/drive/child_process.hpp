// One child process of the runner: exec'd, never merely forked; the leader of a process group of its own, so
// that whatever a provider starts dies with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace bp::conformance {

// A child writes it to stdout where a case begins: answers come on another way, and the two have no common
// order.
inline constexpr char kOutputMark = '\x1e';  // ASCII's record separator

// How a process ended.
struct ProcessEnd {
  bool killed_by_us = false;  // its time was over
  int exit_code = 0;
  int signal = 0;  // 0: it exited
  // "exit code 3", "SIGSEGV (Segmentation fault)", "killed after its time".
  std::string to_string() const;
  bool clean() const { return !killed_by_us && exit_code == 0 && signal == 0; }
};

class ChildProcess {
 public:
  using Clock = std::chrono::steady_clock;

  // Starts `program` with `arguments`; `input` is what it reads on stdin, to its end. Lines that it writes to
  // descriptor 3 are answers. Throws std::runtime_error.
  ChildProcess(const std::string& program, const std::vector<std::string>& arguments, const std::string& input);
  // Kills what is left of the group.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The next answer into *line; false when there is none more or the time is over.
  bool next_line(Clock::time_point deadline, std::string* line);
  // Waits for the end; kills the group at the deadline.
  ProcessEnd finish(Clock::time_point deadline);
  // The last few kilobytes that it wrote to stdout and stderr after the last kOutputMark.
  std::string output();

 private:
  bool pump(Clock::time_point deadline);  // false: nothing came until the deadline
  void read_some(int* descriptor, std::string* into);

  pid_t pid_ = -1;
  int answers_ = -1;
  int output_ = -1;
  std::string answers_text_;
  std::string output_text_;
};

}  // namespace bp::conformance
