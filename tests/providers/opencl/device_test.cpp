// What is told of the provider and its devices.
#include <backplane/provider_cpp/view.hpp>

#include "providers/opencl/machine_helper.hpp"

namespace bp::opencl::test {

TEST(OpenclProvider, NoDeviceHasAReason) {
  const Machine machine;
  EXPECT_EQ(sdk::view(machine.table().id), "backplane.opencl");
  EXPECT_EQ(machine.device() == nullptr, !machine.no_device_reason().empty());
}

class OpenclDevice : public DeviceTest {};

TEST_F(OpenclDevice, TellsWhatItIs) {
  bp_device_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_device_info, launch_ns);
  ok(machine.table().device->info(machine.device(), &info));
  EXPECT_FALSE(sdk::view(info.name).empty());
  EXPECT_NE(sdk::view(info.fingerprint).find(sdk::view(info.name)), std::string_view::npos);
  EXPECT_EQ(info.flags & BP_DEVICE_SYNCHRONOUS, 0u);
  ASSERT_EQ(info.memory_kinds.count, 1u);
  const auto* kind = BP_AT(bp_memory_kind_info, info.memory_kinds, 0);
  EXPECT_EQ(kind->flags & BP_MEMORY_HAS_ADDRESS, 0u);
  bool units = false;
  for (const bp_property& property : sdk::Array<bp_property>(info.properties)) {
    units = units || (sdk::view(property.name) == "compute_units" && std::stoi(property.value.data) > 0);
  }
  EXPECT_TRUE(units);
}

}  // namespace bp::opencl::test
