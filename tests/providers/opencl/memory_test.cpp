// Memory without an address: copies at offsets, import and export.
#include <backplane/provider_cpp/view.hpp>

#include "providers/opencl/machine_helper.hpp"

namespace bp::opencl::test {

class OpenclMemory : public DeviceTest {};

TEST_F(OpenclMemory, BuffersHaveNoAddress) {
  const bp_slice slice = allocate(100);
  EXPECT_EQ(slice.address, 0u);
  EXPECT_NE(slice.buffer, nullptr);
  release(slice);
}

TEST_F(OpenclMemory, CopiesAtOffsets) {
  const bp_slice slice = allocate(1000);
  write(slice, std::string(1000, 'a'));
  bp_slice part = slice;
  part.offset = 128;
  part.size = 256;
  write(part, std::string(256, 'b'));
  EXPECT_EQ(read(slice), std::string(128, 'a') + std::string(256, 'b') + std::string(616, 'a'));
  const bp_slice other = allocate(1000);
  write(other, std::string(1000, 'c'));
  bp_slice target = other;
  target.offset = 512;
  ok(machine.table().memory->copy(machine.device(), nullptr, &part, &target, 256, 0));
  EXPECT_EQ(read(other), std::string(512, 'c') + std::string(256, 'b') + std::string(232, 'c'));
  release(other);
  release(slice);
}

TEST_F(OpenclMemory, RefusesCopiesBeyondASlice) {
  const bp_slice slice = allocate(64);
  const std::string bytes(65, 'x');
  const bp_slice source = host_slice(bytes.data(), bytes.size());
  const std::string why = fails(machine.table().memory->copy(machine.device(), nullptr, &source, &slice, 65, 1),
                                BP_STATUS_INVALID_ARGUMENT);
  EXPECT_EQ(why, "copy: target: 65 bytes are asked for, the slice has 64");
  release(slice);
}

TEST_F(OpenclMemory, ExportsClMemThatImportsAgain) {
  const bp_slice slice = allocate(300);
  write(slice, std::string(300, 'e'));
  bp_external_memory external{};
  external.struct_size = BP_STRUCT_SIZE(bp_external_memory, reserved);
  ok(machine.table().memory->export_memory(machine.device(), slice.buffer, BP_HANDLE_CL_MEM, &external));
  external.offset = 128;
  external.size = 100;
  bp_slice again{};
  again.size = 100;
  ok(machine.table().memory->import_memory(machine.device(), 1, &external, &again.buffer, &again.address));
  EXPECT_EQ(again.address, 0u);
  write(again, std::string(100, 'f'));
  EXPECT_EQ(read(slice), std::string(128, 'e') + std::string(100, 'f') + std::string(72, 'e'));
  release(again);
  external.offset = 256;
  EXPECT_EQ(fails(machine.table().memory->import_memory(machine.device(), 1, &external, &again.buffer,
                                                        &again.address),
                  BP_STATUS_INVALID_ARGUMENT),
            "import: 100 bytes at 256 do not lie in a cl_mem of 300 bytes");
  release(slice);
}

TEST_F(OpenclMemory, CountsBytesInUse) {
  uint64_t used = 0;
  uint64_t available = 0;
  const bp_slice slice = allocate(4096);
  ok(machine.table().memory->usage(machine.device(), 1, &used, &available));
  EXPECT_EQ(used, 4096u);
  release(slice);
  ok(machine.table().memory->usage(machine.device(), 1, &used, &available));
  EXPECT_EQ(used, 0u);
}

TEST_F(OpenclMemory, RefusesMoreThanTheDeviceAllocates) {
  bp_buffer buffer = nullptr;
  uint64_t address = 0;
  fails(machine.table().memory->allocate(machine.device(), 1, ~uint64_t{0} / 2, nullptr, &buffer, &address),
        BP_STATUS_OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(buffer, nullptr);
}

}  // namespace bp::opencl::test
