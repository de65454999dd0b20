// Outputs that become inputs of the next run.
#include "fed_loop.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "ops/onnx_bridge/to_onnx.hpp"
#include "support/graph_builder.hpp"
#include "support/paths.hpp"

namespace bp::cli {
namespace {

using test::GraphBuilder;

class FedLoopTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(test::plugin_dir() / "libbp_cpu.so")) GTEST_SKIP() << "no CPU provider";
  }

  // present = Concat(past, new): with a past of a fixed length (-1: of any) only one run is possible.
  Session session(int64_t past_length) {
    GraphBuilder builder;
    const ValueId past = builder.input("past", {past_length});
    const ValueId fresh = builder.input("new", {1});
    builder.output(
        builder.node("Concat", {past, fresh}, std::vector<int64_t>{-1}, {{"axis", int64_t{0}}}, "present"));
    bytes_ = to_onnx_bytes(builder.graph()).value();
    EnvironmentOptions options;
    options.plugin_directories = {test::plugin_dir().string()};
    const Environment environment = Environment::create(std::move(options)).value();
    const Model model = Model::load(std::as_bytes(std::span<const char>(bytes_))).value();
    return Session::create(environment, model).value();
  }

  std::string bytes_;
  const float zero_ = 0;
  const std::vector<NamedValue> inputs_ = {
      {"past", Value::copy_of<float>({1}, std::span<const float>(&zero_, 1)).value()},
      {"new", Value::copy_of<float>({1}, std::span<const float>(&zero_, 1)).value()}};
};

TEST_F(FedLoopTest, EveryRunTakesWhatTheLastOneMade) {
  const std::vector<std::string> feeds = {"present=past"};
  const Session growing = session(-1);
  const auto loop = FedLoop::create(growing, inputs_, feeds);
  ASSERT_TRUE(loop.ok()) << loop.status().to_string();
  EXPECT_EQ(loop->run(5).value().size(), 5u);

  const Session fixed = session(1);
  const auto once = FedLoop::create(fixed, inputs_, feeds);
  ASSERT_TRUE(once.ok());
  EXPECT_TRUE(once->run(1).ok());
  EXPECT_TRUE(once->run(1).ok());   // starts with the first inputs again
  EXPECT_FALSE(once->run(2).ok());  // the second run is fed two elements
}

TEST_F(FedLoopTest, NamesThatTheModelLacksAreRefused) {
  const std::vector<std::string> feeds = {"present=passed"};
  const Session fixed = session(1);
  const auto loop = FedLoop::create(fixed, inputs_, feeds);
  ASSERT_FALSE(loop.ok());
  EXPECT_NE(loop.status().to_string().find("'present=passed'"), std::string::npos);
}

}  // namespace
}  // namespace bp::cli
