#include "notifier.hpp"

#include <utility>

namespace bp::opencl {

Notifier::~Notifier() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  posted_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Notifier::post(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    if (!thread_.joinable()) thread_ = std::thread([this] { serve(); });
  }
  posted_.notify_one();
}

void Notifier::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    posted_.wait(lock, [this] { return closing_ || !calls_.empty(); });
    if (calls_.empty()) return;
    const std::function<void()> call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    call();
    lock.lock();
  }
}

}  // namespace bp::opencl
