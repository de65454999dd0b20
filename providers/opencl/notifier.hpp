// A thread that calls the host's event callbacks where the driver would call them on the registering stack.
// Started with the first such call, ended with the provider.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace bp::opencl {

class Notifier {
 public:
  Notifier() = default;
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  ~Notifier();

  // Runs `call` soon, on the notifier's thread. [any-thread]
  void post(std::function<void()> call);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> calls_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace bp::opencl
