#include "report/formats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/summary.hpp"
#include "report/text.hpp"
#include "sample_report_helper.hpp"

namespace bp::conformance {
namespace {

using testing::HasSubstr;
using testing::Not;

size_t occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ReportText, CleanTextIsValidXmlText) {
  EXPECT_EQ(clean_text("a\x01"
                       "b\xff"
                       "c\x7f\n\t"),
            "a\uFFFDb\uFFFDc\uFFFD\n\t");
  EXPECT_EQ(clean_text("\xEF\xBF\xBE\xEF\xBF\xBFx"), "\uFFFD\uFFFDx");
  EXPECT_EQ(clean_text("grün → 好"), "grün → 好");
}

TEST(ReportText, MarkupIsEscaped) {
  EXPECT_EQ(escape_markup("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
}

TEST(ReportText, ShortenedTextSaysSo) {
  EXPECT_EQ(shorten("abc", 3), "abc");
  EXPECT_EQ(shorten("abcdef", 3), "abc\n[3 more bytes]");
  EXPECT_EQ(shorten("aü", 2), "a\n[2 more bytes]") << "never half a character";
}

TEST(ReportText, Numbers) {
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567), "1\u202F234\u202F567");
  EXPECT_EQ(short_number(0.00012345), "0.000123");
  EXPECT_EQ(short_number(HUGE_VAL), "inf");
}

// Every text of the report is hostile; what a page or a suite shows of it must be text and nothing else.
TEST(ReportFormats, NoTextBecomesMarkup) {
  const Report report = test::hostile_report();
  for (const std::string& text : {write_page(report), write_junit(report), write_badge(report)}) {
    EXPECT_GT(occurrences(text, "&lt;x-evil onload="), 0u);
    EXPECT_EQ(occurrences(text, "<x-evil"), 0u);
    EXPECT_EQ(occurrences(text, "onload=\""), 0u);
    EXPECT_EQ(occurrences(text, "\x1b"), 0u);
    EXPECT_EQ(text, clean_text(text));
  }
}

TEST(ReportPage, NeedsNothingElse) {
  const std::string page = write_page(test::sample_report());
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* word : {"<script", "<img", "<iframe", "url(", "@import", "src=", "http:", "{{"}) {
    EXPECT_THAT(page, Not(HasSubstr(word))) << word;
  }
}

TEST(ReportPage, ShowsEachPart) {
  const Report report = test::sample_report(60);
  const std::string page = write_page(report);
  for (const char* id : {"failures", "outcomes", "groups", "operators", "reasons", "errors", "slowest",
                         "waivers", "untested", "environment", "cases"}) {
    EXPECT_EQ(occurrences(page, std::string("<h2 id=\"") + id + "\">"), 1u) << id;
    EXPECT_EQ(occurrences(page, std::string("href=\"#") + id + "\""), 1u) << id;
  }
  EXPECT_EQ(occurrences(page, "<article class=\"failure\">"), bad_count(count_outcomes(report)));
  EXPECT_EQ(occurrences(page, "<time>"), report.planned.size()) << "a line for each case";
  EXPECT_THAT(page, HasSubstr("Not passed at level 2"));
}

TEST(ReportPage, RareTypesHaveATableOfTheirOwn) {
  Report report;
  const auto add = [&](const std::string& op_type, const std::string& type) {
    CaseInfo info;
    info.id = "ops." + op_type + "." + type;
    info.group = "ops";
    info.op_type = op_type;
    info.element_type = type;
    report.planned.push_back(info);
    report.results.emplace_back().id = info.id;
  };
  for (int op = 0; op < 20; ++op) {
    for (int type = 0; type < 12; ++type) add("Op" + std::to_string(op), "common" + std::to_string(type));
  }
  for (int type = 0; type < 4; ++type) add("Op7", "rare" + std::to_string(type));
  EXPECT_THAT(write_page(report), Not(HasSubstr("Types that few operators have"))) << "16 columns fit";
  for (int type = 4; type < 9; ++type) add("Op7", "rare" + std::to_string(type));
  add("Few", "rare0");
  const std::string page = write_page(report);
  EXPECT_THAT(page, HasSubstr("21 operators"));
  EXPECT_EQ(occurrences(page, "<h3>Types that few operators have</h3>"), 1u);
  EXPECT_EQ(occurrences(page, "<th title=\"Op7\">"), 2u);
  EXPECT_EQ(occurrences(page, "<th title=\"Op8\">"), 1u);
  EXPECT_EQ(occurrences(page, "<th title=\"Few\">"), 1u);
  for (const CaseInfo& info : report.planned) {
    EXPECT_EQ(occurrences(page, "title=\"" + info.op_type + " " + info.element_type + ": 1 Missing\""), 1u)
        << info.id;
  }
}

