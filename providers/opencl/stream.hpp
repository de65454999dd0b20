// Streams: in-order command queues. What failed on one is carried by every event recorded after it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "event.hpp"

namespace bp::opencl {

class Stream {
 public:
  using Handle = bp_stream;
  Stream(Device& device, ClQueue queue) : device_(device), queue_(std::move(queue)) {}

  [[nodiscard]] Host host() const noexcept;
  [[nodiscard]] cl_command_queue queue() const noexcept { return queue_.get(); }
  [[nodiscard]] Device& device() const noexcept { return device_; }
  void poison(Failure failure);
  void record(bp_event* event);
  void wait_event(bp_event event);
  void export_native(uint32_t native_type, uint64_t* handle);

 private:
  void drop_done();

  Device& device_;
  ClQueue queue_;
  std::optional<Failure> failure_;
  std::vector<std::shared_ptr<EventState>> awaited_;  // not known to be fine yet
};

extern const bp_stream_api kStreamApi;

}  // namespace bp::opencl
