#include "drive/journal.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;

CaseResult result_of(const std::string& id, Outcome outcome) {
  CaseResult result;
  result.id = id;
  result.outcome = outcome;
  return result;
}

class JournalTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  nlohmann::json header(uint64_t seed = 0) const {
    CaseTarget target;
    target.provider_id = "com.acme.npu";
    target.seed = seed;
    return journal_header(target, "abc");
  }
  const fs::path path_ = fs::temp_directory_path() / ("conformance_journal_" + std::to_string(::getpid()));
};

TEST_F(JournalTest, GoesOnWhereItWasStopped) {
  {
    Journal journal(path_.string(), header(), false);
    journal.add(result_of("x.one", Outcome::kPass));
    journal.add(result_of("x.two", Outcome::kFail));
  }
  std::ofstream(path_, std::ios::app) << "{\"id\":\"x.thr";  // cut off
  {
    Journal journal(path_.string(), header(), true);
    ASSERT_EQ(journal.known().size(), 2u);
    EXPECT_EQ(journal.known().at("x.two").outcome, Outcome::kFail);
    journal.add(result_of("x.three", Outcome::kPass));
  }
  EXPECT_EQ(Journal(path_.string(), header(), true).known().size(), 3u);
}

TEST_F(JournalTest, BeginsAnewUnlessToldToGoOn) {
  { Journal(path_.string(), header(), false).add(result_of("x.one", Outcome::kPass)); }
  EXPECT_TRUE(Journal(path_.string(), header(), false).known().empty());
  EXPECT_TRUE(Journal(path_.string(), header(), true).known().empty());
}

TEST_F(JournalTest, RefusesThatOfAnotherRun) {
  { Journal(path_.string(), header(1), false).add(result_of("x.one", Outcome::kPass)); }
  EXPECT_THROW(Journal(path_.string(), header(2), true), std::runtime_error);
  fs::remove(path_);
  EXPECT_THROW(Journal(path_.string(), header(), true), std::runtime_error);
}

TEST_F(JournalTest, WhatTheRunnerCouldNotDoIsDoneAgain) {
  { Journal(path_.string(), header(), false).add(result_of("x.one", Outcome::kHarnessError)); }
  EXPECT_TRUE(Journal(path_.string(), header(), true).known().empty());
}

}  // namespace
}  // namespace bp::conformance
