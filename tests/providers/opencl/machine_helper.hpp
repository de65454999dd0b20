// The provider opened through its C ABI, and its first device. Tests are skipped where there is none.
#pragma once

#include <backplane/provider/provider.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bp::opencl::test {

class Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] const bp_provider& table() const { return *provider_; }
  [[nodiscard]] bp_device device() const { return devices_.empty() ? nullptr : devices_[0]; }
  [[nodiscard]] const std::string& no_device_reason() const { return reason_; }

 private:
  bp_provider* provider_ = nullptr;
  std::vector<bp_device> devices_;
  std::string reason_;
};

// Skips what needs a device.
class DeviceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (machine.device() == nullptr) GTEST_SKIP() << "no OpenCL device: " << machine.no_device_reason();
  }
  // Expects success.
  void ok(bp_status status);
  // Expects an error with this code; gives its text.
  std::string fails(bp_status status, uint32_t code);

  bp_slice allocate(uint64_t size);
  void release(const bp_slice& slice) { machine.table().memory->release(machine.device(), slice.buffer); }
  void write(const bp_slice& slice, const std::string& bytes, bp_stream stream = nullptr);
  std::string read(const bp_slice& slice);

  Machine machine;
};

bp_slice host_slice(const void* data, uint64_t size);

}  // namespace bp::opencl::test
