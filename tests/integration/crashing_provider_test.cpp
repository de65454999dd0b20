// A provider that ends the process while it is opened becomes an outcome, when the tool loads it elsewhere
// first.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "backplane/backplane.hpp"
#include "support/paths.hpp"

namespace bp::test {
namespace {

namespace fs = std::filesystem;

class CrashingProvider : public testing::Test {
 protected:
  CrashingProvider() : folder_(fs::path(testing::TempDir()) / ("crashing_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    for (const char* name : {"aborts", "exits", "good"}) {
      const std::string library = std::string("libfixture_") + name + ".so";
      fs::copy_file(binary_dir() / "tests/fixtures/providers" / library, folder_ / library);
      std::ofstream(folder_ / (std::string(name) + ".json"))
          << R"({"manifest_version": "1.0", "provider": {"id": "fixture.)" << name << R"(", "name": ")" << name
          << R"(", "vendor": "tests", "version": "1.0.0"},)"
          << R"("abi": {"major": 1, "min_minor": 0, "max_minor": 0}, "library": {"path": ")" << library
          << R"("}})";
    }
  }
  ~CrashingProvider() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(CrashingProvider, IsAnOutcomeAndStopsNobody) {
  EnvironmentOptions options;
  options.search_standard_places = false;
  options.plugin_directories = {folder_.string()};
  options.probe_command = {cli_path().string(), "providers", "--in-process", "--validate"};
  const Environment environment = Environment::create(options).value();

  EXPECT_EQ(environment.devices().size(), 2U) << "those of the good one";
  const auto outcomes = environment.outcomes();
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].reason, "CRASHED_IN_PROBE");
  EXPECT_NE(outcomes[0].text.find("signal 6"), std::string::npos) << outcomes[0].text;
  EXPECT_EQ(outcomes[1].reason, "CRASHED_IN_PROBE");
  EXPECT_NE(outcomes[1].text.find("exit code 0"), std::string::npos) << outcomes[1].text;
  EXPECT_EQ(outcomes[2].state, "loaded") << outcomes[2].text;
}

TEST_F(CrashingProvider, CanBeValidated) {
  const std::string command =
      cli_path().string() + " providers --validate " + (folder_ / "aborts.json").string();
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string text(4096, '\0');
  text.resize(fread(text.data(), 1, text.size(), pipe));
  EXPECT_EQ(pclose(pipe), 1 << 8) << "exit code 1";
  EXPECT_NE(text.find("CRASHED_IN_PROBE"), std::string::npos) << text;
}

}  // namespace
}  // namespace bp::test
