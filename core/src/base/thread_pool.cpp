#include "base/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <utility>

namespace bp {

// One parallel_for. Workers and the caller take pieces from `next` until none is left; the caller then waits
// for the pieces that still run. A worker that comes late finds nothing and goes, so a loop never waits for a
// thread that has not begun: nesting cannot deadlock.
struct ThreadPool::Loop {
  uint64_t count = 0;
  uint64_t grain = 1;
  const std::function<Status(uint64_t, uint64_t)>* body = nullptr;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> failed{false};

  std::mutex mutex;
  std::condition_variable idle;
  unsigned helpers_inside = 0;  // guarded by mutex
  bool closed = false;          // guarded by mutex: the caller is about to leave
  uint64_t error_index = std::numeric_limits<uint64_t>::max();
  Status error;

  void run_pieces() {
    while (!failed.load(std::memory_order_relaxed)) {
      const uint64_t begin = next.fetch_add(grain, std::memory_order_relaxed);
      if (begin >= count) return;
      Status status;
      try {
        status = (*body)(begin, begin + std::min(grain, count - begin));
      } catch (const std::exception& exception) {
        status = Status(ErrorCode::kInternal, std::string("a loop's body threw: ") + exception.what());
      } catch (...) {
        status = Status(ErrorCode::kInternal, "a loop's body threw");
      }
      if (!status.ok()) fail(begin, std::move(status));
    }
  }

  void fail(uint64_t index, Status status) {
    const std::lock_guard lock(mutex);
    failed.store(true, std::memory_order_relaxed);
    if (index < error_index) {
      error_index = index;
      error = std::move(status);
    }
  }

  void help() {
    {
      const std::lock_guard lock(mutex);
      if (closed) return;
      ++helpers_inside;
    }
    run_pieces();
    const std::lock_guard lock(mutex);
    if (--helpers_inside == 0) idle.notify_all();
  }

  Status finish() {
    std::unique_lock lock(mutex);
    closed = true;
    idle.wait(lock, [this] { return helpers_inside == 0; });
    return std::move(error);
  }
};

ThreadPool::ThreadPool(unsigned thread_count) : thread_count_(thread_count) {}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// With mutex_ held. A thread that cannot be made is no error: the caller does its work.
void ThreadPool::start_workers() {
  while (workers_.size() < thread_count_) {
    try {
      workers_.emplace_back([this] { work(); });
    } catch (const std::exception&) {
      return;
    }
  }
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Loop> loop = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    loop->help();
    lock.lock();
  }
}

Status ThreadPool::parallel_for(uint64_t count, uint64_t grain,
                                const std::function<Status(uint64_t, uint64_t)>& body) {
  if (count == 0) return {};
  // Every thread that has taken its last piece adds one more grain to `next`, which must not wrap around.
  const uint64_t largest_grain = std::numeric_limits<uint64_t>::max() / (uint64_t{2} * thread_count_ + 4);
  if (count > largest_grain) {
    return Status(ErrorCode::kInvalidArgument, "a loop of " + std::to_string(count) + " indices is too long");
  }
  grain = std::clamp<uint64_t>(grain, 1, count);
  const uint64_t pieces = (count + grain - 1) / grain;

  const auto loop = std::make_shared<Loop>();
  loop->count = count;
  loop->grain = grain;
  loop->body = &body;
  const auto helpers = static_cast<unsigned>(std::min<uint64_t>(thread_count_, pieces - 1));
  if (helpers > 0) {
    const std::lock_guard lock(mutex_);
    start_workers();
    for (unsigned i = 0; i < helpers; ++i) queue_.push_back(loop);
  }
  for (unsigned i = 0; i < helpers; ++i) wake_.notify_one();
  loop->run_pieces();
  return loop->finish();
}

}  // namespace bp
