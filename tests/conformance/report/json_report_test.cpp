#include "report/json_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sample_report_helper.hpp"

namespace bp::conformance {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string all(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.place + ": " + finding.text + "\n";
  return text;
}

TEST(ReportJson, ReadsWhatItWrote) {
  Report report = test::sample_report();
  report.results[70].worst = WorstError{};
  report.results[70].worst->max_abs = std::nan("");
  report.results[70].worst->max_rel = HUGE_VAL;
  report.results[70].worst->max_ulp = -HUGE_VAL;
  report.run.seed = UINT64_MAX;
  const std::string text = write_report_json(report);
  const ReadReport read = read_report_json(text);
  EXPECT_EQ(all(read.findings), "");
  EXPECT_EQ(write_report_json(read.report), text);
  ASSERT_EQ(read.report.results.size(), report.results.size());
  const WorstError& worst = *read.report.results[70].worst;
  EXPECT_TRUE(std::isnan(worst.max_abs));
  EXPECT_EQ(worst.max_rel, HUGE_VAL);
  EXPECT_EQ(worst.max_ulp, -HUGE_VAL);
  EXPECT_EQ(read.report.run.seed, UINT64_MAX);
  EXPECT_EQ(read.report.planned[80].requirements, report.planned[80].requirements);
  EXPECT_EQ(read.report.results[80].duration, report.results[80].duration);
  EXPECT_EQ(read.claims.planned, report.planned.size());
  EXPECT_EQ(read.claims.outcomes, count_outcomes(report));
}

TEST(ReportJson, TextMayHoldAnything) {
  const Report report = test::hostile_report();
  const std::string text = write_report_json(report);
  const ReadReport read = read_report_json(text);
  EXPECT_EQ(all(read.findings), "");
  EXPECT_EQ(write_report_json(read.report), text);
  EXPECT_THAT(read.report.results[0].text, HasSubstr("<x-evil onload=\"alert(1)\">"));
}

TEST(ReportJson, ACaseTakesOneLine) {
  const Report report = test::sample_report(2);
  const std::string text = write_report_json(report);
  const std::string line = "\n    {\"id\":\"" + report.planned[64].id + "\",";
  EXPECT_THAT(text, HasSubstr(line));
  const size_t begin = text.find(line) + 1;
  std::string object = text.substr(begin, text.find('\n', begin) - begin);
  if (object.back() == ',') object.pop_back();
  EXPECT_EQ(json::parse(object)["id"], report.planned[64].id);
}

TEST(ReportJson, AFolderStaysOnItsMachine) {
  Report report = test::sample_report(1);
  report.planned[0].folder = "somewhere/corpus/test_relu";
  EXPECT_EQ(write_report_json(report).find("somewhere"), std::string::npos);
}

TEST(ReportJson, WriterRefusesResultsOfOtherCases) {
  Report report = test::sample_report(1);
  report.results[3].id = "abi.other";
  EXPECT_THROW(write_report_json(report), std::invalid_argument);
  report = test::sample_report(1);
  report.results.pop_back();
  EXPECT_THROW(write_report_json(report), std::invalid_argument);
}

class ReportJsonReader : public testing::Test {
 protected:
  json document = json::parse(write_report_json(test::sample_report(2)));
  std::string findings() const { return all(read_report_json(document.dump()).findings); }
};

TEST_F(ReportJsonReader, NamesWhatIsMissing) {
  document["run"].erase("cpu");
  document["cases"][2].erase("outcome");
  document.erase("waivers");
  EXPECT_THAT(findings(), HasSubstr("run.cpu: is missing"));
  EXPECT_THAT(findings(), HasSubstr("cases[2] 'abi.rule_2'.outcome: is missing"));
  EXPECT_THAT(findings(), HasSubstr("waivers: is missing"));
}

TEST_F(ReportJsonReader, NamesWhatItDoesNotKnow) {
  document["cases"][2]["verdict"] = 1;
  document["notes"] = "";
  EXPECT_THAT(findings(), HasSubstr("cases[2] 'abi.rule_2'.verdict: is not a member of this format"));
  EXPECT_THAT(findings(), HasSubstr("notes: is not a member of this format"));
}

TEST_F(ReportJsonReader, NamesWrongTypes) {
  document["cases"][0]["duration_us"] = "soon";
  document["cases"][1]["outcome"] = "Passed";
  document["cases"][3]["level"] = "L9";
  document["cases"][4]["attempts"] = -1;
  document["cases"][5]["seed"] = "12x";
  document["run"]["cores"] = 1ull << 40;
  document["run"]["time_factor"] = "fast";
  document["totals"]["outcomes"]["Pass"] = 1.5;
  const std::string text = findings();
  EXPECT_THAT(text, HasSubstr("cases[0] 'abi.rule_0'.duration_us: expected an integer from"));
  EXPECT_THAT(text, HasSubstr("cases[1] 'abi.rule_1'.outcome: expected an outcome, found \"Passed\""));
  EXPECT_THAT(text, HasSubstr("cases[3] 'abi.rule_3'.level: expected a level, \"L0\" to \"L3\", found \"L9\""));
  EXPECT_THAT(text,
              HasSubstr("cases[4] 'abi.rule_4'.attempts: expected an integer from 0 to 4294967295, found -1"));
  EXPECT_THAT(text,
              HasSubstr("cases[5] 'abi.rule_5'.seed: expected a 64-bit number as a string, found \"12x\""));
  EXPECT_THAT(text, HasSubstr("run.cores: expected an integer from 0 to 4294967295, found 1099511627776"));
  EXPECT_THAT(text, HasSubstr("run.time_factor: expected a number"));
  EXPECT_THAT(text, HasSubstr("totals.outcomes.Pass: expected an integer"));
}

TEST_F(ReportJsonReader, SectionsOfTheWrongKind) {
  document["cases"] = 3;
  document["run"] = json::array();
  document["groups"] = json::array({7});
  EXPECT_THAT(findings(), HasSubstr("cases: expected an array, found 3"));
  EXPECT_THAT(findings(), HasSubstr("run: expected an object, found []"));
  EXPECT_THAT(findings(), HasSubstr("groups[0]: expected an object, found 7"));
}

TEST_F(ReportJsonReader, OtherFormats) {
  document["format"] = "backplane.conformance.report/2";
  EXPECT_THAT(findings(), HasSubstr("format: expected \"backplane.conformance.report/1\""));
  EXPECT_THAT(all(read_report_json("[1]").findings), HasSubstr("expected an object, found [1]"));
  EXPECT_THAT(all(read_report_json("").findings), HasSubstr("is not JSON"));
}

TEST_F(ReportJsonReader, SaysWhereTheJsonEnds) {
  const std::string text = write_report_json(test::sample_report(1));
  EXPECT_THAT(all(read_report_json(text.substr(0, text.size() / 2)).findings), HasSubstr("line"));
}

}  // namespace
}  // namespace bp::conformance
