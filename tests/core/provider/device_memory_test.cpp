#include <cstring>

#include "provider/device.hpp"
#include "provider_test_helper.hpp"

namespace bp::test {
namespace {

using DeviceMemory = ProviderTest;

TEST_F(DeviceMemory, HostMemoryComesFromTheHost) {
  auto device = open_device();
  auto buffer = device->allocate(kHostMemory, 100);
  ASSERT_TRUE(buffer.ok());
  EXPECT_EQ(buffer->address() % 64, 0U);
  EXPECT_EQ(buffer->size_bytes(), 100U);
  const Slice part = buffer->slice(32, 8);
  EXPECT_EQ(part.address, buffer->address() + 32);
  EXPECT_EQ(part.offset, 0U);
  EXPECT_EQ(part.buffer, nullptr);
  EXPECT_EQ(fake.live_buffers, 0);
  EXPECT_TRUE(device->allocate(kHostMemory, 0).ok());
}

TEST_F(DeviceMemory, CopiesThroughOpaqueBuffers) {
  fake.make_asynchronous();
  auto device = open_device();
  {
    auto buffer = std::move(*device->allocate(1, 64));
    EXPECT_EQ(buffer.address(), 0U);
    EXPECT_EQ(fake.live_buffers, 1);
    const Slice part = buffer.slice(16, 16);
    EXPECT_EQ(part.offset, 16U);
    EXPECT_EQ(part.address, 0U);
    const float source[] = {1, 2, 3, 4};
    float target[4] = {};
    ASSERT_TRUE(device->copy(nullptr, host_slice(source, 16), part, 16, HostData::kDuringCall).ok());
    ASSERT_TRUE(device->copy(nullptr, part, host_slice(target, 16), 16, HostData::kDuringCall).ok());
    EXPECT_EQ(std::memcmp(source, target, 16), 0);
    // Without a fill of its own the host copies.
    ASSERT_TRUE(device->fill(nullptr, part, 16, 0).ok());
    ASSERT_TRUE(device->copy(nullptr, part, host_slice(target, 16), 16, HostData::kDuringCall).ok());
    EXPECT_EQ(target[3], 0.0F);

    Buffer moved = std::move(buffer);
    EXPECT_FALSE(buffer);  // NOLINT(bugprone-use-after-move): empty is promised
    EXPECT_EQ(fake.live_buffers, 1);
  }
  EXPECT_EQ(fake.live_buffers, 0);
}

TEST_F(DeviceMemory, RefusesWhatCannotBe) {
  fake.make_asynchronous();
  fake.memory_kinds[0].max_allocation = 1000;
  auto device = open_device();
  EXPECT_EQ(device->allocate(1, 2000).status().code(), ErrorCode::kOutOfDeviceMemory);
  EXPECT_EQ(device->allocate(3, 16).status().code(), ErrorCode::kInternal);
  auto buffer = std::move(*device->allocate(1, 16));
  float data[8] = {};
  EXPECT_EQ(device->copy(nullptr, host_slice(data, 32), buffer.slice(), 32, HostData::kDuringCall).code(),
            ErrorCode::kInternal);
  EXPECT_EQ(device->map(buffer.slice(), MapAccess::kRead).status().code(), ErrorCode::kUnimplemented);
  EXPECT_EQ(device->memory_usage(1).status().code(), ErrorCode::kUnimplemented);
  EXPECT_EQ(device->import_memory(1, {}).status().code(), ErrorCode::kUnimplemented);
}

TEST_F(DeviceMemory, AKindWithAddressesMustGiveThem) {
  fake.make_asynchronous();
  fake.memory_kinds[0].flags = BP_MEMORY_HAS_ADDRESS;
  auto device = open_device();
  auto buffer = device->allocate(1, 16);
  ASSERT_FALSE(buffer.ok());
  expect_contains(buffer.status().message(), "no address");
  EXPECT_EQ(fake.live_buffers, 0);
}

TEST_F(DeviceMemory, ErrorsOfMemoryAndStreamsCarryTheirPlace) {
  for (const char* entry : {"allocate", "copy", "create_stream", "record", "wait_event", "wait", "poll"}) {
    SCOPED_TRACE(entry);
    FakeProvider failing;
    failing.make_asynchronous();
    {
      auto device = open_device();
      const auto walk = [&]() -> Status {
        BP_ASSIGN_OR_RETURN(Buffer buffer, device->allocate(1, 16));
        BP_ASSIGN_OR_RETURN(Stream stream, device->create_stream());
        const float data[4] = {};
        BP_RETURN_IF_ERROR(
            device->copy(&stream, host_slice(data, 16), buffer.slice(), 16, HostData::kUntilTransfer));
        BP_ASSIGN_OR_RETURN(Event event, stream.record());
        BP_RETURN_IF_ERROR(stream.wait_event(event));
        auto complete = event.poll();
        if (!complete.ok()) return complete.status();
        EXPECT_TRUE(*complete);
        return event.wait();
      };
      ASSERT_TRUE(walk().ok());
      failing.fails_at = entry;
      const Status status = walk();
      EXPECT_EQ(status.code(), ErrorCode::kDeviceLost);
      expect_contains(status.message(), "on Fake:0");
    }
    EXPECT_EQ(failing.live_buffers, 0);
    EXPECT_EQ(failing.live_streams, 0);
    EXPECT_EQ(failing.live_events, 0);
    EXPECT_EQ(failing.closed, 1);
  }
}

TEST_F(DeviceMemory, SynchronousDevicesHaveNoStreams) {
  EXPECT_EQ(open_device()->create_stream().status().code(), ErrorCode::kUnimplemented);
  EXPECT_EQ(open_device()->sample_clock().status().code(), ErrorCode::kUnimplemented);
}

TEST_F(DeviceMemory, EventsWithoutCallbacksSaySo) {
  fake.make_asynchronous();
  auto device = open_device();
  auto stream = std::move(*device->create_stream());
  auto event = std::move(*stream.record());
  EXPECT_EQ(event.on_complete([](Status) {}).code(), ErrorCode::kUnimplemented);
  fake.event_api.on_complete = [](bp_event, bp_event_callback callback, void* user) -> bp_status {
    callback(user, nullptr);
    return nullptr;
  };
  auto other = open_device();
  auto second = std::move(*other->create_stream());
  bool called = false;
  EXPECT_TRUE((*second.record()).on_complete([&](Status status) { called = status.ok(); }).ok());
  EXPECT_TRUE(called);
}

}  // namespace
}  // namespace bp::test
