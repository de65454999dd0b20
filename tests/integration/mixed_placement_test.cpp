// One plan over memory with and without an address: a network that goes to and fro between the CPU and OpenCL
// node by node gives what either gives alone, for one caller and for eight.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "backplane/backplane.hpp"
#include "support/paths.hpp"

namespace bp::test {
namespace {

class MixedPlacement : public ::testing::Test {
 protected:
  void SetUp() override {
    EnvironmentOptions options;
    options.search_standard_places = false;
    options.plugin_directories = {plugin_dir().string()};
    const std::filesystem::path opencl = plugin_dir() / "opencl";
    if (std::filesystem::exists(opencl)) options.plugin_directories.push_back(opencl.string());
    environment_.emplace(Environment::create(options).value());
    for (const DeviceDescription& device : environment_->devices()) has_opencl_ |= device.id == "OpenCL:0";
    if (!has_opencl_) GTEST_SKIP() << "there is no OpenCL device";
  }

  Session session(const std::vector<std::string>& providers, const std::string& leave = {}) {
    SessionOptions options;
    options.providers = providers;
    options.threads = 1;
    if (!leave.empty()) options.options["opencl.leave"] = leave;
    return Session::create(*environment_, (folder_ / "model.onnx").string(), options).value();
  }

  std::vector<Value> inputs(const Session& session) {
    return {read_value_file((folder_ / "test_data_set_0/input_0.pb").string(), session.inputs()[0]).value()};
  }

  const std::filesystem::path folder_ = source_dir() / "examples/digits";
  std::optional<Environment> environment_;
  bool has_opencl_ = false;
};

void expect_near(const std::vector<Value>& found, const std::vector<Value>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  ASSERT_EQ(found[0].size_bytes(), expected[0].size_bytes());
  const auto* a = static_cast<const float*>(found[0].data());
  const auto* b = static_cast<const float*>(expected[0].data());
  for (size_t i = 0; i < found[0].size_bytes() / sizeof(float); ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << i;
}

bool same_bits(const Value& a, const Value& b) {
  return a.size_bytes() == b.size_bytes() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

// What lies between is left to the CPU: convolution and product here, the rest there.
constexpr const char* kLeft = "Relu,MaxPool,Softmax";

TEST_F(MixedPlacement, GivesWhatEitherGivesAlone) {
  const Session cpu = session({"CPU"});
  const Session mixed = session({"OpenCL", "CPU"}, kLeft);
  std::set<std::string> places;
  size_t moves = 0;
  std::string last;
  for (const ReportNode& node : mixed.report().nodes) {
    places.insert(node.placement);
    moves += !last.empty() && last != node.placement ? 1 : 0;
    last = node.placement;
  }
  EXPECT_TRUE(places.contains("OpenCL:0"));
  EXPECT_TRUE(places.contains("CPU:0"));
  EXPECT_GE(moves, 6u);
  const std::vector<Value> given = inputs(cpu);
  const std::vector<Value> expected = cpu.run(given).value();
  expect_near(session({"OpenCL", "CPU"}).run(given).value(), expected);
  expect_near(mixed.run(given).value(), expected);
}

TEST_F(MixedPlacement, EightCallersGetTheSameBits) {
  const Session mixed = session({"OpenCL", "CPU"}, kLeft);
  const std::vector<Value> given = inputs(mixed);
  const std::vector<Value> expected = mixed.run(given).value();
  constexpr int kRuns = 5;
  std::vector<int> right(8, 0);
  std::vector<std::thread> callers;
  for (int& count : right) {
    callers.emplace_back([&] {
      for (int run = 0; run < kRuns; ++run) {
        const auto results = mixed.run(given);
        count += results.ok() && same_bits((*results)[0], expected[0]) ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, std::vector<int>(8, kRuns));
}

}  // namespace
}  // namespace bp::test
