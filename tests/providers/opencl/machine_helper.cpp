#include "providers/opencl/machine_helper.hpp"

#include "providers/cpu/host_helper.hpp"

namespace bp::opencl::test {

namespace {

const bp_host* host() { return cpu::test::test_host(); }

}  // namespace

Machine::Machine() {
  EXPECT_EQ(bp_provider_open_v1(host(), 0, 0, &provider_), BP_STATUS_OK);
  uint32_t count = 0;
  bp_string reason{};
  EXPECT_EQ(provider_->device->list(provider_->self, 0, nullptr, &count, &reason), nullptr);
  reason_.assign(reason.data == nullptr ? "" : reason.data, reason.size);
  devices_.resize(count);
  EXPECT_EQ(provider_->device->list(provider_->self, count, devices_.data(), &count, nullptr), nullptr);
}

Machine::~Machine() { provider_->close(provider_); }

void DeviceTest::ok(bp_status status) { EXPECT_EQ(cpu::test::take_message(status), ""); }

std::string DeviceTest::fails(bp_status status, uint32_t code) {
  EXPECT_EQ(host()->status_code(host(), status), code);
  return cpu::test::take_message(status);
}

bp_slice DeviceTest::allocate(uint64_t size) {
  bp_slice slice{};
  slice.size = size;
  ok(machine.table().memory->allocate(machine.device(), 1, size, nullptr, &slice.buffer, &slice.address));
  return slice;
}

void DeviceTest::write(const bp_slice& slice, const std::string& bytes, bp_stream stream) {
  const bp_slice source = host_slice(bytes.data(), bytes.size());
  ok(machine.table().memory->copy(machine.device(), stream, &source, &slice, bytes.size(),
                                  BP_HOST_DATA_DURING_CALL));
}

std::string DeviceTest::read(const bp_slice& slice) {
  std::string bytes(slice.size, '\0');
  const bp_slice target = host_slice(bytes.data(), bytes.size());
  ok(machine.table().memory->copy(machine.device(), nullptr, &slice, &target, slice.size, 0));
  return bytes;
}

bp_slice host_slice(const void* data, uint64_t size) {
  return {nullptr, static_cast<uint64_t>(reinterpret_cast<uintptr_t>(data)), 0, size};
}

}  // namespace bp::opencl::test
