// The program as a vendor calls it, on providers with and without a fault.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/paths.hpp"

namespace bp::test {
namespace {

namespace fs = std::filesystem;

struct Said {
  int exit_code = -1;
  std::string out;
};

class ConformanceRun : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "conformance_run_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Said call(const std::string& arguments) {
    const std::string command = "'" + conformance_path().string() + "' " + arguments + " 2>&1";
    Said said;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return said;
    std::array<char, 4096> buffer{};
    for (size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      said.out.append(buffer.data(), count);
    }
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) said.exit_code = WEXITSTATUS(status);
    return said;
  }
  static std::string broken(const std::string& variant) {
    return (binary_dir() / "conformance" / "broken" / ("bp_broken_" + variant + ".json")).string();
  }
  Said run(const std::string& variant, const std::string& more) const {
    return call("run --provider " + broken(variant) + " --level 0 --report " + (folder_ / "out").string() +
                " " + more);
  }
  std::string journal() const {
    std::ifstream file(folder_ / "out" / "journal.jsonl");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
};

#define EXPECT_SAYS(said, text) EXPECT_NE((said).out.find(text), std::string::npos) << (said).out

TEST_F(ConformanceRun, AGoodProviderPasses) {
  const Said said = run("good", "--group abi --group lifecycle");
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_SAYS(said, " Pass\n");
  EXPECT_TRUE(fs::exists(folder_ / "out" / "report.json"));
}

TEST_F(ConformanceRun, ARunCompletesOverACrashInOpen) {
  const Said said = run("crashes_in_open", "--group abi --group partition");
  EXPECT_EQ(said.exit_code, 1) << said.out;
  EXPECT_SAYS(said, "Crash abi.version_range");
  EXPECT_SAYS(said, "Crash partition.split");
  EXPECT_SAYS(said, "SIGSEGV");
}

TEST_F(ConformanceRun, ARunCompletesOverAnExit) {
  const Said said = run("exits_in_run", "--group partition");
  EXPECT_EQ(said.exit_code, 1) << said.out;
  EXPECT_SAYS(said, "Crash partition.claims_hold");
  EXPECT_SAYS(said, "nobody had asked for that: exit code");
}

TEST_F(ConformanceRun, ARunCompletesOverAHang) {
  const Said said =
      run("never_returns_from_run", "--filter 'partition.claims_hold' --repeat 0 --time-factor 0.05");
  EXPECT_EQ(said.exit_code, 1) << said.out;
  EXPECT_SAYS(said, "Timeout partition.claims_hold");
}

TEST_F(ConformanceRun, ResumesFromItsJournal) {
  ASSERT_EQ(run("good", "--group abi").exit_code, 0);
  const auto lines = [&] {
    const std::string text = journal();
    return std::count(text.begin(), text.end(), '\n');
  };
  const auto before = lines();
  ASSERT_GT(before, 5);
  Said said = run("good", "--group abi --group errors --resume");
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_SAYS(said, "are known from the journal");
  EXPECT_GT(lines(), before);
  said = run("good", "--group abi --seed 5 --resume");
  EXPECT_EQ(said.exit_code, 2) << said.out;
  EXPECT_SAYS(said, "of another run");
}

TEST_F(ConformanceRun, AWaiverHoldsForItsCaseAlone) {
  std::ofstream(folder_ / "waivers.toml") << "provider = \"org.backplane.broken.gives_no_reasons\"\n"
                                             "[[waiver]]\ncase = \"partition.reasons\"\nreason = \"known\"\n"
                                             "issue = \"1\"\nexpires = 2999-01-01\n";
  const std::string waivers = " --waivers " + (folder_ / "waivers.toml").string();
  Said said = run("gives_no_reasons", "--filter partition.reasons");
  EXPECT_EQ(said.exit_code, 1) << said.out;
  said = run("gives_no_reasons", "--filter partition.reasons" + waivers);
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_SAYS(said, "1 Waived");
  said = run("good", "--filter partition.reasons" + waivers);
  EXPECT_EQ(said.exit_code, 2) << said.out;
  EXPECT_SAYS(said, "is for provider 'org.backplane.broken.gives_no_reasons'");
}

TEST_F(ConformanceRun, AWaivedCaseThatPassesFailsTheRun) {
  std::ofstream(folder_ / "waivers.toml") << "provider = \"org.backplane.broken.good\"\n"
                                             "[[waiver]]\ncase = \"partition.reasons\"\nreason = \"known\"\n"
                                             "issue = \"1\"\nexpires = 2999-01-01\n";
  const Said said = run("good", "--filter partition.reasons --waivers " + (folder_ / "waivers.toml").string());
  EXPECT_EQ(said.exit_code, 1) << said.out;
  EXPECT_SAYS(said, "UnexpectedPass partition.reasons");
}

TEST_F(ConformanceRun, AFailureIsReplayedFromItsBundle) {
  ASSERT_EQ(run("gives_no_reasons", "--filter partition.reasons").exit_code, 1);
  const std::string bundle = (folder_ / "out" / "replay" / "partition.reasons").string();
  Said said = call("replay " + bundle);
  EXPECT_EQ(said.exit_code, 1) << said.out;
  EXPECT_SAYS(said, "Fail partition.reasons");
  said = call("replay " + bundle + " --here --provider " + broken("good"));
  EXPECT_EQ(said.exit_code, 0) << said.out;
  EXPECT_SAYS(said, "Pass partition.reasons");
}

TEST_F(ConformanceRun, ABatchGivesTheSameResults) {
  const Said said = run("good", "--group abi --group errors --batch 50 --jobs 1");
  EXPECT_EQ(said.exit_code, 0) << said.out;
}

TEST_F(ConformanceRun, WhatCannotBeDoneIsAnErrorOfItsOwn) {
  EXPECT_EQ(call("run --provider " + (folder_ / "nothing.json").string()).exit_code, 2);
  Said said = call("run --provider " + broken("good") + " --group abj");
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_SAYS(said, "there is no group 'abj'");
  said = call("explain abi.symbol");
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_SAYS(said, "the nearest is 'abi.symbols'");
  said = call("explain abi.struct_size_guard");
  EXPECT_EQ(said.exit_code, 0);
  EXPECT_SAYS(said, "BP-008");
}

}  // namespace
}  // namespace bp::test
