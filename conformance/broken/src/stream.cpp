#include "stream.hpp"

#include "check_struct.hpp"

#include <utility>

namespace broken {

Stream::Stream(Provider& provider) : provider_(provider), thread_([this] { serve(); }) {}

Stream::~Stream() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Stream::enqueue(Work& work) {
  {
    const std::scoped_lock lock(mutex_);
    work.next = nullptr;
    *last_ = &work;
    last_ = &work.next;
  }
  changed_.notify_all();
}

bool Stream::has_submitted() const {
  // The fault: what was enqueued last is submitted with the next call only.
  return first_ != nullptr && (!has(Fault::submits_with_the_next_call) || first_->next != nullptr);
}

void Stream::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return first_ == nullptr && !busy_; });
  if (state_.code != BP_STATUS_OK) throw Error(state_.code, state_.text);
}

Ending Stream::state() {
  const std::scoped_lock lock(mutex_);
  return state_;
}

void Stream::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ends_ || has_submitted(); });
    if (first_ == nullptr) return;
    Work& work = *first_;
    first_ = work.next;
    if (first_ == nullptr) last_ = &first_;
    busy_ = true;
    Ending state = state_;
    lock.unlock();
    if (state.code == BP_STATUS_OK && !work.is_mark()) state = work.run();
    work.done(state);  // from here on the work may be gone
    lock.lock();
    if (state_.code == BP_STATUS_OK) state_ = std::move(state);
    if (has(Fault::forgets_an_error)) state_ = {};
    busy_ = false;
    changed_.notify_all();
  }
}

namespace {

// Completes an event with the state of the stream.
class Mark final : public Work {
 public:
  explicit Mark(std::shared_ptr<EventState> event) : event_(std::move(event)) {}
  Ending run() override { return {}; }
  bool is_mark() const override { return true; }
  void done(const Ending& stream) override {
    Ending ending = stream;
    if (has(Fault::gives_events_a_timeout) && ending.code != BP_STATUS_OK) ending.code = BP_STATUS_TIMEOUT;
    event_->complete(ending);
    delete this;
  }

 private:
  std::shared_ptr<EventState> event_;
};

// Holds the stream up until an event of another one is complete.
class Barrier final : public Work {
 public:
  explicit Barrier(std::shared_ptr<EventState> event) : event_(std::move(event)) {}
  Ending run() override {
    Ending ending;
    event_->wait(BP_UNKNOWN, &ending);
    return ending;
  }
  void done(const Ending&) override { delete this; }

 private:
  std::shared_ptr<EventState> event_;
};

}  // namespace

void Stream::record(bp_event* event) {
  check_pointer(event, "event");
  if (has(Fault::records_no_poisoned_stream)) {
    if (const Ending ending = state(); ending.code != BP_STATUS_OK) throw Error(ending.code, ending.text);
  }
  auto state = std::make_shared<EventState>(provider_);
  auto mark = std::make_unique<Mark>(state);
  auto object = std::make_unique<Event>(std::move(state));
  enqueue(std::move(mark));
  *event = bp::sdk::to_handle(std::move(object));
}

void Stream::wait_event(bp_event event) {
  check_pointer(event, "the event");
  const Event& object = bp::sdk::from_handle<Event>(event);
  if (has(Fault::waits_for_no_event)) return;
  enqueue(std::make_unique<Barrier>(object.state()));
}

void Provider::create_stream(bp_stream* stream) {
  check_pointer(stream, "stream");
  *stream = bp::sdk::to_handle(std::make_unique<Stream>(*this));
}

extern const bp_stream_api kStreamApi = {.struct_size = BP_STRUCT_SIZE(bp_stream_api, export_native),
                                         .reserved = 0,
                                         .create = bp::sdk::entry<&Provider::create_stream>,
                                         .release = bp::sdk::release_entry<Stream>,
                                         .record = bp::sdk::entry<&Stream::record>,
                                         .wait_event = bp::sdk::entry<&Stream::wait_event>,
                                         .import_native = nullptr,
                                         .export_native = nullptr};

}  // namespace broken
