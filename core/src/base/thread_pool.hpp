// A small pool for loops of the compile phase. Runs use the providers' own teams, not this.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "backplane/status.hpp"

namespace bp {

class ThreadPool {
 public:
  // `thread_count` workers besides the callers. They start with the first loop that has use for them.
  explicit ThreadPool(unsigned thread_count);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // body(begin, end) over [0, count) in pieces of at least `grain` indices, on the workers and on the caller.
  // Returns, after all pieces ended, the error of the lowest index that failed; pieces that had not begun by
  // then are skipped. Loops may nest. [any-thread]
  Status parallel_for(uint64_t count, uint64_t grain, const std::function<Status(uint64_t, uint64_t)>& body);

  unsigned thread_count() const noexcept { return thread_count_; }

 private:
  struct Loop;
  void start_workers();
  void work();

  const unsigned thread_count_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Loop>> queue_;  // one entry per worker that may help
  std::vector<std::thread> workers_;
  bool stopping_ = false;
};

}  // namespace bp
