// Sessions on the CPU provider: inputs and their errors, bound runs, shapes, options.
#include "session_test_helper.hpp"

#include <atomic>
#include <thread>

namespace bp::test {
namespace {

class CpuSession : public SessionTest {
 protected:
  void SetUp() override {
    if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  }
  // y = Relu(x) + x, x: float32[N,3].
  Model add_model() {
    GraphBuilder builder;
    const ValueId x =
        builder.input("x", ValueType::tensor(ElementType::kFloat32, {builder.symbol("N"), Dim::of(3)}));
    const ValueType type = builder.graph().value(x).type;
    builder.output(builder.node("Add", {builder.node("Relu", {x}, type), x}, type, {}, "y"));
    return model(builder);
  }
};

TEST_F(CpuSession, RunsByNameAndByPosition) {
  const Session session = Session::create(environment(), add_model()).value();
  const Value x = floats({1, 3}, {1, -2, 3});
  const std::vector<NamedValue> named = {{"x", x}};
  EXPECT_EQ(numbers_of(session.run(std::span<const NamedValue>(named)).value()[0]),
            (std::vector<float>{2, -2, 6}));
  EXPECT_EQ(numbers_of(session.run(std::span<const Value>(&x, 1)).value()[0]), (std::vector<float>{2, -2, 6}));
}

TEST_F(CpuSession, SettlesEachShapeOnce) {
  const Session session = Session::create(environment(), add_model()).value();
  for (const int64_t rows : {1, 4, 1, 4, 0}) {
    const Value x =
        Value::copy_of<float>({rows, 3}, std::vector<float>(static_cast<size_t>(rows) * 3, 1.5f)).value();
    const auto results = session.run(std::span<const Value>(&x, 1)).value();
    EXPECT_EQ(results[0].dims(), (std::vector<int64_t>{rows, 3}));
    for (const float number : numbers_of(results[0])) EXPECT_EQ(number, 3.0f);
  }
  EXPECT_EQ(session.report().specializations, 3u);
}

TEST_F(CpuSession, WrongInputsAreToldWithWhatWasExpected) {
  const Session session = Session::create(environment(), add_model()).value();
  const auto error = [&](const std::string& name, const Value& value) {
    const std::vector<NamedValue> named = {{name, value}};
    return session.run(std::span<const NamedValue>(named)).status();
  };
  EXPECT_EQ(error("xx", floats({1, 3}, {1, 2, 3})).code(), ErrorCode::kNotFound);
  EXPECT_NE(error("xx", floats({1, 3}, {1, 2, 3})).message().find("'x'"), std::string::npos);
  EXPECT_NE(error("x", floats({3}, {1, 2, 3})).message().find("float32[N,3], is float32[3]"),
            std::string::npos);
  EXPECT_EQ(error("x", floats({1, 2}, {1, 2})).code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(error("x", Value::tensor(ElementType::kInt64, {1, 3}).value()).message().find("int64"),
            std::string::npos);
  EXPECT_NE(session.run(std::span<const Value>{}).status().message().find("'x'"), std::string::npos);
}

TEST_F(CpuSession, BoundRunsReadAndWriteTheCallersMemory) {
  const Session session = Session::create(environment(), add_model()).value();
  IoBinding binding = session.bind().value();
  Value x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  Value y = Value::tensor(ElementType::kFloat32, {2, 3}).value();
  ASSERT_TRUE(binding.bind_input("x", x).ok());
  ASSERT_TRUE(binding.bind_output("y", y).ok());
  ASSERT_TRUE(session.run(binding).ok());
  EXPECT_EQ(numbers_of(y), (std::vector<float>{2, 4, 6, 8, 10, 12}));
  static_cast<float*>(x.mutable_data())[0] = -1;
  ASSERT_TRUE(session.run(binding).ok());
  EXPECT_EQ(numbers_of(y)[0], -1.0f);
  ASSERT_TRUE(binding.bind_output("y", Value::tensor(ElementType::kFloat32, {1, 3}).value()).ok());
  EXPECT_EQ(session.run(binding).code(), ErrorCode::kInvalidArgument);
}

TEST_F(CpuSession, BoundOutputsAreMadeByTheSessionWhenNoneIsGiven) {
  const Session session = Session::create(environment(), add_model()).value();
  IoBinding binding = session.bind().value();
  EXPECT_FALSE(session.run(binding).ok());
  ASSERT_TRUE(binding.bind_input("x", floats({1, 3}, {1, 2, 3})).ok());
  ASSERT_TRUE(session.run(binding).ok());
  EXPECT_EQ(numbers_of(binding.output("y").value()), (std::vector<float>{2, 4, 6}));
}

TEST_F(CpuSession, UnalignedInputsAreCopiedOnce) {
  const Session session = Session::create(environment(), add_model()).value();
  alignas(64) float memory[8] = {0, 1, 2, 3};
  const Value x = Value::borrow(ElementType::kFloat32, {1, 3}, memory + 1, 12).value();
  for (int run = 0; run < 2; ++run)
    EXPECT_EQ(numbers_of(session.run(std::span<const Value>(&x, 1)).value()[0]), (std::vector<float>{2, 4, 6}));
}

TEST_F(CpuSession, OneSessionServesManyThreads) {
  const Session session = Session::create(environment(), add_model()).value();
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      for (int run = 0; run < 200; ++run) {
        const auto rows = static_cast<int64_t>(1 + (caller + run) % 3);
        const auto number = static_cast<float>(caller + 1);
        const Value x =
            Value::copy_of<float>({rows, 3}, std::vector<float>(static_cast<size_t>(rows) * 3, number)).value();
        const auto results = session.run(std::span<const Value>(&x, 1));
        if (!results.ok()) {
          ++wrong;
          continue;
        }
        for (const float result : numbers_of((*results)[0])) wrong += result == 2 * number ? 0 : 1;
      }
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST_F(CpuSession, CancelAndTimeoutEndARun) {
  const Session session = Session::create(environment(), add_model()).value();
  const Value x = floats({1, 3}, {1, 2, 3});
  std::atomic<bool> cancel{true};
  RunOptions options;
  options.cancel = &cancel;
  EXPECT_EQ(session.run(std::span<const Value>(&x, 1), options).status().code(), ErrorCode::kCancelled);
  options = {};
  options.timeout_ns = 0;
  options.log_tag = "request 7";
  const Status late = session.run(std::span<const Value>(&x, 1), options).status();
  EXPECT_EQ(late.code(), ErrorCode::kTimeout);
  EXPECT_NE(late.message().find("request 7"), std::string::npos);
  EXPECT_TRUE(session.run(std::span<const Value>(&x, 1)).ok());
}

TEST_F(CpuSession, FixedDimsAndRangesAreChecked) {
  SessionOptions options;
  options.fixed_dims["N"] = 2;
  const Session session = Session::create(environment(), add_model(), options).value();
  EXPECT_EQ(session.inputs()[0].type, "float32[2,3]");
  EXPECT_EQ(session.report().specializations, 1u);  // settled at creation
  options.fixed_dims = {{"M", 2}};
  EXPECT_EQ(Session::create(environment(), add_model(), options).status().code(), ErrorCode::kNotFound);
  options.fixed_dims.clear();
  options.shape_ranges["x"] = {{1, 3}, {9, 3}, {4, 3}};
  EXPECT_NE(Session::create(environment(), add_model(), options).status().message().find("min <= opt <= max"),
            std::string::npos);
}

TEST_F(CpuSession, OptionsAndProvidersThatDoNotExistAreErrors) {
  SessionOptions options;
  options.providers = {"cudda"};
  EXPECT_EQ(Session::create(environment(), add_model(), options).status().code(), ErrorCode::kNotFound);
  options.providers = {"cpu"};
  options.options["cpu.no_such_option"] = "1";
  EXPECT_FALSE(Session::create(environment(), add_model(), options).ok());
  options.options = {{"acme.fast", "1"}};
  EXPECT_NE(Session::create(environment(), add_model(), options).status().message().find("backplane.cpu"),
            std::string::npos);
}

TEST_F(CpuSession, MemoryLimitIsKept) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {1000, 1000});
  ValueId y = builder.node("Exp", {x}, {1000, 1000});
  y = builder.node("MatMul", {y, x}, {1000, 1000});
  builder.output(builder.node("MatMul", {y, y}, {1000, 1000}));
  const Model big = model(builder);
  SessionOptions options;
  options.memory_limit_bytes = 1 << 20;
  const Status refused = Session::create(environment(), big, options).status();
  EXPECT_EQ(refused.code(), ErrorCode::kOutOfHostMemory);
  EXPECT_NE(refused.message().find("1048576"), std::string::npos);
}

TEST_F(CpuSession, SavedModelGivesTheSameResults) {
  const Session session = Session::create(environment(), add_model()).value();
  const std::string path = ::testing::TempDir() + "backplane_saved.onnx";
  ASSERT_TRUE(session.save_optimized_model(path).ok());
  const Session again = Session::create(environment(), path).value();
  const Value x = floats({1, 3}, {1, -2, 3});
  EXPECT_EQ(numbers_of(again.run(std::span<const Value>(&x, 1)).value()[0]), (std::vector<float>{2, -2, 6}));
  EXPECT_EQ(session.save_optimized_model("/no/such/folder/model.onnx").code(), ErrorCode::kIo);
  std::filesystem::remove(path);
}

// A provider that takes every node is not asked about this one.
TEST_F(SessionTest, TypesThatDoNotFitOnceInferredAreToldBeforeAProviderIsAsked) {
  FakeProvider fake;
  int queries = 0;
  fake.on_query = [&](const bp_graph*, bp_array, const bp_verdict_sink*) -> bp_status {
    ++queries;
    return nullptr;
  };
  Environment only_fake = environment(false);
  ASSERT_TRUE(only_fake.register_provider(FakeProvider::open_function(), "Fake").ok());
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId floats = builder.node("Relu", {x}, ValueType{}, {}, "floats");
  const ValueId ints = builder.node("Cast", {x}, ValueType{}, {{"to", int64_t{7}}}, "ints");
  const ValueId sum = builder.node("Add", {floats, ints}, ValueType{}, {}, "sum");
  builder.output(builder.node("Identity", {sum}, {4}, {}, "y"));
  const Model mixed = model(builder);
  const Status status = Session::create(only_fake, mixed).status();
  EXPECT_EQ(status.code(), ErrorCode::kInvalidModel);
  EXPECT_NE(status.message().find("Add 'sum': input 1 ('B', value 'ints') must have the type of input 0, which "
                                  "is float32[4], but is int64[4]"),
            std::string::npos)
      << status.message();
  EXPECT_EQ(queries, 0);
}

TEST_F(SessionTest, WithoutAProviderTheNodeAndThePlacesAreNamed) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  builder.output(builder.node("Relu", {x}, {4}, {}, "y"));
  const Model relu = model(builder);
  const Status status = Session::create(environment(false), relu).status();
  EXPECT_EQ(status.code(), ErrorCode::kUnsupported);
  EXPECT_NE(status.message().find("Relu 'y'"), std::string::npos);
  EXPECT_NE(status.message().find("no manifest of a provider was found"), std::string::npos);
}

}  // namespace
}  // namespace bp::test
