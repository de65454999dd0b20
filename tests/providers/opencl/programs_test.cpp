// Kernels' programs: built once, from source or a saved binary, with the compiler's words when it fails.
#include "programs.hpp"

#include "device.hpp"
#include "providers/opencl/machine_helper.hpp"

namespace bp::opencl::test {

class OpenclPrograms : public DeviceTest {
 protected:
  Device& device() { return sdk::from_handle<Device>(machine.device()); }
};

constexpr const char* kSource = "__kernel void nothing(__global int *x) { x[get_global_id(0)] = 1; }";

TEST_F(OpenclPrograms, BuildsOnce) {
  const auto first = device().programs().get(kSource, "");
  EXPECT_EQ(first, device().programs().get(kSource, ""));
  EXPECT_NE(first, device().programs().get(kSource, "-DOTHER"));
}

TEST_F(OpenclPrograms, FailureHasTheCompilersLog) {
  try {
    static_cast<void>(device().programs().get("__kernel void broken() { undeclared = 1; }", ""));
    FAIL() << "it was built";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("undeclared"), std::string::npos) << error.what();
  }
  EXPECT_NE(device().programs().get(kSource, ""), nullptr);  // the next one works
}

TEST_F(OpenclPrograms, BinariesStandForTheirSource) {
  const std::vector<std::byte> binary = device().programs().get(kSource, "")->binary();
  ASSERT_FALSE(binary.empty());
  const Machine other;
  Device& elsewhere = sdk::from_handle<Device>(other.device());
  const std::string unreadable = "this is no OpenCL C";
  elsewhere.programs().offer(Programs::key_of(unreadable, ""), binary);
  cl_int error = CL_SUCCESS;
  const ClKernel kernel(
      clCreateKernel(elsewhere.programs().get(unreadable, "")->program.get(), "nothing", &error));
  EXPECT_EQ(error, CL_SUCCESS);
}

TEST_F(OpenclPrograms, DamagedBinariesAreCompiledAnew) {
  device().programs().offer(Programs::key_of(kSource, ""), std::vector<std::byte>(100, std::byte{7}));
  EXPECT_NE(device().programs().get(kSource, ""), nullptr);
}

}  // namespace bp::opencl::test
