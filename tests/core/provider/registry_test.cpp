#include "provider/registry.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "fixtures/providers/fake_provider.hpp"
#include "plugin_folder_helper.hpp"
#include "provider/cpu_features.hpp"
#include "provider/digest.hpp"
#include "provider/library.hpp"
#include "provider/read_file.hpp"

namespace bp::test {
namespace {

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() : services(HostServices::create({}, 0)) {
    services->set_log([](LogSeverity, std::string_view, std::string_view) {}, LogSeverity::kTrace);
  }

  std::unique_ptr<Registry> discover() {
    return std::move(*Registry::discover(services, only({folder.path().string()})));
  }
  // The fixture behind a manifest of its own, as the loader judges it.
  Outcome outcome_of(const std::string& fixture, const std::string& id, const std::string& more = {},
                     const std::string& rest = {}) {
    // A name of its own: the dynamic linker gives a name that it has loaded to whoever asks for it again.
    const std::string library = "lib" + std::to_string(++libraries) + ".so";
    folder.copy_library(fixture, library);
    return Registry::validate(services, folder.write_manifest("m.json", id, library, more, rest));
  }
  static void expect(const Outcome& outcome, OutcomeReason reason, const std::string& text) {
    EXPECT_EQ(outcome.state, OutcomeState::kRejected);
    EXPECT_EQ(outcome_reason_name(outcome.reason), outcome_reason_name(reason)) << outcome.text;
    EXPECT_NE(outcome.text.find(text), std::string::npos) << outcome.text;
  }

  PluginFolder folder;
  std::shared_ptr<HostServices> services;
  int libraries = 0;
};

TEST_F(RegistryTest, LoadsAGoodProviderWhenItIsAskedFor) {
  folder.copy_library("good", "libgood.so");
  folder.write_manifest("good.json", "fixture.good", "libgood.so", R"(, "arch": "x86_64", "os": "linux")");
  auto registry = discover();
  ASSERT_EQ(registry->outcomes().size(), 1U);
  EXPECT_EQ(registry->outcomes()[0].state, OutcomeState::kAvailable);
  auto device = registry->find_device("fixture.good:1");
  ASSERT_TRUE(device.ok()) << device.status().to_string();
  EXPECT_EQ((*device)->label(), "good:1");
  const Outcome outcome = registry->outcomes()[0];
  EXPECT_EQ(outcome.state, OutcomeState::kLoaded);
  EXPECT_EQ(outcome.library, folder / "libgood.so");
  EXPECT_TRUE(outcome.text.empty());
}

TEST_F(RegistryTest, AStaleManifestNamesTheFileAndStopsNobody) {
  folder.copy_library("good", "libgood.so");
  folder.write_manifest("a.json", "p.stale", "libgone.so");
  folder.write_manifest("b.json", "fixture.good", "libgood.so");
  auto registry = discover();
  EXPECT_EQ(registry->providers().size(), 1U);
  const auto outcomes = registry->outcomes();
  expect(outcomes[0], OutcomeReason::kFileMissing, "libgone.so cannot be found");
  EXPECT_EQ(outcomes[1].state, OutcomeState::kLoaded);
}

TEST_F(RegistryTest, WrongArchitecture) {
  const std::string library = folder.copy_library("good", "lib.so");
  {
    std::fstream file(library, std::ios::binary | std::ios::in | std::ios::out);
    const uint16_t machine = EM_S390;
    file.seekp(offsetof(Elf64_Ehdr, e_machine));
    file.write(reinterpret_cast<const char*>(&machine), sizeof machine);
  }
  const std::string manifest = folder.write_manifest("m.json", "fixture.good", "lib.so");
  expect(Registry::validate(services, manifest), OutcomeReason::kWrongArchitecture, "built for s390x");
  expect(outcome_of("good", "fixture.good", R"(, "arch": "mips")"), OutcomeReason::kWrongArchitecture, "mips");
  expect(outcome_of("good", "fixture.good", R"(, "os": "plan9")"), OutcomeReason::kWrongOs, "plan9");
}

TEST_F(RegistryTest, Truncated) {
  const std::string library = folder.copy_library("good", "lib.so");
  const std::string manifest = folder.write_manifest("m.json", "fixture.good", "lib.so");
  std::filesystem::resize_file(library, std::filesystem::file_size(library) / 4);
  expect(Registry::validate(services, manifest), OutcomeReason::kTruncated, "");
  std::filesystem::resize_file(library, 0);
  expect(Registry::validate(services, manifest), OutcomeReason::kTruncated, "empty");
  folder.write("lib.so", "this is a text file and no library at all, which is longer than sixty-four bytes");
  expect(Registry::validate(services, manifest), OutcomeReason::kLoadFailed, "no ELF file");
}

TEST_F(RegistryTest, MissingDependenciesAreAllNamedWithTheirHints) {
  const Outcome outcome = outcome_of("needs", "fixture.needs", "",
                                     R"(, "requires": {"shared_libraries": [
                                       {"soname": "libfixture_absent.so.4", "hint": "install the absent runtime"},
                                       {"soname": "libfixture_later.so.2", "hint": "and the later one"}]})");
  expect(outcome, OutcomeReason::kDependencyMissing, "libfixture_absent.so.4 (install the absent runtime)");
  expect(outcome, OutcomeReason::kDependencyMissing, "libfixture_later.so.2 (and the later one)");
}

