// Two providers in one plan: the fake one, asynchronous and with memory that has no address, beside the CPU.
#include "session_test_helper.hpp"

namespace bp::test {
namespace {

class TwoDevices : public SessionTest {
 protected:
  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  }
  // Relu goes to the fake provider, which knows nothing else; everything else to the CPU.
  Model alternating() {
    GraphBuilder builder;
    ValueId x = builder.input("x", {4});
    for (int round = 0; round < 3; ++round) {
      x = builder.node("Relu", {x}, {4}, {}, "relu" + std::to_string(round));
      x = builder.node("Neg", {x}, {4}, {}, "neg" + std::to_string(round));
      x = builder.node("Add", {x, x}, {4}, {}, "add" + std::to_string(round));
      x = builder.node("Abs", {x}, {4}, {}, "abs" + std::to_string(round));
    }
    builder.output(x);
    return model(builder);
  }
};

TEST_F(TwoDevices, CopiesAndWaitsGiveTheResultsOfOneDevice) {
  FakeProvider fake;
  fake.make_asynchronous();
  {
    Environment both = environment();
    ASSERT_TRUE(both.register_provider(FakeProvider::open_function(), "Fake").ok());
    SessionOptions options;
    options.optimization = OptimizationLevel::kNone;
    const Session session = Session::create(both, alternating(), options).value();
    const Value x = floats({4}, {1, -2, 3, 0.5f});
    for (int run = 0; run < 5; ++run)
      EXPECT_EQ(numbers_of(session.run(std::span<const Value>(&x, 1)).value()[0]),
                (std::vector<float>{8, 0, 24, 4}));
    const SessionReport report = session.report();
    EXPECT_EQ(report.devices.size(), 2u);
    EXPECT_EQ(report.copies.size(), 6u);  // in and out of each Relu
    size_t on_fake = 0;
    for (const ReportNode& node : report.nodes) {
      on_fake += node.placement == report.devices[0] ? 1 : 0;
      EXPECT_EQ(node.placement == report.devices[0], node.op_type == "Relu");
      if (node.op_type == "Relu") continue;
      ASSERT_FALSE(node.verdicts.empty());
      EXPECT_FALSE(node.verdicts[0].supported);
      EXPECT_FALSE(node.verdicts[0].reasons.empty()) << node.name;
    }
    EXPECT_EQ(on_fake, 3u);
    EXPECT_EQ(fake.runs, 15);
  }
  EXPECT_EQ(fake.live_contexts + fake.live_instances + fake.live_programs, 0);
  EXPECT_EQ(fake.live_buffers + fake.live_streams + fake.live_events, 0);
}

TEST_F(TwoDevices, ABoundRunGoesThroughBothMemories) {
  FakeProvider fake;
  fake.make_asynchronous();
  Environment both = environment();
  ASSERT_TRUE(both.register_provider(FakeProvider::open_function(), "Fake").ok());
  const Session session = Session::create(both, alternating()).value();
  IoBinding binding = session.bind().value();
  ASSERT_TRUE(binding.bind_input("x", floats({4}, {1, 2, 3, 4})).ok());
  for (int run = 0; run < 3; ++run) ASSERT_TRUE(session.run(binding).ok());
  EXPECT_EQ(numbers_of(binding.outputs()[0]), (std::vector<float>{8, 16, 24, 32}));
}

TEST_F(TwoDevices, AnErrorAtAnyEntryIsAnErrorOfTheCallAndLosesNothing) {
  for (const std::string entry : {"compile", "specialize", "create_context", "bind", "run", "allocate", "copy",
                                  "create_stream", "record", "wait"}) {
    FakeProvider fake;
    fake.make_asynchronous();
    {
      Environment both = environment();
      ASSERT_TRUE(both.register_provider(FakeProvider::open_function(), "Fake").ok());
      fake.fails_at = entry;
      const auto session = Session::create(both, alternating());
      if (session.ok()) {
        const Value x = floats({4}, {1, -2, 3, 0.5f});
        const auto results = session->run(std::span<const Value>(&x, 1));
        EXPECT_FALSE(results.ok()) << entry;
        EXPECT_EQ(results.status().code(), ErrorCode::kDeviceLost)
            << entry << ": " << results.status().to_string();
        // The next run works once the device does.
        fake.fails_at.clear();
        const auto again = session->run(std::span<const Value>(&x, 1));
        ASSERT_TRUE(again.ok()) << entry << ": " << again.status().to_string();
        EXPECT_EQ(numbers_of((*again)[0]), (std::vector<float>{8, 0, 24, 4})) << entry;
      } else {
        EXPECT_EQ(session.status().code(), ErrorCode::kDeviceLost)
            << entry << ": " << session.status().to_string();
      }
      fake.fails_at.clear();
    }
    EXPECT_EQ(fake.live_contexts + fake.live_instances + fake.live_programs, 0) << entry;
    EXPECT_EQ(fake.live_buffers + fake.live_streams + fake.live_events, 0) << entry;
  }
}

TEST_F(TwoDevices, AFailedQueryLeavesTheDeviceWithoutNodesAndIsNoted) {
  FakeProvider fake;
  Environment both = environment();
  ASSERT_TRUE(both.register_provider(FakeProvider::open_function(), "Fake").ok());
  fake.fails_at = "query";
  const Session session = Session::create(both, alternating()).value();
  EXPECT_EQ(fake.runs, 0);
  EXPECT_NE(session.report().notes.at(0).find("query failed"), std::string::npos);
}

TEST_F(TwoDevices, ABrokenClaimIsPlacedOnTheNextDeviceAndNoted) {
  FakeProvider fake;
  fake.fails_at = "compile";
  fake.failure_code = BP_STATUS_UNSUPPORTED;
  Environment both = environment();
  ASSERT_TRUE(both.register_provider(FakeProvider::open_function(), "Fake").ok());
  const Session session = Session::create(both, alternating()).value();
  const Value x = floats({4}, {1, -2, 3, 0.5f});
  EXPECT_EQ(numbers_of(session.run(std::span<const Value>(&x, 1)).value()[0]),
            (std::vector<float>{8, 0, 24, 4}));
  EXPECT_EQ(fake.runs, 0);
  const SessionReport report = session.report();
  ASSERT_FALSE(report.notes.empty());
  EXPECT_NE(report.notes[0].find("claimed"), std::string::npos);
}

TEST_F(TwoDevices, RefusedShapesMoveToTheNextDevice) {
  FakeProvider fake;
  fake.fails_at = "specialize";
  fake.failure_code = BP_STATUS_UNSUPPORTED;
  Environment both = environment();
  ASSERT_TRUE(both.register_provider(FakeProvider::open_function(), "Fake").ok());
  const Session session = Session::create(both, alternating()).value();
  const Value x = floats({4}, {1, -2, 3, 0.5f});
  EXPECT_EQ(numbers_of(session.run(std::span<const Value>(&x, 1)).value()[0]),
            (std::vector<float>{8, 0, 24, 4}));
  EXPECT_NE(session.report().notes.at(0).find("refused the shapes"), std::string::npos);
}

}  // namespace
}  // namespace bp::test
