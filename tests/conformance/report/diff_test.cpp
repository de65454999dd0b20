#include "report/diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_report_helper.hpp"

namespace bp::conformance {
namespace {

using testing::HasSubstr;
using testing::Not;

class Diff : public testing::Test {
 protected:
  const Report before = test::sample_report(6, false);
  Report after = before;

  // The index of the n-th passing operator case with an error.
  size_t passing(size_t n = 0) const {
    for (size_t i = 63;; ++i) {
      if (before.results[i].outcome == Outcome::kPass && before.results[i].worst && n-- == 0) return i;
    }
  }
  ReportDiff diff() const { return diff_reports(before, after); }
};

TEST_F(Diff, SameReportsDoNotDiffer) {
  const ReportDiff same = diff();
  EXPECT_FALSE(same.is_worse());
  EXPECT_EQ(diff_text(same, 20), "0 worse, 0 better, 0 changed, 0 new, 0 gone, 0 errors grew, 0 slower\n");
}

TEST_F(Diff, ABadOutcomeIsWorse) {
  after.results[passing()].outcome = Outcome::kFail;
  after.results[passing()].text = "output 'Y' differs\nand more";
  ASSERT_EQ(diff().worse.size(), 1u);
  EXPECT_TRUE(diff().is_worse());
  EXPECT_THAT(diff_text(diff(), 20),
              HasSubstr(before.planned[passing()].id + ": Pass -> Fail: output 'Y' differs\n"));
}

TEST_F(Diff, ALostPassIsWorse) {
  after.results[passing()].outcome = Outcome::kUnsupported;
  EXPECT_TRUE(diff().is_worse());
}

TEST_F(Diff, AMendedCaseIsBetter) {
  after.results[passing()].outcome = Outcome::kFail;
  const ReportDiff mended = diff_reports(after, before);
  EXPECT_EQ(mended.better.size(), 1u);
  EXPECT_FALSE(mended.is_worse());
}

TEST_F(Diff, FromBadToBadIsAChange) {
  Report failing = before;
  failing.results[passing()].outcome = Outcome::kFail;
  after.results[passing()].outcome = Outcome::kCrash;
  const ReportDiff changed = diff_reports(failing, after);
  EXPECT_EQ(changed.changed.size(), 1u);
  EXPECT_FALSE(changed.is_worse());
}

TEST_F(Diff, AWaiverMendsNothing) {
  Report failing = before;
  failing.results[passing()].outcome = Outcome::kFail;
  after.results[passing()].outcome = Outcome::kWaived;
  EXPECT_EQ(diff_reports(failing, after).changed.size(), 1u);
  EXPECT_EQ(diff_reports(after, failing).worse.size(), 1u);
  EXPECT_EQ(diff_reports(before, after).worse.size(), 1u);
}

TEST_F(Diff, CasesComeAndGo) {
  const size_t index = passing();
  after.planned.erase(after.planned.begin() + static_cast<std::ptrdiff_t>(index));
  after.results.erase(after.results.begin() + static_cast<std::ptrdiff_t>(index));
  EXPECT_EQ(diff().gone.size(), 1u);
  EXPECT_TRUE(diff().is_worse()) << "a case that passed is not there any more";
  const ReportDiff back = diff_reports(after, before);
  EXPECT_EQ(back.added.size(), 1u);
  EXPECT_FALSE(back.is_worse());
}

TEST_F(Diff, ANewCaseThatFailsIsWorse) {
  Report fewer = before;
  fewer.planned.pop_back();
  fewer.results.pop_back();
  after.results.back().outcome = Outcome::kTimeout;
  EXPECT_TRUE(diff_reports(fewer, after).is_worse());
}

TEST_F(Diff, AGoneCaseThatNeverPassedIsNotWorse) {
  ASSERT_EQ(before.results[7].outcome, Outcome::kNotApplicable);
  after.planned.erase(after.planned.begin() + 7);
  after.results.erase(after.results.begin() + 7);
  EXPECT_EQ(diff().gone.size(), 1u);
  EXPECT_FALSE(diff().is_worse());
}

TEST_F(Diff, ErrorsGrow) {
  Report small = before;
  for (const size_t n : {0u, 1u, 2u, 3u}) small.results[passing(n)].worst->of_tolerance = 0.02;
  after = small;
  after.results[passing(0)].worst->of_tolerance = 0.3;
  after.results[passing(1)].worst->of_tolerance = 0.041;  // doubled, and still far below
  after.results[passing(2)].worst->of_tolerance = 0.9;
  after.results[passing(3)].worst.reset();
  const ReportDiff grown = diff_reports(small, after);
  ASSERT_EQ(grown.errors.size(), 2u);
  EXPECT_EQ(grown.errors[0].id, before.planned[passing(2)].id) << "the largest first";
  EXPECT_EQ(grown.errors[0].before, 0.02);
  EXPECT_FALSE(grown.is_worse());
}

TEST_F(Diff, CasesGetSlower) {
  using std::chrono::microseconds;
  Report quick = before;
  for (const size_t n : {0u, 1u, 2u}) quick.results[passing(n)].duration = microseconds(40'000);
  after = quick;
  after.results[passing(0)].duration = microseconds(200'000);
  after.results[passing(1)].duration = microseconds(89'000);  // less than the floor longer
  after.results[passing(2)].duration = microseconds(79'000);  // less than twice
  const ReportDiff slower = diff_reports(quick, after);
  ASSERT_EQ(slower.slower.size(), 1u);
  EXPECT_THAT(diff_text(slower, 20), HasSubstr("40.0 ms -> 200.0 ms"));
}

TEST_F(Diff, SaysWhatWasDifferentAboutTheRuns) {
  after.provider.library_sha256 = "e";
  after.run.corpora["onnx-1.18"] = "f";
  after.run.level = Level::kCore;
  after.run.started_utc = "2031-01-01T00:00:00Z";
  const std::string text = diff_text(diff(), 20);
  EXPECT_THAT(text, HasSubstr("Made under other conditions (3)"));
  EXPECT_THAT(text, HasSubstr("level: 'L2' -> 'L1'"));
  EXPECT_THAT(text, HasSubstr("onnx-1.18=f"));
  EXPECT_THAT(text, Not(HasSubstr("started_utc")));
}

TEST_F(Diff, TheTextStaysShort) {
  for (CaseResult& result : after.results) result.duration += std::chrono::seconds(5);
  const std::string text = diff_text(diff(), 3);
  EXPECT_THAT(text, HasSubstr(" more\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

}  // namespace
}  // namespace bp::conformance
