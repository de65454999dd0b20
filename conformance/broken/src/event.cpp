#include "event.hpp"

#include "check_struct.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace broken {

// ---- Notifier

Notifier::Notifier(Host host) : host_(host), thread_([this] { serve(); }) {}

Notifier::~Notifier() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Notifier::post(Callback callback, Ending ending) {
  {
    const std::scoped_lock lock(mutex_);
    items_.push_back({callback, std::move(ending)});
  }
  changed_.notify_all();
}

void Notifier::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ends_ || !items_.empty(); });
    if (items_.empty()) return;
    const Item item = std::move(items_.front());
    items_.pop_front();
    lock.unlock();
    const Ending& ending = item.ending;
    item.callback.function(item.callback.user,
                           ending.code == BP_STATUS_OK ? nullptr : host_.make_status(ending.code, ending.text));
    lock.lock();
  }
}

Notifier& Provider::notifier() {
  const std::scoped_lock lock(notifier_mutex_);
  if (notifier_ == nullptr) notifier_ = std::make_unique<Notifier>(host_);
  return *notifier_;
}

// ---- EventState

EventState::~EventState() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void EventState::complete(const Ending& ending) {
  const std::scoped_lock lock(mutex_);
  complete_ = true;
  ending_ = ending;
  uint64_t host_ns = 0;
  provider_.sample_clock(&completed_ns_, &host_ns);
  if (descriptor_ >= 0) eventfd_write(descriptor_, 1);
  for (const Callback& callback : callbacks_) provider_.notifier().post(callback, ending_);
  callbacks_.clear();
  changed_.notify_all();
}

bool EventState::wait(int64_t timeout_ns, Ending* ending) {
  std::unique_lock lock(mutex_);
  const auto done = [&] { return complete_; };
  if (timeout_ns == BP_UNKNOWN) {
    changed_.wait(lock, done);
  } else if (!changed_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), done)) {
    return false;
  }
  *ending = ending_;
  return true;
}

void EventState::on_complete(Callback callback) {
  Notifier& notifier = provider_.notifier();
  std::unique_lock lock(mutex_);
  if (!complete_) {
    callbacks_.push_back(callback);
  } else if (has(Fault::calls_back_at_once)) {
    lock.unlock();
    callback.function(callback.user, nullptr);
  } else {
    notifier.post(callback, ending_);
  }
}

uint64_t EventState::completed_ns() {
  const std::scoped_lock lock(mutex_);
  if (!complete_) throw Error(BP_STATUS_INVALID_ARGUMENT, "the time of a pending event was asked for");
  return completed_ns_;
}

int EventState::descriptor() {
  const std::scoped_lock lock(mutex_);
  if (descriptor_ < 0) descriptor_ = eventfd(complete_ ? 1 : 0, EFD_CLOEXEC);
  const int copy = descriptor_ < 0 ? -1 : dup(descriptor_);
  if (copy < 0) throw Error(BP_STATUS_OUT_OF_HOST_MEMORY, "no descriptor is left for an event");
  return copy;
}

// ---- Event

void Event::on_complete(bp_event_callback callback, void* user) {
  check_pointer(reinterpret_cast<const void*>(callback), "the callback");
  state_->on_complete({callback, user});
}

void Event::timestamp(uint64_t* device_ns) {
  check_pointer(device_ns, "device_ns");
  *device_ns = state_->completed_ns();
}

void Event::export_handle(uint32_t handle_type, uint64_t* handle) {
  if (handle_type != BP_EVENT_HANDLE_SYNC_FD) {
    throw Error(
        BP_STATUS_UNSUPPORTED,
        message("events are exported as sync file descriptors (3), not as handles of type ", handle_type));
  }
  check_pointer(handle, "handle");
  *handle = static_cast<uint64_t>(state_->descriptor());
}

namespace {

using bp::sdk::entry;

bp_status carried(const Event& event, const Ending& ending) {
  return ending.code == BP_STATUS_OK ? nullptr : event.host().make_status(ending.code, ending.text);
}

bp_status wait(bp_event handle, int64_t timeout_ns) {
  const Event& event = bp::sdk::from_handle<Event>(handle);
  return bp::sdk::guard(event.host(), [&]() -> bp_status {
    Ending ending;
    if (!event.state()->wait(timeout_ns, &ending)) {
      // The fault: what is still pending looks complete.
      if (has(Fault::ends_a_wait_too_early)) return nullptr;
      return event.host().make_status(BP_STATUS_TIMEOUT, "the event is still pending");
    }
    return carried(event, ending);
  });
}

bp_status poll(bp_event handle, uint32_t* state) {
  const Event& event = bp::sdk::from_handle<Event>(handle);
  return bp::sdk::guard(event.host(), [&]() -> bp_status {
    check_pointer(state, "state");
    Ending ending;
    *state = event.state()->wait(0, &ending) ? BP_EVENT_COMPLETE : BP_EVENT_PENDING;
    return carried(event, ending);
  });
}

}  // namespace

extern const bp_event_api kEventApi = {.struct_size = BP_STRUCT_SIZE(bp_event_api, import_handle),
                                       .reserved = 0,
                                       .release = bp::sdk::release_entry<Event>,
                                       .wait = wait,
                                       .poll = poll,
                                       .on_complete = entry<&Event::on_complete>,
                                       .timestamp = entry<&Event::timestamp>,
                                       .export_handle = entry<&Event::export_handle>,
                                       .import_handle = nullptr};

}  // namespace broken
