#include "harness/raw_stream.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace bp::conformance {
namespace {

constexpr int64_t kLongestWait = 10'000'000'000;  // nanoseconds; of a destructor for work that may never end

}  // namespace

TakenStatus OwnedEvent::wait(int64_t timeout_ns) const {
  return provider_->call("wait", [&] { return (*provider_)->event->wait(event_, timeout_ns); });
}

bool OwnedEvent::complete(TakenStatus* carried) const {
  uint32_t state = 0xFFFFFFFFu;
  const TakenStatus status = provider_->call("poll", [&] { return (*provider_)->event->poll(event_, &state); });
  if (state != BP_EVENT_PENDING && state != BP_EVENT_COMPLETE) {
    fail("poll: expected the state PENDING or COMPLETE, found " + std::to_string(state));
  }
  if (state == BP_EVENT_PENDING && !status.ok()) {
    fail("poll: a pending event carries an error: " + status.to_string());
  }
  if (carried != nullptr) *carried = status;
  return state == BP_EVENT_COMPLETE;
}

void OwnedEvent::reset() {
  if (event_ != nullptr) (*provider_)->event->release(std::exchange(event_, nullptr));
}

OwnedStream::OwnedStream(const RawProvider& provider) : provider_(provider) {
  provider.must("stream create", [&] { return provider->stream->create(provider.device(), &stream_); });
  if (stream_ == nullptr) fail("stream create: succeeded and gave no stream");
}

OwnedStream::~OwnedStream() {
  bp_event event = nullptr;
  RawHost& host = provider_.host();
  host.take(provider_->stream->record(stream_, &event));
  if (event != nullptr) {
    const TakenStatus status = host.take(provider_->event->wait(event, kLongestWait));
    provider_->event->release(event);
    if (status.code == BP_STATUS_TIMEOUT) return;  // a stream that hangs cannot be released
  }
  provider_->stream->release(stream_);
}

OwnedEvent OwnedStream::record() const {
  bp_event event = nullptr;
  provider_.must("record", [&] { return provider_->stream->record(stream_, &event); });
  if (event == nullptr) fail("record: succeeded and gave no event");
  return {provider_, event};
}

TakenStatus OwnedStream::finish() const { return record().wait(BP_UNKNOWN); }

void need_streams(const RawProvider& provider) {
  if (provider.info().flags & BP_DEVICE_SYNCHRONOUS) {
    not_applicable("the device is synchronous: it has no streams and no events");
  }
  if (provider.info().flags & BP_DEVICE_COMPILE_ONLY) not_applicable("the device compiles only");
}

bool has_own_memory(const RawProvider& provider, uint32_t* kind) {
  const bp_device_info info = provider.info();
  if (info.flags & BP_DEVICE_COMPILE_ONLY) return false;
  for (uint64_t i = 0; i < info.memory_kinds.count; ++i) {
    const auto* listed = BP_AT(bp_memory_kind_info, info.memory_kinds, i);
    if (listed->kind == BP_MEMORY_HOST) continue;
    if (kind != nullptr) *kind = listed->kind;
    return true;
  }
  return false;
}

uint32_t need_own_memory(const RawProvider& provider) {
  uint32_t kind = 0;
  if (!has_own_memory(provider, &kind)) {
    not_applicable("the device has no memory of its own: it lists the host's alone");
  }
  return kind;
}

Backlog::Backlog(const RawProvider& provider) : provider_(provider) {
  uint32_t kind = 0;
  if (!has_own_memory(provider, &kind)) return;
  const uint64_t limit = memory_kind(provider, kind).max_allocation;
  bytes_.resize(std::min<uint64_t>(limit == 0 ? UINT64_MAX : limit, uint64_t{32} << 20), 'b');
  memory_ = std::make_unique<KindMemory>(provider, kind, bytes_.size());
}

void Backlog::enqueue(bp_stream stream, int copies) const {
  if (memory_ == nullptr) return;
  const bp_slice source = host_slice(bytes_.data(), bytes_.size());
  const bp_slice target = memory_->slice();
  for (int i = 0; i < copies; ++i) {
    provider_.must("copy to the device", [&] {
      return provider_->memory->copy(provider_.device(), stream, &source, &target, bytes_.size(),
                                     BP_HOST_DATA_UNTIL_TRANSFER);
    });
  }
}

bp_slice part_of(const bp_slice& slice, uint64_t offset, uint64_t size) {
  return {slice.buffer, slice.address == 0 ? 0 : slice.address + offset,
          slice.buffer == nullptr ? 0 : slice.offset + offset, size};
}

bp_slice host_slice(const void* data, uint64_t size) {
  return {nullptr, reinterpret_cast<uintptr_t>(data), 0, size};
}

void let_time_pass(double milliseconds) {
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(milliseconds));
}

}  // namespace bp::conformance
