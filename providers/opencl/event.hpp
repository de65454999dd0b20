// Events: a marker in a queue, and the error that its stream carried when it was recorded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cl.hpp"

namespace bp::opencl {

class Device;

// An error on its way from where it happened to whoever waits.
struct Failure {
  uint32_t code = BP_STATUS_OK;
  std::string text;
  int64_t provider_code = 0;
};

// What an event knows; shared with the streams that wait for it and with pending callbacks.
class EventState {
 public:
  EventState(Device& device, ClEvent event) : device_(device), event_(std::move(event)) {}

  // Set before the state is shared.
  std::optional<Failure> failure;                     // of the stream at that time
  std::vector<std::shared_ptr<EventState>> upstream;  // events that the stream waited for

  [[nodiscard]] Device& device() const noexcept { return device_; }
  [[nodiscard]] cl_event get() const noexcept { return event_.get(); }
  [[nodiscard]] bool is_complete() const;
  // Of a complete event: the first error that it carries.
  [[nodiscard]] std::optional<Failure> error() const;

 private:
  Device& device_;
  ClEvent event_;
};

// The object behind a bp_event.
struct Event {
  using Handle = bp_event;
  [[nodiscard]] Host host() const noexcept;
  void wait(int64_t timeout_ns) const;
  void on_complete(bp_event_callback callback, void* user) const;
  void timestamp(uint64_t* device_ns) const;
  void export_handle(uint32_t handle_type, uint64_t* handle) const;

  std::shared_ptr<EventState> state;
  bool imported = false;
};

extern const bp_event_api kEventApi;

}  // namespace bp::opencl
