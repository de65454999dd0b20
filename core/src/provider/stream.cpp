#include "provider/stream.hpp"

#include <fmt/format.h>

#include <utility>

#include "provider/device.hpp"
#include "provider/provider_core.hpp"

namespace bp {

// ---- Event

Event::Event(std::shared_ptr<Device> device, bp_event handle) noexcept
    : device_(std::move(device)), handle_(handle) {}

Event::Event(Event&& other) noexcept
    : device_(std::move(other.device_)), handle_(std::exchange(other.handle_, nullptr)) {}

Event& Event::operator=(Event&& other) noexcept {
  if (this != &other) {
    reset();
    device_ = std::move(other.device_);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

void Event::reset() noexcept {
  if (handle_ != nullptr) {
    const ProviderCore& core = device_->core();
    core.call_void("releasing an event", [&] { core.event.release(handle_); });
  }
  handle_ = nullptr;
  device_.reset();
}

Status Event::wait(int64_t timeout_ns) const {
  const ProviderCore& core = device_->core();
  return core.call("waiting for an event", device_->label(),
                   [&] { return core.event.wait(handle_, timeout_ns); });
}

Result<bool> Event::poll() const {
  const ProviderCore& core = device_->core();
  uint32_t state = BP_EVENT_PENDING;
  BP_RETURN_IF_ERROR(
      core.call("polling an event", device_->label(), [&] { return core.event.poll(handle_, &state); }));
  if (state > BP_EVENT_COMPLETE)
    return core.misbehaves(fmt::format("an event has the unknown state {}", state));
  return state == BP_EVENT_COMPLETE;
}

namespace {

// Travels through the provider as `user`.
struct PendingCallback {
  std::shared_ptr<Device> device;
  std::function<void(Status)> function;
};

void on_complete_trampoline(void* user, bp_status error) {
  const std::unique_ptr<PendingCallback> pending(static_cast<PendingCallback*>(user));
  HostTable& host = pending->device->core().host();
  try {
    pending->function(host.take_status(error, "an event", pending->device->label()));
  } catch (...) {
    host.log_misbehaviour("the host's callback of an event threw");
  }
}

}  // namespace

Status Event::on_complete(std::function<void(Status)> callback) const {
  const ProviderCore& core = device_->core();
  if (core.event.on_complete == nullptr) {
    return Status(ErrorCode::kUnimplemented, fmt::format("events of {} call nobody back", device_->label()));
  }
  auto pending = std::make_unique<PendingCallback>(PendingCallback{device_, std::move(callback)});
  Status status = core.call("on_complete", device_->label(), [&] {
    return core.event.on_complete(handle_, on_complete_trampoline, pending.get());
  });
  if (status.ok()) static_cast<void>(pending.release());  // the trampoline's now
  return status;
}

Result<uint64_t> Event::timestamp_ns() const {
  const ProviderCore& core = device_->core();
  if (core.event.timestamp == nullptr) {
    return Status(ErrorCode::kUnimplemented, fmt::format("events of {} carry no time", device_->label()));
  }
  uint64_t time_ns = 0;
  BP_RETURN_IF_ERROR(core.call("timestamp of an event", device_->label(),
                               [&] { return core.event.timestamp(handle_, &time_ns); }));
  return time_ns;
}

Result<uint64_t> Event::export_handle(uint32_t handle_type) const {
  const ProviderCore& core = device_->core();
  if (core.event.export_handle == nullptr) {
    return Status(ErrorCode::kUnimplemented, fmt::format("events of {} cannot be exported", device_->label()));
  }
  uint64_t handle = 0;
  BP_RETURN_IF_ERROR(core.call("exporting an event", device_->label(),
                               [&] { return core.event.export_handle(handle_, handle_type, &handle); }));
  return handle;
}

// ---- Stream

Stream::Stream(std::shared_ptr<Device> device, bp_stream handle) noexcept
    : device_(std::move(device)), handle_(handle) {}

Stream::Stream(Stream&& other) noexcept
    : device_(std::move(other.device_)), handle_(std::exchange(other.handle_, nullptr)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    reset();
    device_ = std::move(other.device_);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

void Stream::reset() noexcept {
  if (handle_ != nullptr) {
    const ProviderCore& core = device_->core();
    core.call_void("releasing a stream", [&] { core.stream.release(handle_); });
  }
  handle_ = nullptr;
  device_.reset();
}

Result<Event> Stream::record() {
  const ProviderCore& core = device_->core();
  bp_event event = nullptr;
  BP_RETURN_IF_ERROR(
      core.call("recording an event", device_->label(), [&] { return core.stream.record(handle_, &event); }));
  if (event == nullptr) return core.misbehaves("record returned OK and no event");
  return Event(device_, event);
}

Status Stream::wait_event(const Event& event) {
  const ProviderCore& core = device_->core();
  return core.call("wait_event", device_->label(),
                   [&] { return core.stream.wait_event(handle_, event.handle()); });
}

Result<uint64_t> Stream::export_native(uint32_t native_type) const {
  const ProviderCore& core = device_->core();
  if (core.stream.export_native == nullptr) {
    return Status(ErrorCode::kUnimplemented, fmt::format("streams of {} cannot be exported", device_->label()));
  }
  uint64_t handle = 0;
  BP_RETURN_IF_ERROR(core.call("exporting a stream", device_->label(),
                               [&] { return core.stream.export_native(handle_, native_type, &handle); }));
  return handle;
}

}  // namespace bp
