// Events, and the thread on which their callbacks run.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "provider.hpp"

namespace broken {

// How work ended: code BP_STATUS_OK, or an error that travels with events and streams.
struct Ending {
  uint32_t code = BP_STATUS_OK;
  std::string text;
};

struct Callback {
  bp_event_callback function;
  void* user;
};

// Calls functions on a thread of its own, in order, until it is destroyed.
class Notifier {
 public:
  explicit Notifier(Host host);
  ~Notifier();
  void post(Callback callback, Ending ending);

 private:
  void serve();

  struct Item {
    Callback callback;
    Ending ending;
  };
  Host host_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  bool ends_ = false;
  std::thread thread_;
};

// What an event, the stream that completes it and those who wait for it share.
class EventState {
 public:
  explicit EventState(Provider& provider) : provider_(provider) {}
  ~EventState();

  Provider& provider() const { return provider_; }
  void complete(const Ending& ending);
  // Waits; false when `timeout_ns` (BP_UNKNOWN: for ever) ran out. *ending is set when complete.
  bool wait(int64_t timeout_ns, Ending* ending);
  void on_complete(Callback callback);
  uint64_t completed_ns();
  // A descriptor that becomes readable with the completion; the receiver closes it.
  int descriptor();

 private:
  Provider& provider_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool complete_ = false;
  Ending ending_;
  uint64_t completed_ns_ = 0;
  int descriptor_ = -1;
  std::vector<Callback> callbacks_;
};

// The ABI's event.
class Event {
 public:
  using Handle = bp_event;
  explicit Event(std::shared_ptr<EventState> state) : state_(std::move(state)) {}
  Host host() const { return state_->provider().host(); }
  const std::shared_ptr<EventState>& state() const { return state_; }

  void on_complete(bp_event_callback callback, void* user);
  void timestamp(uint64_t* device_ns);
  void export_handle(uint32_t handle_type, uint64_t* handle);

 private:
  std::shared_ptr<EventState> state_;
};

}  // namespace broken
