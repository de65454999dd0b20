// Streams and events: order, waiting on each other, callbacks.
#include <atomic>
#include <thread>

#include "providers/opencl/machine_helper.hpp"

namespace bp::opencl::test {

class OpenclStream : public DeviceTest {
 protected:
  bp_stream stream() {
    bp_stream made = nullptr;
    ok(machine.table().stream->create(machine.device(), &made));
    return made;
  }
  bp_event record(bp_stream on) {
    bp_event event = nullptr;
    ok(machine.table().stream->record(on, &event));
    return event;
  }
  void release_all(std::initializer_list<bp_event> events, std::initializer_list<bp_stream> streams) {
    for (const bp_event event : events) machine.table().event->release(event);
    for (const bp_stream one : streams) machine.table().stream->release(one);
  }
};

TEST_F(OpenclStream, CopiesAreInOrderAndTheSourceIsFree) {
  const bp_stream queue = stream();
  const bp_slice slice = allocate(1 << 20);
  std::string bytes(1 << 20, 'a');
  for (const char letter : {'a', 'b', 'c'}) {
    bytes.assign(bytes.size(), letter);
    write(slice, bytes, queue);
  }
  bytes.assign(bytes.size(), 'x');  // DURING_CALL: nobody reads it any more
  const bp_event event = record(queue);
  ok(machine.table().event->wait(event, BP_UNKNOWN));
  EXPECT_EQ(read(slice), std::string(1 << 20, 'c'));
  release(slice);
  release_all({event}, {queue});
}

TEST_F(OpenclStream, WaitsForAnEventOfAnotherStream) {
  const bp_stream first = stream();
  const bp_stream second = stream();
  const bp_slice slice = allocate(1 << 20);
  const bp_slice copy = allocate(1 << 20);
  write(slice, std::string(1 << 20, 'p'), first);
  const bp_event made = record(first);
  ok(machine.table().stream->wait_event(second, made));
  ok(machine.table().memory->copy(machine.device(), second, &slice, &copy, slice.size, 0));
  const bp_event done = record(second);
  ok(machine.table().event->wait(done, 10'000'000'000));
  EXPECT_EQ(read(copy), std::string(1 << 20, 'p'));
  uint32_t state = BP_EVENT_PENDING;
  ok(machine.table().event->poll(made, &state));
  EXPECT_EQ(state, BP_EVENT_COMPLETE);
  release(slice);
  release(copy);
  release_all({made, done}, {first, second});
}

TEST_F(OpenclStream, CallsBackOnceAndNotOnTheRegisteringStack) {
  const bp_stream queue = stream();
  const bp_event event = record(queue);
  ok(machine.table().event->wait(event, BP_UNKNOWN));
  struct Seen {
    std::atomic<int> calls = 0;
    std::thread::id registering = std::this_thread::get_id();
    std::atomic<bool> same_thread = false;
  } seen;
  const auto callback = [](void* user, bp_status error) {
    auto& to = *static_cast<Seen*>(user);
    EXPECT_EQ(error, nullptr);
    if (std::this_thread::get_id() == to.registering) to.same_thread = true;
    ++to.calls;
  };
  ok(machine.table().event->on_complete(event, callback, &seen));  // it is complete already
  while (seen.calls == 0) std::this_thread::yield();
  EXPECT_EQ(seen.calls, 1);
  EXPECT_FALSE(seen.same_thread);
  release_all({event}, {queue});
}

TEST_F(OpenclStream, HandsEventsAndQueuesOver) {
  const bp_stream queue = stream();
  uint64_t native = 0;
  ok(machine.table().stream->export_native(queue, BP_NATIVE_CL_COMMAND_QUEUE, &native));
  bp_stream again = nullptr;
  ok(machine.table().stream->import_native(machine.device(), BP_NATIVE_CL_COMMAND_QUEUE, native, &again));
  const bp_event event = record(again);
  uint64_t handle = 0;
  ok(machine.table().event->export_handle(event, BP_EVENT_HANDLE_CL_EVENT, &handle));
  bp_event imported = nullptr;
  ok(machine.table().event->import_handle(machine.device(), BP_EVENT_HANDLE_CL_EVENT, handle, &imported));
  ok(machine.table().event->wait(imported, BP_UNKNOWN));
  uint64_t time = 0;
  fails(machine.table().event->timestamp(imported, &time), BP_STATUS_UNSUPPORTED);
  ok(machine.table().event->timestamp(event, &time));
  EXPECT_GT(time, 0u);
  release_all({event, imported}, {again, queue});
}

TEST_F(OpenclStream, ClockRunsWithTheHosts) {
  uint64_t device[2]{};
  uint64_t host[2]{};
  for (int i = 0; i < 2; ++i) {
    ok(machine.table().device->sample_clock(machine.device(), &device[i], &host[i]));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto passed = static_cast<double>(device[1] - device[0]);
  EXPECT_NEAR(passed / static_cast<double>(host[1] - host[0]), 1, 0.2);
}

}  // namespace bp::opencl::test
