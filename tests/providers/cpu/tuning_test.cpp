#include "tuning.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "providers/cpu/host_helper.hpp"

namespace bp::cpu::test {
namespace {

// Two ways of which the second takes less time; counts how often they are prepared.
struct Ways {
  int prepared = 0;
  std::vector<Candidate> list() {
    const auto sleeps = [this](int ms) {
      return [this, ms]() -> std::function<void()> {
        ++prepared;
        return [ms] { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
      };
    };
    return {{"slow", sleeps(6)}, {"fast", sleeps(1)}};
  }
};

Options options(TuningMode mode) {
  Options result;
  result.tuning = mode;
  result.tuning_cache = "none";
  return result;
}

TEST(CpuTuning, TakesTheFastestAndSaysWhatItTimed) {
  Ways ways;
  Tuning tuning(test_host(), options(TuningMode::kQuick), "here", "");
  const Choice choice = tuning.choose("key", ways.list(), 0);
  EXPECT_EQ(choice.index, 1u);
  EXPECT_EQ(choice.note.find("timed: fast "), 0u) << choice.note;
  EXPECT_NE(choice.note.find(", slow "), std::string::npos) << choice.note;
  EXPECT_EQ(ways.prepared, 2);
  EXPECT_EQ(tuning.choose("key", ways.list(), 0).note, choice.note);
  EXPECT_EQ(ways.prepared, 2);
}

TEST(CpuTuning, OffIsTheRule) {
  Ways ways;
  Tuning tuning(test_host(), options(TuningMode::kOff), "here", "");
  EXPECT_EQ(tuning.choose("key", ways.list(), 0).index, 0u);
  EXPECT_EQ(tuning.choose("key", ways.list(), 1).note, "");
  EXPECT_EQ(ways.prepared, 0);
  EXPECT_EQ(tuning.text_for_saving(), "");
}

TEST(CpuTuning, ObeysASavedProgramAndNoOtherDevice) {
  const std::string saved = write_measured({{"here; key", {{"slow", 1000}, {"fast", 2000}}}});
  Ways ways;
  Tuning tuning(test_host(), options(TuningMode::kOff), "here", saved);
  EXPECT_EQ(tuning.choose("key", ways.list(), 1).index, 0u);
  EXPECT_EQ(tuning.text_for_saving(), saved);
  Tuning elsewhere(test_host(), options(TuningMode::kOff), "there", saved);
  EXPECT_EQ(elsewhere.choose("key", ways.list(), 1).index, 1u);
}

TEST(CpuTuning, KeepsTheRulesChoiceWhereNothingIsClearlyFaster) {
  const std::string saved = write_measured({{"here; key", {{"slow", 1000}, {"fast", 1020}}}});
  Ways ways;
  Tuning tuning(test_host(), options(TuningMode::kOff), "here", saved);
  EXPECT_EQ(tuning.choose("key", ways.list(), 1).index, 1u);
}

TEST(CpuTuning, RefusesSavedChoicesThatMakeNoSense) {
  EXPECT_THROW(Tuning(test_host(), options(TuningMode::kOff), "here", "nonsense"), Error);
}

}  // namespace
}  // namespace bp::cpu::test