TEST_F(RegistryTest, NeedsOfNeedsAreFollowed) {
  std::filesystem::create_directory(folder.path() / "elsewhere");
  std::filesystem::copy_file(fixture_library("good").parent_path() / "elsewhere/libfixture_middle.so.4",
                             folder / "elsewhere/libfixture_middle.so.4");
  expect(outcome_of("needs_needs", "fixture.needsneeds"), OutcomeReason::kDependencyMissing,
         "libfixture_absent.so.4, needed by " + (folder / "elsewhere/libfixture_middle.so.4"));
}

TEST_F(RegistryTest, OddLibrariesHaveTheirReasons) {
  expect(outcome_of("no_symbol", "fixture.symbol"), OutcomeReason::kSymbolMissing, "bp_provider_open_v1");
  expect(outcome_of("newer", "fixture.newer"), OutcomeReason::kAbiRange, "minor version");
  expect(outcome_of("wrong_minor", "fixture.minor"), OutcomeReason::kAbiRange, "1.9");
  expect(outcome_of("null_function", "fixture.null"), OutcomeReason::kMandatoryNull, "program.compile");
  expect(outcome_of("open_fails", "fixture.open"), OutcomeReason::kOpenFailed,
         "the fixture's driver is asleep");
  expect(outcome_of("no_device", "fixture.nodevice"), OutcomeReason::kNoDevice,
         "no fixture board is plugged in");
  expect(outcome_of("good", "fixture.else"), OutcomeReason::kIdMismatch, "fixture.good");
  expect(outcome_of("undefined", "fixture.undefined"), OutcomeReason::kLoadFailed, "fixture_nowhere");
}

TEST_F(RegistryTest, DigestsAreChecked) {
  folder.copy_library("good", "lib.so");
  const auto bytes = read_small_file(folder / "lib.so", uint64_t{1} << 28);
  const std::string digest = sha256_hex(std::as_bytes(std::span(*bytes)));
  EXPECT_EQ(outcome_of("good", "fixture.good", R"(, "sha256": ")" + digest + "\"").state,
            OutcomeState::kLoaded);
  expect(outcome_of("wide", "fixture.good", R"(, "sha256": ")" + digest + "\""), OutcomeReason::kDigestWrong,
         digest);
}

TEST_F(RegistryTest, LinksOutOfTheFolderAreRefused) {
  PluginFolder outside;
  outside.copy_library("good", "lib.so");
  std::filesystem::create_symlink(outside / "lib.so", folder / "lib.so");
  const std::string manifest = folder.write_manifest("m.json", "fixture.good", "lib.so");
  expect(Registry::validate(services, manifest), OutcomeReason::kInsecurePath, "leads out of");
  // A link inside the folder is how libraries are versioned.
  folder.copy_library("good", "real/lib.so.1");
  std::filesystem::remove(folder / "lib.so");
  std::filesystem::create_symlink("real/lib.so.1", folder / "lib.so");
  EXPECT_EQ(Registry::validate(services, manifest).state, OutcomeState::kLoaded);
}

