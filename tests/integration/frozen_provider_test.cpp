// The provider built from the frozen headers of ABI 1.0 loads and runs: its own memory kind, streams, events,
// an option. What fails here breaks every provider that was ever shipped.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "backplane/backplane.hpp"
#include "onnx_bytes_helper.hpp"
#include "support/paths.hpp"

namespace bp::test {
namespace {

class FrozenProvider : public testing::Test {
 protected:
  FrozenProvider()
      : bytes_(
            onnx_model({{"Neg", {"x"}, {"a"}}, {"Neg", {"a"}, {"b"}}, {"Neg", {"b"}, {"y"}}}, {"x"}, {"y"})) {
    EnvironmentOptions options;
    options.search_standard_places = false;
    options.plugin_directories = {(binary_dir() / "tests/provider_api/frozen_1_0/plugins").string()};
    auto environment = Environment::create(options);
    if (environment.ok()) environment_.emplace(std::move(*environment));
    auto model = Model::load(bytes_);
    if (model.ok()) model_.emplace(std::move(*model));
  }
  void SetUp() override {
    ASSERT_TRUE(environment_.has_value());
    ASSERT_TRUE(model_.has_value());
  }

  static void expect_negated(const Session& session, int64_t rows) {
    std::vector<float> data(static_cast<size_t>(rows) * 4);
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i) - 2.5f;
    const auto input = Value::copy_of<float>({rows, 4}, data);
    ASSERT_TRUE(input.ok());
    const auto results = session.run(std::span<const Value>(&*input, 1));
    ASSERT_TRUE(results.ok()) << results.status().message();
    const auto elements = results->at(0).as<float>();
    ASSERT_TRUE(elements.ok());
    ASSERT_EQ(elements->size(), data.size());
    for (size_t i = 0; i < data.size(); ++i) EXPECT_EQ((*elements)[i], -data[i]);
  }

  std::vector<std::byte> bytes_;
  std::optional<Environment> environment_;
  std::optional<Model> model_;
};

TEST_F(FrozenProvider, Loads) {
  const auto devices = environment_->devices();
  ASSERT_EQ(environment_->outcomes().size(), 1u);
  EXPECT_EQ(environment_->outcomes()[0].state, "loaded") << environment_->outcomes()[0].text;
  ASSERT_EQ(devices.size(), 1u);
  EXPECT_EQ(devices[0].kind, "other");
  EXPECT_FALSE(devices[0].synchronous);
  ASSERT_EQ(devices[0].options.size(), 1u);
  EXPECT_EQ(devices[0].options[0].name, "accept");
  ASSERT_EQ(devices[0].properties.size(), 1u);
  EXPECT_EQ(devices[0].properties[0].second, "1.0");
}

TEST_F(FrozenProvider, RunsInItsOwnMemory) {
  const auto session = Session::create(*environment_, *model_);
  ASSERT_TRUE(session.ok()) << session.status().message();
  expect_negated(*session, 2);
  expect_negated(*session, 5);
  expect_negated(*session, 2);
  const SessionReport report = session->report();
  EXPECT_EQ(report.nodes.size(), 3u);
  for (const ReportNode& node : report.nodes) EXPECT_EQ(node.placement, report.devices.at(0));
  EXPECT_GE(report.copies.size(), 2u);  // in and out of its memory
}

TEST_F(FrozenProvider, ServesSeveralCallersAtOnce) {
  const auto session = Session::create(*environment_, *model_);
  ASSERT_TRUE(session.ok()) << session.status().message();
  std::vector<std::thread> callers;
  for (int64_t caller = 1; caller <= 4; ++caller) {
    callers.emplace_back([&session, caller] {
      for (int i = 0; i < 50; ++i) expect_negated(*session, caller);
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_F(FrozenProvider, TakesModelsOfTheNewestOpset) {
  const auto model = Model::load(onnx_model({{"Neg", {"x"}, {"y"}}}, {"x"}, {"y"}, {}, 28));
  ASSERT_TRUE(model.ok()) << model.status().message();
  const auto session = Session::create(*environment_, *model);
  ASSERT_TRUE(session.ok()) << session.status().message();
  expect_negated(*session, 2);
}

TEST_F(FrozenProvider, IsNotShownFormsThatAreNewerThanItsLevel) {
  const auto model = Model::load(onnx_model({{"Swish", {"x"}, {"y"}}}, {"x"}, {"y"}, {}, 28));
  ASSERT_TRUE(model.ok()) << model.status().message();
  const auto session = Session::create(*environment_, *model);
  ASSERT_FALSE(session.ok());
  const std::string& message = session.status().message();
  EXPECT_NE(message.find("NEWER_FORM"), std::string::npos) << message;
  EXPECT_NE(message.find("form of opset 24, the provider knows 22"), std::string::npos) << message;
}

TEST_F(FrozenProvider, HearsItsOption) {
  SessionOptions options;
  options.options["org.backplane.frozen_1_0.accept"] = "false";
  const auto session = Session::create(*environment_, *model_, options);
  ASSERT_FALSE(session.ok());
  EXPECT_NE(session.status().message().find("option accept is off"), std::string::npos)
      << session.status().message();
}

TEST_F(FrozenProvider, SavesAndLoadsItsPrograms) {
  const std::string path =
      (std::filesystem::path(testing::TempDir()) / ("frozen_" + std::to_string(::getpid()))).string();
  const auto session = Session::create(*environment_, *model_);
  ASSERT_TRUE(session.ok()) << session.status().message();
  const Status saved = session->save_programs(path);
  ASSERT_TRUE(saved.ok()) << saved.message();
  SessionOptions options;
  options.saved_programs = path;
  const auto again = Session::create(*environment_, *model_, options);
  ASSERT_TRUE(again.ok()) << again.status().message();
  expect_negated(*again, 3);
  for (const ReportPartition& partition : again->report().partitions) {
    EXPECT_NE(partition.note.find("saved"), std::string::npos) << partition.note;
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace bp::test
