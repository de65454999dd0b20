// Random operators from run to run of one session, through the CPU provider.
#include "session_test_helper.hpp"

namespace bp::test {
namespace {

class RandomTest : public SessionTest {
 protected:
  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  }
  // Two runs of RandomNormal.
  std::vector<std::vector<float>> two_runs(std::vector<Attribute> attributes,
                                           const SessionOptions& options = {}) {
    GraphBuilder builder;
    attributes.push_back({"shape", std::vector<int64_t>{50}});
    builder.output(builder.node("RandomNormal", {}, {50}, std::move(attributes)));
    const Model made = model(builder);
    const Session session = Session::create(environment(), made, options).value();
    std::vector<std::vector<float>> runs;
    for (int i = 0; i < 2; ++i) runs.push_back(numbers_of(session.run(std::span<const Value>()).value()[0]));
    return runs;
  }
};

TEST_F(RandomTest, ASeedRepeats) {
  const auto runs = two_runs({{"seed", 3.0F}});
  EXPECT_EQ(runs[0], runs[1]);
}

TEST_F(RandomTest, NoSeedDiffersFromRunToRun) {
  const auto runs = two_runs({});
  EXPECT_NE(runs[0], runs[1]);
}

TEST_F(RandomTest, TheOptionRepeatsWithoutASeed) {
  SessionOptions options;
  options.options["backplane.cpu.deterministic"] = "true";
  const auto runs = two_runs({}, options);
  EXPECT_EQ(runs[0], runs[1]);
}

TEST_F(RandomTest, DeterministicSessionsRepeatWithoutASeed) {
  SessionOptions options;
  options.deterministic = true;
  const auto runs = two_runs({}, options);
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace bp::test