TEST(ReportPage, LeavesOutWhatIsNotThere) {
  Report report = test::sample_report(0, false);
  const std::string page = write_page(report);
  for (const char* id : {"failures", "operators", "reasons", "errors", "waivers", "untested"}) {
    EXPECT_EQ(occurrences(page, std::string("<h2 id=\"") + id + "\">"), 0u) << id;
  }
  EXPECT_THAT(page, HasSubstr("Passed at level 2"));
}

TEST(ReportPage, ARunWithoutCasesHasNotPassed) {
  EXPECT_THAT(write_page(Report{}), HasSubstr("Not passed at level 0"));
}

TEST(ReportPage, AChosenPartIsNamed) {
  Report report = test::sample_report(1, false);
  report.run.filters = {"ops.*"};
  EXPECT_THAT(write_page(report), HasSubstr("Only a part of the cases was chosen"));
}

TEST(OperatorMatrix, CountsEveryOperatorCase) {
  const Report report = test::sample_report(30);
  const OperatorMatrix matrix = operator_matrix(report);
  uint64_t counted = 0, open = 0;
  for (const MatrixRow& row : matrix.rows) {
    for (const auto& [type, cell] : row.cells) {
      counted += total_count(cell.counts);
      open += cell.claimed_untested;
    }
  }
  EXPECT_EQ(counted, report.planned.size() - 63);
  EXPECT_EQ(open, report.claimed_untested.size());
  EXPECT_EQ(matrix.element_types.front(), "float64");
  EXPECT_EQ(matrix.rows.front().domain, "");
  EXPECT_EQ(matrix.rows.back().domain, "com.microsoft");
}

TEST(OperatorMatrix, OnnxHasOneDomain) {
  Report report;
  for (const char* domain : {"", "ai.onnx"}) {
    CaseInfo info;
    info.domain = domain;
    info.op_type = "Add";
    info.element_type = "float32";
    report.planned.push_back(info);
    report.results.emplace_back();
  }
  EXPECT_EQ(operator_matrix(report).rows.size(), 1u);
}

TEST(ReportCsv, QuotesAndDisarms) {
  Report report = test::sample_report(0, false);
  report.results[0].text = "a \"b\",\nc";
  report.results[1].text = "=HYPERLINK(1)";
  const std::string csv = write_csv(report);
  EXPECT_THAT(csv, HasSubstr(",\"a \"\"b\"\",\nc\"\r\n"));
  EXPECT_THAT(csv, HasSubstr(",'=HYPERLINK(1)\r\n"));
}

TEST(ReportJunit, CountsAddUp) {
  const Report report = test::sample_report(60);
  const std::string xml = write_junit(report);
  EXPECT_EQ(occurrences(xml, "<testcase "), report.planned.size());
  const OutcomeCounts counts = count_outcomes(report);
  const auto of = [&](Outcome outcome) { return counts[static_cast<size_t>(outcome)]; };
  EXPECT_EQ(occurrences(xml, "<failure "),
            of(Outcome::kFail) + of(Outcome::kUnexpectedPass) + of(Outcome::kFlake));
  EXPECT_EQ(occurrences(xml, "<failure ") + occurrences(xml, "<error "), bad_count(counts));
  EXPECT_EQ(occurrences(xml, "<skipped "), report.planned.size() - bad_count(counts) - of(Outcome::kPass));
}

TEST(ReportBadge, SaysWhatCameOut) {
  EXPECT_THAT(write_badge(test::sample_report(1, false)), HasSubstr(" passed</text>"));
  EXPECT_THAT(write_badge(test::sample_report(60)), HasSubstr(" not passed</text>"));
}

}  // namespace
}  // namespace bp::conformance
