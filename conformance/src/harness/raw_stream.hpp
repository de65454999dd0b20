// Streams and events of the provider under test, released at the end, and work that keeps a stream busy.
#pragma once

#include <memory>
#include <string>

#include "harness/raw_memory.hpp"

namespace bp::conformance {

class OwnedEvent {
 public:
  OwnedEvent(const RawProvider& provider, bp_event event) : provider_(&provider), event_(event) {}
  ~OwnedEvent() { reset(); }
  OwnedEvent(OwnedEvent&& other) noexcept
      : provider_(other.provider_), event_(std::exchange(other.event_, nullptr)) {}
  OwnedEvent& operator=(OwnedEvent&&) = delete;

  bp_event get() const { return event_; }
  TakenStatus wait(int64_t timeout_ns) const;
  // Whether it is complete; *carried (may be NULL) is the error that it carries then.
  bool complete(TakenStatus* carried = nullptr) const;
  void reset();

 private:
  const RawProvider* provider_;
  bp_event event_;
};

class OwnedStream {
 public:
  explicit OwnedStream(const RawProvider& provider);
  ~OwnedStream();  // waits for what was enqueued, but not for ever
  OwnedStream(const OwnedStream&) = delete;
  OwnedStream& operator=(const OwnedStream&) = delete;

  bp_stream get() const { return stream_; }
  OwnedEvent record() const;
  // Records, and waits for ever.
  TakenStatus finish() const;

 private:
  const RawProvider& provider_;
  bp_stream stream_ = nullptr;
};

// Throws CaseEnd(NotApplicable) on a device whose calls are over when they return.
void need_streams(const RawProvider& provider);
// Whether the device lists a memory kind of its own; *kind (may be NULL) is the first one.
bool has_own_memory(const RawProvider& provider, uint32_t* kind);
// As has_own_memory; throws CaseEnd(NotApplicable) where there is none.
uint32_t need_own_memory(const RawProvider& provider);

// Copies from the host that take a stream some milliseconds each. Nothing on devices without memory of their
// own.
class Backlog {
 public:
  explicit Backlog(const RawProvider& provider);
  void enqueue(bp_stream stream, int copies) const;

 private:
  const RawProvider& provider_;
  std::string bytes_;
  std::unique_ptr<KindMemory> memory_;
};

// A part of a slice.
bp_slice part_of(const bp_slice& slice, uint64_t offset, uint64_t size);
bp_slice host_slice(const void* data, uint64_t size);

// Time for whoever may still be writing to do so.
void let_time_pass(double milliseconds);

}  // namespace bp::conformance
