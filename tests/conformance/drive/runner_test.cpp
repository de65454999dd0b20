#include "drive/runner.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;

// A child that speaks the runner's protocol and does to each case what its id says.
constexpr const char* kChild = R"sh(#!/bin/sh
cd "$(dirname "$0")"
end() {
  echo '{"end":{"id":"'$1'","outcome":"'$2'","text":"'$3'","reasons":{},"nodes":0,"nodes_by_provider":0,' \
       '"duration_us":1,"seed":"1","attempts":1}}' >&3
}
while read -r line; do
  case $line in *'"target"'*) continue ;; esac
  id=$(echo "$line" | sed 's/.*"id":"\([^"]*\)".*/\1/')
  echo "$id $$" >> runs
  echo '{"begin":"'$id'"}' >&3
  printf '\036'
  case $id in
    *pass*) echo 'of no interest'; end $id Pass ;;
    *fail*) end $id Fail 'it is wrong' ;;
    *flake*) if [ -e flaked ]; then end $id Pass; else touch flaked; end $id Fail 'now and then'; fi ;;
    *exits*) echo 'I am leaving' >&2; exit 0 ;;
    *crash*) kill -SEGV $$ ;;
    *hang*) sleep 100 & echo $! > sleeper; wait ;;
    *late*) end $id Pass; kill -ABRT $$ ;;
    *unsupported*) end $id Unsupported ;;
    *rubbish*) echo 'rubbish' >&3 ;;
  esac
done
echo '{"done":true}' >&3
)sh";

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "conformance_runner_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const fs::path program = folder_ / "child";
    std::ofstream(program) << kChild;
    fs::permissions(program, fs::perms::owner_all);
    options_.launcher.program = program.string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::map<std::string, CaseResult> run(const std::vector<std::string>& ids,
                                        const std::map<std::string, CaseResult>& known = {}) {
    std::vector<CaseInfo> planned;
    for (const std::string& id : ids) {
      CaseInfo info;
      info.id = id;
      info.group = "x";
      info.timeout = timeout_;
      planned.push_back(info);
    }
    size_t told = 0;
    const std::vector<CaseResult> results =
        run_cases(planned, {}, options_, known, [&](const auto&, const auto&) { ++told; });
    EXPECT_EQ(told + known.size(), ids.size());
    std::map<std::string, CaseResult> by_id;
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].id, ids[i]);
      by_id[ids[i]] = results[i];
    }
    return by_id;
  }
  // Lines of the file `runs`: a case and the process that it ran in.
  std::vector<std::pair<std::string, std::string>> runs() const {
    std::ifstream file(folder_ / "runs");
    std::vector<std::pair<std::string, std::string>> lines;
    for (std::string id, process; file >> id >> process;) lines.emplace_back(id, process);
    return lines;
  }

  fs::path folder_;
  RunnerOptions options_;
  std::chrono::milliseconds timeout_{5000};
};

TEST_F(RunnerTest, EachCaseHasAProcessOfItsOwn) {
  auto results = run({"x.pass1", "x.pass2"});
  EXPECT_EQ(results["x.pass1"].outcome, Outcome::kPass);
  EXPECT_EQ(results["x.pass2"].outcome, Outcome::kPass);
  ASSERT_EQ(runs().size(), 2u);
  EXPECT_NE(runs()[0].second, runs()[1].second);
}

TEST_F(RunnerTest, AFailureIsTriedAgainAndStays) {
  auto results = run({"x.fail"});
  EXPECT_EQ(results["x.fail"].outcome, Outcome::kFail);
  EXPECT_EQ(results["x.fail"].text, "it is wrong");
  EXPECT_EQ(results["x.fail"].attempts, 2u);
}

TEST_F(RunnerTest, WhatPassesTheSecondTimeIsAFlake) {
  auto results = run({"x.flake"});
  EXPECT_EQ(results["x.flake"].outcome, Outcome::kFlake);
  EXPECT_NE(results["x.flake"].text.find("now and then"), std::string::npos) << results["x.flake"].text;
}

TEST_F(RunnerTest, CrashesAndExitsAreTold) {
  options_.repeats = 0;
  auto results = run({"x.crash", "x.exits", "x.late", "x.rubbish"});
  EXPECT_EQ(results["x.crash"].outcome, Outcome::kCrash);
  EXPECT_NE(results["x.crash"].text.find("SIGSEGV"), std::string::npos) << results["x.crash"].text;
  EXPECT_EQ(results["x.exits"].outcome, Outcome::kCrash);
  EXPECT_NE(results["x.exits"].text.find("I am leaving"), std::string::npos) << results["x.exits"].text;
  EXPECT_EQ(results["x.late"].outcome, Outcome::kCrash);
  EXPECT_NE(results["x.late"].text.find("SIGABRT"), std::string::npos) << results["x.late"].text;
  EXPECT_EQ(results["x.rubbish"].outcome, Outcome::kHarnessError);
}

