// Streams: a queue of work with a thread of its own.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "event.hpp"

namespace broken {

// A piece of work. It is linked into the queue by itself, so that enqueueing allocates nothing.
class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;
  // Does it; what it returns poisons the stream unless it is OK. Not called on a poisoned stream.
  virtual Ending run() = 0;
  // Called after run, or instead of it, with the state of the stream; may delete the work.
  virtual void done(const Ending& /*stream*/) {}
  // Work that makes the stream's state known, and runs on a poisoned stream, too.
  virtual bool is_mark() const { return false; }

  Work* next = nullptr;
};

class Stream {
 public:
  using Handle = bp_stream;
  explicit Stream(Provider& provider);
  ~Stream();

  Host host() const { return provider_.host(); }
  void enqueue(Work& work);
  // Enqueues work that deletes itself in done.
  void enqueue(std::unique_ptr<Work> work) { enqueue(*work.release()); }
  // Waits until everything that was enqueued is done; throws the error that poisoned the stream.
  void drain();
  // The error that poisoned it, if any.
  Ending state();

  // stream.h
  void record(bp_event* event);
  void wait_event(bp_event event);

 private:
  void serve();
  bool has_submitted() const;

  Provider& provider_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Work* first_ = nullptr;
  Work** last_ = &first_;
  bool busy_ = false;
  bool ends_ = false;
  Ending state_;
  std::thread thread_;
};

}  // namespace broken
