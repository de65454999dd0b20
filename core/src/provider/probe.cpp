#include "provider/probe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;

namespace bp {
namespace {

using Clock = std::chrono::steady_clock;

// Reads until the other end is closed by all who hold it; false when the time is over first.
bool read_to_end(int pipe, Clock::time_point deadline, bool* said_something) {
  std::array<char, 4096> bytes;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd ready{pipe, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(left)) < 0 && errno != EINTR) return false;
    if (ready.revents == 0) continue;
    const ssize_t count = read(pipe, bytes.data(), bytes.size());
    if (count == 0) return true;
    if (count > 0) *said_something = true;
    if (count < 0 && errno != EINTR) return true;
  }
}

}  // namespace

std::string probe_provider(const std::vector<std::string>& command, const std::string& manifest_path,
                           std::chrono::milliseconds timeout) {
  std::vector<std::string> words = command;
  words.push_back(manifest_path);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fmt::format("no pipe for the probe: {}", std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) {
    close(ends[0]);
    return fmt::format("the probe '{}' does not start: {}", words[0], std::strerror(failed));
  }

  bool said_something = false;
  const bool ended = read_to_end(ends[0], Clock::now() + timeout, &said_something);
  close(ends[0]);
  if (!ended) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    return fmt::format("it did not answer within {} s", std::chrono::duration<double>(timeout).count());
  }
  if (WIFSIGNALED(status)) {
    return fmt::format("loading it ends the process with signal {} ({})", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  }
  if (!said_something) {
    return fmt::format("loading it ends the process with exit code {}", WEXITSTATUS(status));
  }
  return {};
}

}  // namespace bp
