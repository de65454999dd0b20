// The minimal provider dropped as two files into an empty folder: found, used, and everything else goes to the
// CPU provider with reasons.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "backplane/backplane.hpp"
#include "onnx_bytes_helper.hpp"
#include "support/paths.hpp"

namespace bp::test {
namespace {

namespace fs = std::filesystem;

class ProviderMinimalDropped : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path built = binary_dir() / "examples/provider_minimal/plugins";
    if (!fs::exists(built)) GTEST_SKIP() << "the examples are not built";
    folder_ = fs::path(testing::TempDir()) / ("minimal_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (const char* file : {"libbp_minimal.so", "bp_minimal.json"}) {
      fs::copy_file(built / file, folder_ / file);
    }
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  // An environment with the folder, and with the CPU provider's when `with_cpu`.
  Environment environment(bool with_cpu) const {
    EnvironmentOptions options;
    options.search_standard_places = false;
    options.plugin_directories.push_back(folder_.string());
    if (with_cpu) options.plugin_directories.push_back(plugin_dir().string());
    auto result = Environment::create(options);
    EXPECT_TRUE(result.ok()) << result.status().message();
    return std::move(*result);
  }

  fs::path folder_;
};

TEST_F(ProviderMinimalDropped, IsFoundAndOffersOneDevice) {
  const Environment found = environment(false);
  const auto devices = found.devices();
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices[0].provider_id, "org.backplane.minimal");
  EXPECT_EQ(devices[0].name, "one operator");
  EXPECT_TRUE(devices[0].synchronous);
  const auto outcomes = found.outcomes();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].state, "loaded") << outcomes[0].text;
}

TEST_F(ProviderMinimalDropped, RunsReluAloneForSeveralShapes) {
  const auto bytes = onnx_model({{"Relu", {"x"}, {"a"}}, {"Relu", {"a"}, {"y"}}}, {"x"}, {"y"});
  const auto model = Model::load(bytes);
  ASSERT_TRUE(model.ok()) << model.status().message();
  const auto session = Session::create(environment(false), *model);
  ASSERT_TRUE(session.ok()) << session.status().message();
  for (const int64_t rows : {1, 3, 0, 1}) {
    std::vector<float> data(static_cast<size_t>(rows) * 4);
    for (size_t i = 0; i < data.size(); ++i) data[i] = i % 2 == 0 ? -1.0f : static_cast<float>(i);
    const auto input = Value::copy_of<float>({rows, 4}, data);
    ASSERT_TRUE(input.ok());
    const auto results = session->run(std::span<const Value>(&*input, 1));
    ASSERT_TRUE(results.ok()) << results.status().message();
    const auto elements = results->at(0).as<float>();
    ASSERT_TRUE(elements.ok());
    ASSERT_EQ(elements->size(), data.size());
    for (size_t i = 0; i < data.size(); ++i) EXPECT_EQ((*elements)[i], data[i] < 0 ? 0.0f : data[i]);
  }
}

TEST_F(ProviderMinimalDropped, NamesTheNodesThatNobodyTakes) {
  const auto session =
      Session::create(environment(false), (source_dir() / "examples/digits/model.onnx").string());
  ASSERT_FALSE(session.ok());
  EXPECT_NE(session.status().message().find("Conv"), std::string::npos) << session.status().message();
  EXPECT_NE(session.status().message().find("only Relu of the ONNX domain is known here"), std::string::npos)
      << session.status().message();
}

TEST_F(ProviderMinimalDropped, SharesAModelWithTheCpuProvider) {
  if (!fs::exists(plugin_dir())) GTEST_SKIP() << "the CPU provider is not built";
  const auto bytes =
      onnx_model({{"Neg", {"x"}, {"a"}}, {"Relu", {"a"}, {"b"}}, {"Abs", {"b"}, {"y"}}}, {"x"}, {"y"});
  const auto model = Model::load(bytes);
  ASSERT_TRUE(model.ok()) << model.status().message();
  SessionOptions options;
  options.providers = {"org.backplane.minimal", "backplane.cpu"};
  options.optimization = OptimizationLevel::kNone;
  const auto session = Session::create(environment(true), *model, options);
  ASSERT_TRUE(session.ok()) << session.status().message();
  const SessionReport report = session->report();
  ASSERT_EQ(report.nodes.size(), 3u);
  EXPECT_EQ(report.nodes[1].placement, "Minimal:0");
  for (const size_t other : {0, 2}) {
    const ReportNode& node = report.nodes[other];
    EXPECT_EQ(node.placement, "CPU:0") << node.name;
    ASSERT_EQ(node.verdicts.size(), 2u);
    ASSERT_EQ(node.verdicts[0].reasons.size(), 1u);
    EXPECT_EQ(node.verdicts[0].reasons[0].code, "OPERATOR");
    EXPECT_EQ(node.verdicts[0].reasons[0].text,
              "only Relu of the ONNX domain is known here, this is " + node.op_type);
  }
  const auto input = Value::copy_of<float>({1, 4}, std::vector<float>{-3, 1, -2, 5});
  ASSERT_TRUE(input.ok());
  const auto results = session->run(std::span<const Value>(&*input, 1));
  ASSERT_TRUE(results.ok()) << results.status().message();
  const auto elements = results->at(0).as<float>();
  ASSERT_TRUE(elements.ok());
  EXPECT_EQ(std::vector<float>(elements->begin(), elements->end()), (std::vector<float>{3, 0, 2, 0}));
}

TEST_F(ProviderMinimalDropped, IsUsedInARealModelBesideTheCpuProvider) {
  if (!fs::exists(plugin_dir())) GTEST_SKIP() << "the CPU provider is not built";
  SessionOptions options;
  options.providers = {"org.backplane.minimal", "backplane.cpu"};
  options.optimization = OptimizationLevel::kNone;
  const auto session =
      Session::create(environment(true), (source_dir() / "examples/digits/model.onnx").string(), options);
  ASSERT_TRUE(session.ok()) << session.status().message();
  const SessionReport report = session->report();
  size_t on_minimal = 0;
  size_t refused = 0;
  for (const ReportNode& node : report.nodes) {
    for (const ReportVerdict& verdict : node.verdicts) {
      if (verdict.device.find("inimal") == std::string::npos) continue;
      EXPECT_EQ(verdict.supported, node.op_type == "Relu") << node.name;
      if (verdict.supported) {
        ++on_minimal;
        EXPECT_EQ(node.placement, verdict.device);
      } else {
        ++refused;
        EXPECT_FALSE(verdict.reasons.empty()) << node.name;
        for (const ReportReason& reason : verdict.reasons) EXPECT_FALSE(reason.text.empty());
      }
    }
  }
  EXPECT_GE(on_minimal, 1u);
  EXPECT_GE(refused, 1u);

  const fs::path data = source_dir() / "examples/digits/test_data_set_0";
  const auto input = read_value_file((data / "input_0.pb").string());
  const auto expected = read_value_file((data / "output_0.pb").string());
  ASSERT_TRUE(input.ok() && expected.ok());
  const auto results = session->run(std::span<const Value>(&*input, 1));
  ASSERT_TRUE(results.ok()) << results.status().message();
  const auto found = results->at(0).as<float>();
  const auto wanted = expected->as<float>();
  ASSERT_TRUE(found.ok() && wanted.ok());
  ASSERT_EQ(found->size(), wanted->size());
  for (size_t i = 0; i < wanted->size(); ++i) EXPECT_NEAR((*found)[i], (*wanted)[i], 1e-5);
}

}  // namespace
}  // namespace bp::test
