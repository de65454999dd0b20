#include "provider/provider.hpp"

#include <functional>

#include "provider_test_helper.hpp"

namespace bp::test {
namespace {

using ProviderOpen = ProviderTest;

TEST_F(ProviderOpen, ReadsIdentityDevicesAndOptions) {
  bp_option_info option{};
  option.struct_size = BP_STRUCT_SIZE(bp_option_info, choices);
  option.kind = BP_OPTION_INT;
  option.name = abi_text("threads");
  option.int_min = 1;
  option.int_max = 8;
  option.int_default = 2;
  fake.options.push_back(option);
  fake.device_count = 2;
  auto provider = try_open();
  ASSERT_TRUE(provider.ok()) << provider.status().to_string();
  EXPECT_EQ((*provider)->id(), "test.fake");
  EXPECT_EQ((*provider)->version(), "1.2.3");
  EXPECT_EQ((*provider)->canonical_level(), 22);
  EXPECT_FALSE((*provider)->can_save());
  ASSERT_EQ((*provider)->devices().size(), 2U);
  const Device& second = *(*provider)->devices()[1];
  EXPECT_EQ(second.label(), "Fake:1");
  EXPECT_TRUE(second.info().synchronous);
  EXPECT_EQ(second.info().preferred_memory().alignment, 64U);
  ASSERT_EQ((*provider)->options().size(), 1U);
  EXPECT_EQ(std::get<int64_t>((*provider)->options()[0].default_value), 2);
  EXPECT_EQ(misbehaviours(), 0U);
}

TEST_F(ProviderOpen, ClosesAfterTheLastObject) {
  std::shared_ptr<Device> device = open_device();
  EXPECT_EQ(fake.closed, 0);
  device.reset();
  EXPECT_EQ(fake.closed, 1);
}

TEST_F(ProviderOpen, ReportsTheLogLineOfAFailedOpen) {
  fake.fails_at = "open";
  OpenFailure failure = OpenFailure::kNone;
  auto provider = try_open(&failure);
  ASSERT_FALSE(provider.ok());
  EXPECT_EQ(failure, OpenFailure::kOpenFailed);
  EXPECT_EQ(provider.status().code(), ErrorCode::kDeviceLost);
  expect_contains(provider.status().message(), "the driver is too old");
  EXPECT_EQ(fake.closed, 0);
}

TEST_F(ProviderOpen, AnIncompatibleRangeIsTold) {
  fake.fails_at = "open";
  fake.failure_code = BP_STATUS_INCOMPATIBLE;
  OpenFailure failure = OpenFailure::kNone;
  EXPECT_FALSE(try_open(&failure).ok());
  EXPECT_EQ(failure, OpenFailure::kAbiRange);
}

TEST_F(ProviderOpen, NoDeviceCarriesTheProvidersReason) {
  fake.device_count = 0;
  OpenFailure failure = OpenFailure::kNone;
  auto provider = try_open(&failure);
  ASSERT_FALSE(provider.ok());
  EXPECT_EQ(failure, OpenFailure::kNoDevice);
  expect_contains(provider.status().message(), "the board is not plugged in");
  EXPECT_EQ(fake.closed, 1);
}

TEST_F(ProviderOpen, RefusesAnotherIdThanTheManifests) {
  OpenArgs args;
  args.open = FakeProvider::open_function();
  args.expected_id = "com.other";
  OpenFailure failure = OpenFailure::kNone;
  EXPECT_FALSE(Provider::open(services, std::move(args), &failure).ok());
  EXPECT_EQ(failure, OpenFailure::kIdMismatch);
}

// Everything that a table may lack or say wrong: a refusal with a reason, not a crash.
struct BadTable {
  const char* name;
  std::function<void(FakeProvider&)> spoil;
  OpenFailure failure;
  const char* text;
};

TEST_F(ProviderOpen, RefusesBadTables) {
  const std::vector<BadTable> cases = {
      {"no close", [](FakeProvider& f) { f.table.close = nullptr; }, OpenFailure::kMandatoryNull, "close"},
      {"no id", [](FakeProvider& f) { f.id.clear(); }, OpenFailure::kMandatoryNull, "id"},
      {"odd id", [](FakeProvider& f) { f.id = "a b"; }, OpenFailure::kMandatoryNull, "id"},
      {"no devices", [](FakeProvider& f) { f.table.device = nullptr; }, OpenFailure::kMandatoryNull, "devices"},
      {"no programs", [](FakeProvider& f) { f.table.program = nullptr; }, OpenFailure::kMandatoryNull,
       "programs"},
      {"no query", [](FakeProvider& f) { f.capability_api.query = nullptr; }, OpenFailure::kMandatoryNull,
       "capability.query"},
      {"no run", [](FakeProvider& f) { f.program_api.run = nullptr; }, OpenFailure::kMandatoryNull,
       "program.run"},
      {"short table",
       [](FakeProvider& f) { f.program_api.struct_size = BP_STRUCT_SIZE(bp_program_api, create_context); },
       OpenFailure::kMandatoryNull, "program.release_context"},
      {"newer minor", [](FakeProvider& f) { f.table.abi_minor = 9; }, OpenFailure::kAbiRange, "1.9"},
      {"async without streams",
       [](FakeProvider& f) {
         f.make_asynchronous();
         f.table.stream = nullptr;
       },
       OpenFailure::kMandatoryNull, "stream.create"},
      {"own memory without a table",
       [](FakeProvider& f) {
         f.make_asynchronous();
         f.table.memory = nullptr;
       },
       OpenFailure::kMandatoryNull, "memory.allocate"},
      {"saving by half",
       [](FakeProvider& f) {
         f.make_saving();
         f.artifact_api.check_artifact = nullptr;
       },
       OpenFailure::kMandatoryNull, "artifact.check_artifact"},
      {"no memory kinds", [](FakeProvider& f) { f.memory_kinds.clear(); }, OpenFailure::kOpenFailed,
       "memory kinds"},
      {"odd alignment", [](FakeProvider& f) { f.memory_kinds[0].alignment = 48; }, OpenFailure::kOpenFailed,
       "48"},
      {"one kind twice", [](FakeProvider& f) { f.memory_kinds.push_back(f.memory_kinds[0]); },
       OpenFailure::kOpenFailed, "twice"},
      {"too many devices", [](FakeProvider& f) { f.device_count = 100000; }, OpenFailure::kOpenFailed,
       "100000"},
      {"NULL device", [](FakeProvider& f) { f.returns_null_at = "list"; }, OpenFailure::kOpenFailed, "NULL"},
      {"NULL provider", [](FakeProvider& f) { f.returns_null_at = "open"; }, OpenFailure::kMandatoryNull,
       "no provider"},
      {"a throwing open", [](FakeProvider& f) { f.throws_at = "open"; }, OpenFailure::kOpenFailed,
       "thrown in open"},
      {"a throwing list", [](FakeProvider& f) { f.throws_at = "list"; }, OpenFailure::kOpenFailed,
       "thrown in list"},
      {"unknown code",
       [](FakeProvider& f) {
         f.fails_at = "open";
         f.failure_code = 77;
       },
       OpenFailure::kOpenFailed, "77"},
      {"malformed options",
       [](FakeProvider& f) {
         bp_option_info option{};
         option.struct_size = BP_STRUCT_SIZE(bp_option_info, choices);
         option.kind = 9;
         option.name = abi_text("x");
         f.options.push_back(option);
       },
       OpenFailure::kOpenFailed, "option 0"},
  };
  for (const BadTable& bad : cases) {
    SCOPED_TRACE(bad.name);
    FakeProvider spoiled;
    bad.spoil(spoiled);
    OpenFailure failure = OpenFailure::kNone;
    const size_t before = misbehaviours();
    auto provider = try_open(&failure);
    ASSERT_FALSE(provider.ok());
    EXPECT_EQ(failure, bad.failure);
    expect_contains(provider.status().message(), bad.text);
    EXPECT_EQ(misbehaviours(), before + 1);
  }
}

TEST_F(ProviderOpen, ErrorsAtListAndInfoName) {
  for (const char* entry : {"list", "info"}) {
    FakeProvider failing;
    failing.fails_at = entry;
    auto provider = try_open();
    ASSERT_FALSE(provider.ok());
    EXPECT_EQ(provider.status().code(), ErrorCode::kDeviceLost);
    expect_contains(provider.status().message(), "test.fake");
    expect_contains(provider.status().message(), "failed on purpose [provider's code 700]");
    EXPECT_EQ(failing.closed, 1);
  }
}

}  // namespace
}  // namespace bp::test
