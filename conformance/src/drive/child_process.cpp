#include "drive/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace bp::conformance {
namespace {

using std::chrono::milliseconds;

constexpr size_t kOutputBytes = 4096;

void close_descriptor(int* descriptor) {
  if (*descriptor >= 0) ::close(*descriptor);
  *descriptor = -1;
}

// A file in memory that holds `text`, to be read from its start.
int file_of(const std::string& text) {
  const int file = ::memfd_create("cases", MFD_CLOEXEC);
  if (file < 0) return -1;
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count <= 0) {
      ::close(file);
      return -1;
    }
    done += static_cast<size_t>(count);
  }
  ::lseek(file, 0, SEEK_SET);
  return file;
}

class SpawnSetup {
 public:
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

std::string ProcessEnd::to_string() const {
  if (killed_by_us) return "killed after its time";
  if (signal == 0) return fmt::format("exit code {}", exit_code);
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal)
                         : fmt::format("SIG{} ({})", name, ::strsignal(signal));
}

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           const std::string& input) {
  int answers[2] = {-1, -1};
  int output[2] = {-1, -1};
  int in = file_of(input);
  const auto give_up = [&](const char* what, int error) {
    for (int* descriptor : {&answers[0], &answers[1], &output[0], &output[1], &in})
      close_descriptor(descriptor);
    throw std::runtime_error(fmt::format("cannot start a child process: {}: {}", what, std::strerror(error)));
  };
  if (in < 0) give_up("memfd_create", errno);
  // Above the child's 0 to 3: dup2 of a descriptor to itself would keep its close-on-exec flag.
  const int high = ::fcntl(in, F_DUPFD_CLOEXEC, 10);
  if (high < 0) give_up("fcntl", errno);
  close_descriptor(&in);
  in = high;
  if (::pipe2(answers, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) give_up("pipe", errno);
  for (int* end : {&answers[1], &output[1]}) {
    const int moved = ::fcntl(*end, F_DUPFD_CLOEXEC, 10);
    if (moved < 0) give_up("fcntl", errno);
    close_descriptor(end);
    *end = moved;
  }

  SpawnSetup setup;
  posix_spawn_file_actions_adddup2(&setup.actions, in, 0);
  posix_spawn_file_actions_adddup2(&setup.actions, output[1], 1);
  posix_spawn_file_actions_adddup2(&setup.actions, output[1], 2);
  posix_spawn_file_actions_adddup2(&setup.actions, answers[1], 3);
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int error =
      ::posix_spawn(&pid_, program.c_str(), &setup.actions, &setup.attributes, argv.data(), environ);
  if (error != 0) {
    pid_ = -1;
    give_up(program.c_str(), error);
  }
  for (int* descriptor : {&answers[1], &output[1], &in}) close_descriptor(descriptor);
  answers_ = answers[0];
  output_ = output[0];
  ::fcntl(answers_, F_SETFL, O_NONBLOCK);
  ::fcntl(output_, F_SETFL, O_NONBLOCK);
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_descriptor(&answers_);
  close_descriptor(&output_);
}

void ChildProcess::read_some(int* descriptor, std::string* into) {
  std::array<char, 16384> buffer;
  const ssize_t count = ::read(*descriptor, buffer.data(), buffer.size());
  if (count > 0) {
    into->append(buffer.data(), static_cast<size_t>(count));
  } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
    close_descriptor(descriptor);
  }
}

bool ChildProcess::pump(Clock::time_point deadline) {
  std::array<pollfd, 2> watched{pollfd{answers_, POLLIN, 0}, pollfd{output_, POLLIN, 0}};
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
  const int ready =
      ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<int64_t>(left, 0, 60'000)));
  if (ready <= 0) return false;
  if (watched[0].revents != 0) read_some(&answers_, &answers_text_);
  if (watched[1].revents != 0) {
    read_some(&output_, &output_text_);
    // Twice the size kept, so that a chatty provider does not move bytes at every read.
    if (output_text_.size() > 2 * kOutputBytes) output_text_.erase(0, output_text_.size() - kOutputBytes);
  }
  return true;
}

bool ChildProcess::next_line(Clock::time_point deadline, std::string* line) {
  for (;;) {
    if (const size_t end = answers_text_.find('\n'); end != std::string::npos) {
      *line = answers_text_.substr(0, end);
      answers_text_.erase(0, end + 1);
      return true;
    }
    if (answers_ < 0) return false;
    if (!pump(deadline) && Clock::now() >= deadline) return false;
  }
}

ProcessEnd ChildProcess::finish(Clock::time_point deadline) {
  ProcessEnd end;
  int status = 0;
  // A grandchild may hold the pipes open: the process is asked too.
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    const Clock::time_point now = Clock::now();
    if (now >= deadline) {
      end.killed_by_us = true;
      ::kill(-pid_, SIGKILL);
      ::waitpid(pid_, &status, 0);
      break;
    }
    if (answers_ >= 0 || output_ >= 0) {
      pump(std::min(deadline, now + milliseconds(20)));
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
  }
  ::kill(-pid_, SIGKILL);
  pid_ = -1;
  while (output_ >= 0 && pump(Clock::now())) {
  }
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  return end;
}

std::string ChildProcess::output() {
  // What the pipe holds now; a provider that never stops writing is not waited for.
  for (int reads = 0; reads < 16 && output_ >= 0 && pump(Clock::now()); ++reads) {
  }
  const size_t mark = output_text_.rfind(kOutputMark);
  if (mark != std::string::npos) output_text_.erase(0, mark + 1);
  if (output_text_.size() > kOutputBytes) output_text_.erase(0, output_text_.size() - kOutputBytes);
  return output_text_;
}

}  // namespace bp::conformance