TEST_F(RegistryTest, ALibraryInASystemFolderThatOthersCanWriteIsRefused) {
  folder.copy_library("good", "etc/lib.so");
  folder.write_manifest("etc/m.json", "fixture.good", "lib.so");
  DiscoveryOptions options = only({});
  options.use_default_places = true;
  options.secure_mode = false;
  options.core_folder = folder / "core";
  options.system_folder = folder / "etc";
  ASSERT_EQ(::chmod((folder / "etc/lib.so").c_str(), 0777), 0);
  auto registry = std::move(*Registry::discover(services, options));
  auto device = registry->find_device("fixture.good");
  ASSERT_FALSE(device.ok());
  EXPECT_NE(device.status().message().find("INSECURE_PATH"), std::string::npos) << device.status().message();
}

TEST_F(RegistryTest, VariantsFollowTheCpu) {
  Manifest manifest;
  manifest.library.path = "base";
  manifest.variants.resize(2);
  manifest.variants[0].path = "wide";
  manifest.variants[0].priority = 30;
  manifest.variants[0].cpu_features = {"avx512f", "avx512bw"};
  manifest.variants[1].path = "middle";
  manifest.variants[1].priority = 10;
  manifest.variants[1].cpu_features = {"avx2"};
  EXPECT_EQ(choose_library(manifest, {})->path, "base");
  EXPECT_EQ(choose_library(manifest, {"avx2", "avx512f"})->path, "middle");
  EXPECT_EQ(choose_library(manifest, {"avx2", "avx512f", "avx512bw"})->path, "wide");
  manifest.library.cpu_features = {"avx2"};
  EXPECT_EQ(choose_library(manifest, {"sse2"}), nullptr);
}

TEST_F(RegistryTest, TheChosenVariantIsLoaded) {
  const auto features = read_cpu_features();
  if (features.empty()) GTEST_SKIP() << "this machine tells no CPU features";
  folder.copy_library("wide", "wide.so");
  const std::string variants = R"(, "variants": [
    {"path": "none.so", "priority": 90, "requires": {"cpu": ["a_feature_of_tomorrow"]}},
    {"path": "wide.so", "priority": 30, "requires": {"cpu": [")" +
                               *features.begin() + R"("]}}])";
  const Outcome outcome = outcome_of("good", "fixture.good", "", variants);
  EXPECT_EQ(outcome.state, OutcomeState::kLoaded) << outcome.text;
  EXPECT_EQ(outcome.library, folder / "wide.so");
  EXPECT_EQ(outcome.version, "1.0.0-wide");
}

TEST_F(RegistryTest, SelectsByIdWordNameKindAndIndex) {
  folder.copy_library("good", "libgood.so");
  folder.write("good.json", R"({"manifest_version": "1.0", "provider": {"id": "fixture.good", "version": "1",
    "name": "Board"}, "abi": {"major": 1}, "library": {"path": "libgood.so"}, "hints": {"device_kinds": ["npu"]}})");
  auto registry = discover();
  for (const char* selector : {"fixture.good", "GOOD", "board", "npu", "Npu:1", "Board:0"}) {
    auto devices = registry->find_devices(selector);
    ASSERT_TRUE(devices.ok()) << selector << ": " << devices.status().to_string();
    EXPECT_EQ(devices->size(), std::strchr(selector, ':') == nullptr ? 2U : 1U) << selector;
  }
  EXPECT_EQ((*registry->find_device("npu:1"))->info().index, 1U);
  const Status beyond = registry->find_device("board:2").status();
  EXPECT_EQ(beyond.code(), ErrorCode::kNotFound);
  EXPECT_NE(beyond.message().find("has 2"), std::string::npos);
  const Status typo = registry->find_device("boart").status();
  EXPECT_NE(typo.message().find("did you mean 'Board'?"), std::string::npos) << typo.message();
  // No hint says that it could be a GPU: it is not even asked.
  EXPECT_EQ(registry->find_device("gpu").status().code(), ErrorCode::kNotFound);
}

