#include "report/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/json_report.hpp"
#include "sample_report_helper.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class Verify : public testing::Test {
 protected:
  const Report report = test::sample_report(6);
  json document = json::parse(write_report_json(report));

  std::string findings() const { return findings(document.dump()); }
  static std::string findings(const std::string& text) {
    std::string lines;
    for (const Finding& finding : verify_report(text)) lines += finding.place + ": " + finding.text + "\n";
    return lines;
  }
  // Of a report that was written with this in it: its digests are right.
  static std::string findings_of(const Report& written) { return findings(write_report_json(written)); }
};

TEST_F(Verify, AcceptsWhatWasWritten) { EXPECT_EQ(findings_of(report), ""); }

TEST_F(Verify, LayoutAndOrderOfMembersDoNotCount) {
  EXPECT_EQ(findings(document.dump(4)), "");  // sorted by name
}

TEST_F(Verify, RefusesARemovedCase) {
  document["cases"].erase(70);
  const std::string planned = std::to_string(report.planned.size());
  const std::string left = std::to_string(report.planned.size() - 1);
  EXPECT_THAT(findings(), AllOf(HasSubstr("totals.planned: says " + planned + ", the file holds " + left),
                                HasSubstr("groups 'ops'.planned: says"), HasSubstr("totals.outcomes."),
                                HasSubstr("digests.cases"), HasSubstr("digests.report")));
}

TEST_F(Verify, RefusesARemovedCaseWithAdjustedTotals) {
  const std::string outcome = document["cases"][70]["outcome"];
  document["cases"].erase(70);
  for (json* counts : {&document["totals"], &document["groups"][7]}) {
    (*counts)["planned"] = (*counts)["planned"].get<int>() - 1;
    (*counts)["outcomes"][outcome] = (*counts)["outcomes"][outcome].get<int>() - 1;
  }
  EXPECT_THAT(findings(), AllOf(HasSubstr("digests.cases: 'cases' is not what was written"),
                                HasSubstr("digests.totals"), Not(HasSubstr("says"))));
}

TEST_F(Verify, NamesTheCaseWhoseNumberWasChanged) {
  for (const char* member : {"duration_us", "attempts", "timeout_ms"}) {
    json changed = document;
    changed["cases"][70][member] = changed["cases"][70][member].get<int>() + 1;
    EXPECT_THAT(findings(changed.dump()),
                AllOf(HasSubstr("cases[70] '" + report.planned[70].id + "': was changed"),
                      HasSubstr("digests.cases"), Not(HasSubstr("digests.run"))))
        << member;
  }
}

TEST_F(Verify, NamesTheCaseWhoseErrorWasChanged) {
  size_t index = 0;
  while (!report.results[index].worst) ++index;
  document["cases"][index]["worst"]["max_ulp"] = 0.25;
  EXPECT_THAT(findings(), HasSubstr("cases[" + std::to_string(index) + "] '" + report.planned[index].id +
                                    "': was changed"));
}

TEST_F(Verify, NamesTheSectionThatWasChanged) {
  document["run"]["seed"] = "1";
  document["provider"]["library_sha256"] = std::string(64, '0');
  EXPECT_THAT(findings(), AllOf(HasSubstr("digests.run: 'run' is not what was written"),
                                HasSubstr("digests.provider"), Not(HasSubstr("digests.cases"))));
}

TEST_F(Verify, NamesAChangedTotal) {
  document["totals"]["outcomes"]["Pass"] = document["totals"]["outcomes"]["Pass"].get<int>() + 1;
  EXPECT_THAT(findings(),
              AllOf(HasSubstr("totals.outcomes.Pass: says"), HasSubstr("totals.outcomes: add up to")));
}

TEST_F(Verify, NamesMissingAndUnknownGroups) {
  document["groups"].erase(1);
  document["groups"][0]["name"] = "other";
  EXPECT_THAT(findings(),
              AllOf(HasSubstr("groups: 'lifecycle' is missing"), HasSubstr("groups: 'abi' is missing"),
                    HasSubstr("groups 'other'.planned: says 9, the file holds 0")));
}

TEST_F(Verify, RefusesHalfAFile) {
  const std::string text = write_report_json(report);
  EXPECT_THAT(findings(text.substr(0, text.size() / 2)), HasSubstr("is not JSON"));
}

TEST_F(Verify, RefusesTheSameCaseTwice) {
  Report twice = report;
  twice.planned[5] = twice.planned[4];
  twice.results[5] = twice.results[4];
  EXPECT_THAT(findings_of(twice), HasSubstr("cases[5] 'abi.rule_4': is cases[4] again"));
}

TEST_F(Verify, RefusesAPassThatTheProviderDidNotEarn) {
  Report other = report;
  size_t index = 63;
  while (other.results[index].outcome != Outcome::kPass || !other.results[index].worst) ++index;
  other.results[index].nodes = 3;
  other.results[index].nodes_by_provider = 2;
  EXPECT_THAT(findings_of(other), HasSubstr("is Pass, and the provider ran 2 of 3 nodes"));
  other.results[index].nodes_by_provider = 3;
  EXPECT_EQ(findings_of(other), "");
  other.results[index].worst->of_tolerance = 1.5;
  EXPECT_THAT(findings_of(other), HasSubstr("is Pass, and an error is 1.5 times what is allowed"));
  other.results[index].worst->of_tolerance = std::nan("");
  EXPECT_THAT(findings_of(other), HasSubstr("is Pass, and an error is nan times"));
}

TEST_F(Verify, RefusesCasesThatContradictThemselves) {
  Report other = report;
  other.results[0].outcome = Outcome::kFail;
  other.results[1].outcome = Outcome::kWaived;
  other.planned[2].group = "memory";
  other.results[3].attempts = 0;
  other.results[4].nodes_by_provider = 1;
  const std::string text = findings_of(other);
  EXPECT_THAT(text, HasSubstr("cases[0] 'abi.rule_0': is Fail without a text"));
  EXPECT_THAT(text, HasSubstr("cases[1] 'abi.rule_1': is Waived, and no waiver names it"));
  EXPECT_THAT(text, HasSubstr("cases[2] 'abi.rule_2': is of group 'memory'"));
  EXPECT_THAT(text, HasSubstr("cases[3] 'abi.rule_3': has an outcome after no attempt"));
  EXPECT_THAT(text, HasSubstr("cases[4] 'abi.rule_4': the provider ran 1 of 0 nodes"));
}

}  // namespace
}  // namespace bp::conformance
