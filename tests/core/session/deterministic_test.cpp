// Sessions that must give the same bits: which devices take part, and what their providers are told.
#include <cstdint>
#include <vector>

#include "session_test_helper.hpp"

namespace bp::test {
namespace {

class DeterministicSession : public SessionTest {
 protected:
  Model relu() {
    GraphBuilder builder;
    builder.output(builder.node("Relu", {builder.input("x", {4})}, {4}, {}, "y"));
    return model(builder);
  }
  static SessionOptions deterministic() {
    SessionOptions options;
    options.deterministic = true;
    return options;
  }
  static bp_option_info flag(std::string_view name) {
    bp_option_info info{};
    info.struct_size = BP_STRUCT_SIZE(bp_option_info, choices);
    info.kind = BP_OPTION_BOOL;
    info.name = abi_text(name);
    info.text = abi_text("A flag.");
    return info;
  }
};

TEST_F(DeterministicSession, AProviderWithTheOptionIsToldSo) {
  FakeProvider fake;
  fake.options = {flag("other"), flag(BP_OPTION_NAME_DETERMINISTIC)};
  fake.table.options = bp_array{fake.options.data(), fake.options.size(), sizeof(bp_option_info)};
  std::vector<int64_t> told;
  fake.on_compile = [&](const bp_compile_args* args) -> bp_status {
    const auto* options = static_cast<const bp_option*>(args->options.data);
    for (uint64_t i = 0; i < args->options.count; ++i) {
      const std::string_view name(options[i].name.data, options[i].name.size);
      if (name == BP_OPTION_NAME_DETERMINISTIC) told.push_back(options[i].int_value);
    }
    return nullptr;
  };
  {
    Environment own = environment(false);
    ASSERT_TRUE(own.register_provider(FakeProvider::open_function(), "Fake").ok());
    SessionOptions options = deterministic();
    options.options["Fake.deterministic"] = "false";  // the session's wish stands above
    ASSERT_TRUE(Session::create(own, relu(), options).ok());
    options = {};
    ASSERT_TRUE(Session::create(own, relu(), options).ok());
  }
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0], 1);
  EXPECT_EQ(told.size(), 1u);  // nothing is said without the wish
}

TEST_F(DeterministicSession, ADeviceThatPromisesNothingIsLeftOutOrRefused) {
  FakeProvider fake;
  fake.device_info.flags &= ~BP_DEVICE_DETERMINISTIC;
  Environment own = environment(false);
  ASSERT_TRUE(own.register_provider(FakeProvider::open_function(), "Fake").ok());
  SessionOptions options = deterministic();
  EXPECT_FALSE(Session::create(own, relu(), options).ok());
  options.providers = {"Fake"};
  const Status refused = Session::create(own, relu(), options).status();
  EXPECT_EQ(refused.code(), ErrorCode::kUnsupported);
  EXPECT_NE(refused.message().find("deterministic"), std::string::npos) << refused.message();
}

TEST_F(DeterministicSession, RunsOnTheCpu) {
  if (!has_cpu()) GTEST_SKIP() << "the CPU provider is not built";
  const Session session = Session::create(environment(), relu(), deterministic()).value();
  const Value x = floats({4}, {1, -2, 3, -4});
  EXPECT_EQ(numbers_of(session.run(std::span<const Value>(&x, 1)).value()[0]),
            (std::vector<float>{1, 0, 3, 0}));
}

}  // namespace
}  // namespace bp::test
