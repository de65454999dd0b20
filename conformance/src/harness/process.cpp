#include "harness/process.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace bp::conformance {

namespace fs = std::filesystem;

std::vector<int> thread_ids() {
  std::vector<int> ids;
  std::error_code error;
  for (fs::directory_iterator task("/proc/self/task", error), end; task != end; task.increment(error)) {
    ids.push_back(std::atoi(task->path().filename().c_str()));
    if (error) break;
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> threads_beside(const std::vector<int>& before) {
  std::vector<std::string> names;
  for (int wait = 0; wait < 100; ++wait) {
    names.clear();
    for (const int id : thread_ids()) {
      if (std::binary_search(before.begin(), before.end(), id)) continue;
      std::ifstream file("/proc/self/task/" + std::to_string(id) + "/comm");
      std::string name;
      if (std::getline(file, name)) names.push_back(name);  // else it has just ended
    }
    if (names.empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return names;
}

std::vector<std::pair<int, const void*>> signal_handlers() {
  std::vector<std::pair<int, const void*>> handlers;
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0) continue;
    handlers.emplace_back(number, reinterpret_cast<const void*>(action.sa_handler));
  }
  return handlers;
}

}  // namespace bp::conformance
