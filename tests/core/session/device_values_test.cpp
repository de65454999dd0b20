// Tensors in a device's memory: the fake provider's, which has no address and is reached by copies only.
#include "session_test_helper.hpp"

namespace bp::test {
namespace {

class DeviceValues : public SessionTest {
 protected:
  void SetUp() override { fake_.make_asynchronous(); }
  void TearDown() override { EXPECT_EQ(fake_.live_buffers + fake_.live_streams + fake_.live_events, 0); }

  Environment both(bool with_cpu) {
    Environment made = environment(with_cpu);
    EXPECT_TRUE(made.register_provider(FakeProvider::open_function(), "Fake").ok());
    return made;
  }
  Model relu() {
    GraphBuilder builder;
    builder.output(builder.node("Relu", {builder.input("x", {4})}, {4}, {}, "relu"));
    return model(builder);
  }
  Session session() { return Session::create(both(false), relu()).value(); }

  FakeProvider fake_;
};

TEST_F(DeviceValues, AreCopiedBothWaysAndBetweenDevices) {
  const Session session = this->session();
  const DeviceMemory memory = session.device_memory("Fake").value();
  EXPECT_EQ(memory.device(), "Fake:0");
  EXPECT_EQ(memory.name(), "Fake:0 opaque");
  EXPECT_FALSE(memory.is_host());

  const Value x = memory.copy_of(floats({2}, {1, -2})).value();
  EXPECT_EQ(x.memory(), "Fake:0 opaque");
  EXPECT_FALSE(x.is_on_host());
  EXPECT_EQ(x.data(), nullptr);
  EXPECT_EQ(numbers_of(x.to_host().value()), (std::vector<float>{1, -2}));

  Value second = memory.tensor(ElementType::kFloat32, {2}).value();
  ASSERT_TRUE(second.copy_from(x).ok());
  Value host = floats({2}, {0, 0});
  ASSERT_TRUE(host.copy_from(second).ok());
  EXPECT_EQ(numbers_of(host), (std::vector<float>{1, -2}));
  EXPECT_EQ(memory.tensor(ElementType::kFloat32, {0, 3}).value().to_host().value().count(), 0);
}

TEST_F(DeviceValues, SayWhatIsWrong) {
  const Session session = this->session();
  const DeviceMemory memory = session.device_memory("Fake:0").value();
  Value x = memory.copy_of(floats({2}, {1, -2})).value();
  EXPECT_EQ(x.as<float>().status().message(),
            "value float32[2] lies in 'Fake:0 opaque'; to_host() gives a copy that can be read");
  EXPECT_EQ(x.copy_from(floats({3}, {1, 2, 3})).message(), "copy: expected float32[2], found float32[3]");
  EXPECT_EQ(memory.tensor(ElementType::kString, {1}).status().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(memory.tensor(ElementType::kFloat32, {-1}).status().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(memory.wrap(ElementType::kFloat32, {2}, MemoryHandle::kClMem, 1).status().code(),
            ErrorCode::kUnimplemented);
  EXPECT_EQ(session.device_memory("Fak").status().message(), "the session has no device 'Fak'; it has Fake:0");
}

TEST_F(DeviceValues, GoInAndComeOutOfARunWithoutACopy) {
  const Session session = this->session();
  const DeviceMemory memory = session.device_memory("Fake").value();
  IoBinding binding = session.bind().value();
  ASSERT_TRUE(binding.bind_input("x", memory.copy_of(floats({4}, {1, -2, 3, -4})).value()).ok());
  ASSERT_TRUE(binding.bind_output(session.outputs()[0].name, memory).ok());
  ASSERT_TRUE(session.run(binding).ok());
  const Value result = binding.outputs()[0];
  EXPECT_EQ(result.memory(), "Fake:0 opaque");
  EXPECT_EQ(numbers_of(result.to_host().value()), (std::vector<float>{1, 0, 3, 0}));
  EXPECT_TRUE(session.report().copies.empty());

  // The same through run(), which brings its outputs to the host, and with memory of the caller's.
  const Value again = session.run(std::span<const Value>(&result, 1)).value()[0];
  EXPECT_EQ(numbers_of(again), (std::vector<float>{1, 0, 3, 0}));
  Value mine = memory.tensor(ElementType::kFloat32, {4}).value();
  ASSERT_TRUE(binding.bind_input("x", floats({4}, {-1, 5, -1, 6})).ok());
  ASSERT_TRUE(binding.bind_output(session.outputs()[0].name, mine).ok());
  ASSERT_TRUE(session.run(binding).ok());
  EXPECT_EQ(numbers_of(mine.to_host().value()), (std::vector<float>{0, 5, 0, 6}));
}

TEST_F(DeviceValues, ABoundRunIsEnqueuedAndWaitedForLater) {
  const Session session = this->session();
  const DeviceMemory memory = session.device_memory("Fake").value();
  IoBinding binding = session.bind().value();
  ASSERT_TRUE(binding.bind_input("x", memory.copy_of(floats({4}, {1, -2, 3, -4})).value()).ok());
  ASSERT_TRUE(binding.bind_output(session.outputs()[0].name, memory).ok());
  ASSERT_TRUE(session.run(binding).ok());
  fake_.fails_at = "wait";  // nothing waits before synchronize
  for (int run = 0; run < 3; ++run) ASSERT_TRUE(session.start(binding).ok());
  EXPECT_EQ(fake_.runs, 4);
  EXPECT_EQ(binding.synchronize().code(), ErrorCode::kDeviceLost);
  fake_.fails_at.clear();
  ASSERT_TRUE(session.start(binding).ok());
  ASSERT_TRUE(binding.synchronize().ok());
  ASSERT_TRUE(binding.synchronize().ok());
  EXPECT_EQ(numbers_of(binding.outputs()[0].to_host().value()), (std::vector<float>{1, 0, 3, 0}));
  // A run that nobody waits for is waited for where its memory goes.
  ASSERT_TRUE(session.start(binding).ok());
}

TEST_F(DeviceValues, OfAnotherSessionsDeviceAreRefused) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  const Environment environment = both(true);
  const Session on_fake = Session::create(environment, relu()).value();
  SessionOptions options;
  options.providers = {"CPU"};
  const Session on_cpu = Session::create(environment, relu(), options).value();
  const Value x = on_fake.device_memory("Fake").value().copy_of(floats({4}, {1, 2, 3, 4})).value();
  EXPECT_EQ(on_cpu.run(std::span<const Value>(&x, 1)).status().message(),
            "input 'x': float32[4] lies in 'Fake:0 opaque', which the session does not use; to_host() gives a "
            "copy for any session");
  const DeviceMemory host = on_cpu.device_memory("CPU").value();
  EXPECT_TRUE(host.is_host());
  EXPECT_EQ(host.tensor(ElementType::kFloat32, {4}).value().memory(), "host");
}

TEST_F(DeviceValues, MixWithThoseOfTheHostInOnePlan) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId positive = builder.node("Relu", {x}, {4}, {}, "relu");
  const ValueId negative = builder.node("Neg", {positive}, {4}, {}, "neg");
  builder.output(positive);
  builder.output(negative);
  builder.output(positive);
  const Session session = Session::create(both(true), model(builder)).value();
  const DeviceMemory memory = session.device_memory("Fake").value();
  const Value device = memory.copy_of(floats({4}, {1, -2, 3, -4})).value();
  // Every place for each output, whoever makes it.
  for (const bool positive_on_device : {false, true})
    for (const bool negative_on_device : {false, true}) {
      IoBinding binding = session.bind().value();
      ASSERT_TRUE(binding.bind_input("x", device).ok());
      const std::string& first = session.outputs()[0].name;
      const std::string& second = session.outputs()[1].name;
      if (positive_on_device) {
        ASSERT_TRUE(binding.bind_output(first, memory).ok());
      }
      if (negative_on_device) {
        ASSERT_TRUE(binding.bind_output(second, memory).ok());
      }
      for (int run = 0; run < 2; ++run) {
        ASSERT_TRUE(session.start(binding).ok());
        ASSERT_TRUE(binding.synchronize().ok());
        const std::vector<Value> results = binding.outputs();
        EXPECT_EQ(results[0].is_on_host(), !positive_on_device);
        EXPECT_EQ(results[1].is_on_host(), !negative_on_device);
        EXPECT_EQ(numbers_of(results[0].to_host().value()), (std::vector<float>{1, 0, 3, 0}));
        EXPECT_EQ(numbers_of(results[1].to_host().value()), (std::vector<float>{-1, 0, -3, 0}));
        EXPECT_EQ(numbers_of(results[2].to_host().value()), (std::vector<float>{1, 0, 3, 0}));
      }
    }
}

TEST_F(DeviceValues, AreMadeForOutputsWhoseDimsDependOnData) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  GraphBuilder builder;
  const ValueId x = builder.node("Relu", {builder.input("x", {4})}, {4}, {}, "relu");
  builder.output(
      builder.node("NonZero", {x}, GraphBuilder::tensor_type(ElementType::kInt64, {1, -1}), {}, "places"));
  const Session session = Session::create(both(true), model(builder)).value();
  const DeviceMemory memory = session.device_memory("Fake").value();
  IoBinding binding = session.bind().value();
  ASSERT_TRUE(binding.bind_output(session.outputs()[0].name, memory).ok());
  for (const auto& [numbers, places] :
       {std::pair<std::vector<float>, std::vector<int64_t>>{{1, -2, 3, -4}, {0, 2}}, {{0, 0, 0, 7}, {3}}}) {
    ASSERT_TRUE(binding.bind_input("x", floats({4}, numbers)).ok());
    ASSERT_TRUE(session.start(binding).ok());
    ASSERT_TRUE(binding.synchronize().ok());
    const Value result = binding.outputs()[0];
    EXPECT_EQ(result.memory(), "Fake:0 opaque");
    const Value host = result.to_host().value();
    const auto found = host.as<int64_t>().value();
    EXPECT_EQ(std::vector<int64_t>(found.begin(), found.end()), places);
  }
}

}  // namespace
}  // namespace bp::test
