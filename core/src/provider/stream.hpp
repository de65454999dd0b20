// Streams (ordered queues) and events (points in them that complete once) of a device.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "backplane/provider/stream.h"
#include "backplane/status.hpp"

namespace bp {

class Device;

inline constexpr int64_t kWaitForever = -1;

class Event {
 public:
  Event() noexcept = default;
  Event(std::shared_ptr<Device> device, bp_event handle) noexcept;
  Event(Event&& other) noexcept;
  Event& operator=(Event&& other) noexcept;
  ~Event() { reset(); }
  void reset() noexcept;

  explicit operator bool() const noexcept { return handle_ != nullptr; }
  bp_event handle() const noexcept { return handle_; }
  Device& device() const noexcept { return *device_; }

  // TIMEOUT, or the error that the event carries. [any-thread]
  Status wait(int64_t timeout_ns = kWaitForever) const;
  // True once complete; the event's error as in wait. [any-thread]
  Result<bool> poll() const;
  // Calls back once, never on this stack. UNIMPLEMENTED: wait on a thread instead. [any-thread]
  Status on_complete(std::function<void(Status)> callback) const;
  Result<uint64_t> timestamp_ns() const;  // on the device's clock
  Result<uint64_t> export_handle(uint32_t handle_type) const;

 private:
  std::shared_ptr<Device> device_;
  bp_event handle_ = nullptr;
};

class Stream {
 public:
  Stream() noexcept = default;
  Stream(std::shared_ptr<Device> device, bp_stream handle) noexcept;
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;
  // Its work is complete by then.
  ~Stream() { reset(); }
  void reset() noexcept;

  explicit operator bool() const noexcept { return handle_ != nullptr; }
  bp_stream handle() const noexcept { return handle_; }
  Device& device() const noexcept { return *device_; }

  // [serial per stream]
  Result<Event> record();
  // `event` is of any device of the same provider.
  Status wait_event(const Event& event);
  Result<uint64_t> export_native(uint32_t native_type) const;

 private:
  std::shared_ptr<Device> device_;
  bp_stream handle_ = nullptr;
};

}  // namespace bp
