// A provider written with the C++ help, driven like any other: nothing it throws crosses, nothing leaks.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "loaded_provider_helper.hpp"
#include "tiny_graph_helper.hpp"

namespace bp::test {
namespace {

class CppProvider : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(loaded_.device, nullptr); }
  void TearDown() override {
    EXPECT_EQ(host_.live_statuses, 0);
    EXPECT_EQ(host_.acquired_constants, 0);
  }
  static bp_option fail_option(const char* how) {
    bp_option option{};
    option.struct_size = BP_STRUCT_SIZE(bp_option, string_value);
    option.kind = BP_OPTION_CHOICE;
    option.name = {"fail", 4};
    option.string_value = {how, std::char_traits<char>::length(how)};
    return option;
  }

  FakeHost host_;
  LoadedProvider loaded_{BP_TEST_CPP_LIBRARY, host_};
};

TEST_F(CppProvider, TurnsWhatItThrowsIntoCodes) {
  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT32, {2});
  const uint32_t y = graph.value("y", BP_TYPE_FLOAT32, {2});
  graph.node("LeakyRelu", {x}, {y});
  const bp_graph& view = graph.view({x}, {y});
  std::vector<FloatTensor> outputs{{{2}, {}}};
  const auto fail = [&](const char* how) {
    const bp_option option = fail_option(how);
    return host_.take(loaded_.run(view, {{{2}, {1, 2}}}, outputs, {&option, 1, sizeof option}));
  };
  EXPECT_EQ(fail("error"), std::make_pair(BP_STATUS_INVALID_MODEL, std::string("asked to fail")));
  EXPECT_EQ(fail("memory").first, BP_STATUS_OUT_OF_HOST_MEMORY);
  EXPECT_EQ(fail("foreign"), std::make_pair(BP_STATUS_INTERNAL, std::string("an exception of unknown type")));
}

TEST_F(CppProvider, LogsWhyItDoesNotOpen) {
  bp_provider* newer = nullptr;
  EXPECT_EQ(loaded_.open(host_.table(), 1, 3, &newer), BP_STATUS_INCOMPATIBLE);
  EXPECT_EQ(newer, nullptr);
  ASSERT_EQ(host_.logs.size(), 1u);
  EXPECT_EQ(host_.logs[0], std::make_pair(BP_LOG_ERROR, std::string("speaks minor 0 of the ABI only")));
}

TEST_F(CppProvider, ReportsReasonsAndWants) {
  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT16, {2});
  const uint32_t k = graph.constant("k", BP_TYPE_FLOAT32, {2}, 5);
  const uint32_t y = graph.value("y", BP_TYPE_FLOAT32, {2});
  graph.node("Add", {x, x}, {y});
  graph.node("Add", {y, k}, {y});
  graph.node("LeakyRelu", {y}, {y});
  graph.float_attribute("alpha", -1.0f);

  const auto verdicts = loaded_.query(graph.view({x}, {y}));
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(verdicts[0].codes(),
            (std::vector<uint32_t>{BP_REASON_TYPE, BP_REASON_TYPE, BP_REASON_NOT_CONSTANT}));
  EXPECT_EQ(verdicts[0].reasons[1].input, 1u);
  EXPECT_EQ(verdicts[0].reasons[1].text, "must be float32, is float16");
  EXPECT_EQ(verdicts[1].kind, BP_VERDICT_SUPPORTED);
  EXPECT_EQ(verdicts[1].wants, (std::vector<uint32_t>{BP_WANT_DEVICE, BP_WANT_CONSTANT}));
  EXPECT_EQ(verdicts[2].reasons.at(0).attribute, "alpha");
}

TEST_F(CppProvider, PacksAConstantFromAnOddAddressAndReleasesIt) {
  const std::array<float, 2> values{10.0f, 20.0f};
  std::array<unsigned char, sizeof values + 1> bytes{};
  std::copy_n(reinterpret_cast<const unsigned char*>(values.data()), sizeof values, bytes.begin() + 1);
  const int64_t dim = 2;
  bp_tensor constant{};
  constant.element_type = BP_TYPE_FLOAT32;
  constant.dims = {&dim, 1, sizeof dim};
  constant.data = bytes.data() + 1;
  constant.size_bytes = sizeof values;
  host_.constants[5] = constant;

  TinyGraph graph;
  const uint32_t x = graph.value("x", BP_TYPE_FLOAT32, {-1});
  const uint32_t k = graph.constant("k", BP_TYPE_FLOAT32, {2}, 5);
  const uint32_t y = graph.value("y", BP_TYPE_FLOAT32, {-1});
  graph.node("Add", {x, k}, {y});
  const bp_graph& view = graph.view({x}, {y});
  std::vector<FloatTensor> outputs{{{2}, {}}};
  EXPECT_EQ(host_.take(loaded_.run(view, {{{2}, {1, 2}}}, outputs)).second, "");
  EXPECT_EQ(outputs[0].data, (std::vector<float>{11.0f, 22.0f}));
  ASSERT_EQ(host_.progress.size(), 1u);
  EXPECT_EQ(host_.progress[0].second, "Add 'node_0'");

  EXPECT_EQ(host_.take(loaded_.run(view, {{{3}, {1, 2, 3}}}, outputs)).first, BP_STATUS_UNSUPPORTED);
}

TEST_F(CppProvider, ReleasesNothingTwiceAndTakesNull) {
  const bp_program_api& api = *loaded_.provider->program;
  api.release_context(nullptr);
  api.release_instance(nullptr);
  api.release_program(nullptr);
}

}  // namespace
}  // namespace bp::test