TEST_F(RunnerTest, OutputIsThatOfTheCaseAlone) {
  options_.batch_size = 10;
  options_.repeats = 0;
  auto results = run({"x.pass", "x.exits"});
  EXPECT_NE(results["x.exits"].text.find("I am leaving"), std::string::npos) << results["x.exits"].text;
  EXPECT_EQ(results["x.exits"].text.find("of no interest"), std::string::npos) << results["x.exits"].text;
}

TEST_F(RunnerTest, AHangIsKilledWithWhatItStarted) {
  timeout_ = std::chrono::milliseconds(300);
  options_.repeats = 0;
  auto results = run({"x.hang", "x.pass"});
  EXPECT_EQ(results["x.hang"].outcome, Outcome::kTimeout);
  EXPECT_EQ(results["x.pass"].outcome, Outcome::kPass);
  pid_t sleeper = 0;
  std::ifstream(folder_ / "sleeper") >> sleeper;
  ASSERT_GT(sleeper, 0);
  for (int wait = 0; wait < 100 && fs::exists("/proc/" + std::to_string(sleeper) + "/exe"); ++wait)
    ::usleep(10'000);
  EXPECT_FALSE(fs::exists("/proc/" + std::to_string(sleeper) + "/exe"));
}

TEST_F(RunnerTest, ABatchGoesOnAfterACrash) {
  options_.batch_size = 10;
  options_.repeats = 0;
  auto results = run({"x.pass1", "x.crash", "x.pass2", "x.pass3"});
  EXPECT_EQ(results["x.pass1"].outcome, Outcome::kPass);
  EXPECT_EQ(results["x.crash"].outcome, Outcome::kCrash);
  EXPECT_EQ(results["x.pass2"].outcome, Outcome::kPass);
  EXPECT_EQ(results["x.pass3"].outcome, Outcome::kPass);
  const auto processes = runs();
  ASSERT_EQ(processes.size(), 4u);
  EXPECT_EQ(processes[0].second, processes[1].second);
  EXPECT_NE(processes[1].second, processes[2].second);
  EXPECT_EQ(processes[2].second, processes[3].second);
}

TEST_F(RunnerTest, SeveralJobsRunEachCaseOnce) {
  options_.jobs = 4;
  options_.batch_size = 3;
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back("x.pass" + std::to_string(i));
  for (const auto& [id, result] : run(ids)) EXPECT_EQ(result.outcome, Outcome::kPass) << id;
  EXPECT_EQ(runs().size(), 40u);
}

TEST_F(RunnerTest, WhatIsKnownIsNotRunAgain) {
  CaseResult known;
  known.id = "x.fail";
  known.outcome = Outcome::kPass;
  auto results = run({"x.fail", "x.pass"}, {{"x.fail", known}});
  EXPECT_EQ(results["x.fail"].outcome, Outcome::kPass);
  ASSERT_EQ(runs().size(), 1u);
}

TEST_F(RunnerTest, WhatAlwaysHappensIsNotTriedAgain) {
  auto results = run({"x.crash1", "x.crash2", "x.crash3", "x.crash4", "x.fail"});
  EXPECT_EQ(results["x.crash3"].attempts, 2u);
  EXPECT_EQ(results["x.crash4"].attempts, 1u);
  EXPECT_EQ(results["x.fail"].attempts, 2u);
}

TEST_F(RunnerTest, AGroupThatOnlyCrashesIsGivenUp) {
  options_.repeats = 0;
  options_.give_up = 3;
  auto results = run({"x.crash1", "x.pass1", "x.crash2", "x.crash3", "x.crash4", "x.pass2", "x.crash5"});
  EXPECT_EQ(results["x.pass1"].outcome, Outcome::kPass);
  EXPECT_EQ(results["x.crash4"].outcome, Outcome::kCrash);
  EXPECT_EQ(results["x.pass2"].outcome, Outcome::kCrash);
  EXPECT_NE(results["x.pass2"].text.find("not run"), std::string::npos) << results["x.pass2"].text;
  EXPECT_EQ(runs().size(), 5u);
}

TEST_F(RunnerTest, WhatIsNotSupportedDoesNotSpeakForAGroup) {
  options_.repeats = 0;
  options_.give_up = 2;
  auto results = run({"x.crash1", "x.unsupported1", "x.crash2", "x.unsupported2"});
  EXPECT_EQ(results["x.unsupported1"].outcome, Outcome::kUnsupported);
  EXPECT_EQ(results["x.unsupported2"].outcome, Outcome::kCrash);
}

TEST_F(RunnerTest, AProgramThatDoesNotStartIsAnError) {
  options_.launcher.program = (folder_ / "nothing").string();
  EXPECT_THROW(run({"x.pass"}), std::runtime_error);
}

}  // namespace
}  // namespace bp::conformance