TEST_F(RegistryTest, WhatWasAskedForAndCannotBeUsedSaysWhy) {
  folder.copy_library("no_device", "lib.so");
  folder.write_manifest("m.json", "fixture.nodevice", "lib.so");
  auto registry = discover();
  const Status status = registry->find_device("fixture.nodevice").status();
  EXPECT_EQ(status.code(), ErrorCode::kNotFound);
  EXPECT_NE(status.message().find("NO_DEVICE"), std::string::npos);
  EXPECT_NE(status.message().find("no fixture board is plugged in"), std::string::npos);
}

TEST_F(RegistryTest, OrderIsRegisteredThenPriorityThenDiscovery) {
  folder.copy_library("good", "a.so");
  folder.copy_library("wide", "b.so");
  folder.write_manifest("a.json", "fixture.good", "a.so");
  FakeProvider fake;
  auto registry = discover();
  ASSERT_TRUE(registry->register_provider({FakeProvider::open_function(), "Fake"}).ok());
  const auto providers = registry->providers();
  ASSERT_EQ(providers.size(), 2U);
  EXPECT_EQ(providers[0]->id(), "test.fake");
  EXPECT_EQ(registry->outcomes()[0].rule, "registered");
  EXPECT_EQ(registry->devices().size(), 3U);
  EXPECT_EQ((*registry->find_device("Fake"))->provider_id(), "test.fake");
  // A second one of the same id is refused.
  EXPECT_EQ(registry->register_provider({FakeProvider::open_function(), "Fake"}).code(),
            ErrorCode::kInvalidArgument);
}

TEST_F(RegistryTest, ARegisteredProviderShadowsItsManifest) {
  folder.copy_library("good", "a.so");
  folder.write_manifest("a.json", "test.fake", "a.so");
  FakeProvider fake;
  auto registry = discover();
  ASSERT_TRUE(registry->register_provider({FakeProvider::open_function(), ""}).ok());
  EXPECT_EQ(registry->outcomes()[1].state, OutcomeState::kShadowed);
  EXPECT_EQ(registry->providers().size(), 1U);
}

TEST_F(RegistryTest, DevicesOutliveTheRegistry) {
  FakeProvider fake;
  std::shared_ptr<Device> device;
  {
    auto registry = discover();
    ASSERT_TRUE(registry->register_provider({FakeProvider::open_function(), ""}).ok());
    device = *registry->find_device("fake");
  }
  services.reset();
  // Nor do the services go: the provider may ask for them as long as it lives.
  EXPECT_EQ(fake.host->parallel_for(
                fake.host, 1, 1, [](void*, uint64_t, uint64_t) -> bp_status { return nullptr; }, nullptr),
            nullptr);
  EXPECT_EQ(fake.closed, 0);
  EXPECT_TRUE(device->allocate(kHostMemory, 64).ok());
  device.reset();
  EXPECT_EQ(fake.closed, 1);
}

TEST_F(RegistryTest, OnlyWhatSaysSoIsUnloaded) {
  const auto is_loaded = [&](const std::string& name) {
    void* handle = ::dlopen((folder / name).c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle != nullptr) ::dlclose(handle);
    return handle != nullptr;
  };
  folder.copy_library("unloads", "libunloads.so");
  folder.copy_library("good", "libstays.so");
  folder.write_manifest("a.json", "fixture.unloads", "libunloads.so");
  folder.write_manifest("b.json", "fixture.good", "libstays.so");
  std::shared_ptr<Device> device;
  {
    auto registry = discover();
    ASSERT_EQ(registry->providers().size(), 2U);
    device = *registry->find_device("unloads");
  }
  EXPECT_TRUE(is_loaded("libunloads.so"));
  device.reset();
  EXPECT_FALSE(is_loaded("libunloads.so"));
  EXPECT_TRUE(is_loaded("libstays.so"));
}

TEST_F(RegistryTest, NothingThereIsSaid) {
  const Status status = discover()->find_device("cpu").status();
  EXPECT_NE(status.message().find("there is no provider at all"), std::string::npos) << status.message();
}

}  // namespace
}  // namespace bp::test
