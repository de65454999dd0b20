// The minimal example as a library: found by its entry symbol, driven through its tables without the core.
// Nothing of it is compiled where the examples are not built.
#ifdef BP_TEST_MINIMAL_LIBRARY
#include <gtest/gtest.h>

#include <cmath>

#include "loaded_provider_helper.hpp"
#include "tiny_graph_helper.hpp"

namespace bp::test {
namespace {

class ProviderMinimal : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(loaded_.device, nullptr); }
  void TearDown() override { EXPECT_EQ(host_.live_statuses, 0); }

  FakeHost host_;
  LoadedProvider loaded_{BP_TEST_MINIMAL_LIBRARY, host_};
};

TEST_F(ProviderMinimal, RefusesAHostThatNeedsANewerMinor) {
  bp_provider* newer = nullptr;
  EXPECT_EQ(loaded_.open(host_.table(), 1, 3, &newer), BP_STATUS_INCOMPATIBLE);
  EXPECT_EQ(newer, nullptr);
}

TEST_F(ProviderMinimal, OpensTwiceIndependently) {
  bp_provider* second = nullptr;
  ASSERT_EQ(loaded_.open(host_.table(), 0, 0, &second), BP_STATUS_OK);
  EXPECT_NE(second, loaded_.provider);
  second->close(second);
}

TEST_F(ProviderMinimal, RefusesADeviceInfoOfSizeZero) {
  bp_device_info info{};
  EXPECT_EQ(host_.take(loaded_.provider->device->info(loaded_.device, &info)).first,
            BP_STATUS_INVALID_ARGUMENT);
}

// No host is older than 1.0.
TEST_F(ProviderMinimal, RefusesADeviceInfoThatLacksAField) {
  bp_device_info info{};
  info.struct_size = BP_STRUCT_SIZE(bp_device_info, copy_latency_ns);
  info.launch_ns = 77;
  EXPECT_EQ(host_.take(loaded_.provider->device->info(loaded_.device, &info)).first,
            BP_STATUS_INVALID_ARGUMENT);
  EXPECT_EQ(info.launch_ns, 77u);
  EXPECT_EQ(info.struct_size, BP_STRUCT_SIZE(bp_device_info, copy_latency_ns));
}

TEST_F(ProviderMinimal, WritesNothingIntoANewerHostsFields) {
  struct {
    bp_device_info known;
    uint64_t newer;
  } info{};
  info.known.struct_size = sizeof info;
  info.newer = 77;
  ASSERT_EQ(loaded_.provider->device->info(loaded_.device, &info.known), nullptr);
  EXPECT_EQ(info.newer, 77u);
  EXPECT_EQ(info.known.struct_size, sizeof info);
}

TEST_F(ProviderMinimal, GivesEveryReasonForWhatItRejects) {
  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT32, {2, -1});
  const uint32_t a = graph.value("a", BP_TYPE_FLOAT32, {2, -1});
  const uint32_t b = graph.value("b", BP_TYPE_FLOAT32, {2, -1});
  const uint32_t d = graph.unranked("d", BP_TYPE_FLOAT64);
  const uint32_t e = graph.unranked("e", BP_TYPE_FLOAT64);
  const uint32_t k = graph.constant("k", BP_TYPE_FLOAT32, {2}, 0);
  const uint32_t l = graph.value("l", BP_TYPE_FLOAT32, {2});
  graph.node("Relu", {x}, {a});
  graph.node("Sigmoid", {a}, {b});
  graph.node("Relu", {d}, {e});
  graph.node("Relu", {x}, {b}, "com.acme");
  graph.node("Relu", {k}, {l});

  const auto verdicts = loaded_.query(graph.view({x, d}, {b, e, l}));
  ASSERT_EQ(verdicts.size(), 5u);
  EXPECT_EQ(verdicts[0].kind, BP_VERDICT_SUPPORTED);
  EXPECT_EQ(verdicts[1].codes(), std::vector<uint32_t>{BP_REASON_OPERATOR});
  EXPECT_EQ(verdicts[2].codes(), (std::vector<uint32_t>{BP_REASON_TYPE, BP_REASON_RANK}));
  EXPECT_EQ(verdicts[3].codes(), std::vector<uint32_t>{BP_REASON_OPERATOR});
  EXPECT_EQ(verdicts[4].codes(), std::vector<uint32_t>{BP_REASON_OTHER});
  EXPECT_EQ(verdicts[1].reasons[0].text, "only Relu of the ONNX domain is known here, this is Sigmoid");
  EXPECT_EQ(verdicts[2].reasons[0].text, "input 0 must be float32 (element type 1), is of element type 11");
}

TEST_F(ProviderMinimal, RunsThreeRelusOfAPartition) {
  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT32, {-1});
  const uint32_t y = graph.value("y", BP_TYPE_FLOAT32, {3});
  const uint32_t a = graph.value("a", BP_TYPE_FLOAT32, {-1});
  const uint32_t b = graph.value("b", BP_TYPE_FLOAT32, {-1});
  const uint32_t c = graph.value("c", BP_TYPE_FLOAT32, {3});
  graph.node("Relu", {x}, {a});
  graph.node("Relu", {a}, {b});
  graph.node("Relu", {y}, {c});

  const std::vector<FloatTensor> inputs{{{4}, {-1.0f, 2.0f, std::nanf(""), -0.5f}}, {{3}, {3.0f, -3.0f, 0.0f}}};
  std::vector<FloatTensor> outputs{{{3}, {}}, {{4}, {}}};
  EXPECT_EQ(host_.take(loaded_.run(graph.view({x, y}, {c, b}), inputs, outputs)).second, "");
  EXPECT_EQ(outputs[0].data, (std::vector<float>{3.0f, 0.0f, 0.0f}));
  ASSERT_EQ(outputs[1].data.size(), 4u);
  EXPECT_EQ(outputs[1].data[0], 0.0f);
  EXPECT_EQ(outputs[1].data[1], 2.0f);
  EXPECT_TRUE(std::isnan(outputs[1].data[2]));
  EXPECT_EQ(outputs[1].data[3], 0.0f);
}

TEST_F(ProviderMinimal, RunsAnEmptyTensor) {
  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT32, {-1, 3});
  const uint32_t y = graph.value("y", BP_TYPE_FLOAT32, {-1, 3});
  graph.node("Relu", {x}, {y});
  std::vector<FloatTensor> outputs{{{0, 3}, {}}};
  EXPECT_EQ(loaded_.run(graph.view({x}, {y}), {{{0, 3}, {}}}, outputs), nullptr);
  EXPECT_TRUE(outputs[0].data.empty());
}

}  // namespace
}  // namespace bp::test
#endif
