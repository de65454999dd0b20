#include "judge/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace bp::conformance {
namespace {

using testing::HasSubstr;

std::string file_with(const std::string& text) {
  const std::string path = testing::TempDir() + "table.json";
  std::ofstream(path) << text;
  return path;
}

std::string error_of(const std::string& text) {
  try {
    read_broken_table(file_with(text));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(BrokenTable, ReadsRowsAndTakesFailAsTheOutcome) {
  const auto rows = read_broken_table(file_with(R"([
    {"variant": "a", "fault": "does this", "case": "abi.symbols"},
    {"variant": "b", "fault": "does that", "case": "ops.*", "outcome": "Timeout"}])"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].variant, "a");
  EXPECT_EQ(rows[0].outcome, Outcome::kFail);
  EXPECT_EQ(rows[1].case_id, "ops.*");
  EXPECT_EQ(rows[1].outcome, Outcome::kTimeout);
}

TEST(BrokenTable, NamesTheRowThatIsWrong) {
  EXPECT_THAT(error_of(R"([{"variant": "a", "fault": "f", "case": "c"}, {"variant": "b"}])"),
              HasSubstr("row 2"));
  EXPECT_THAT(error_of(R"([{"variant": "a", "fault": "f", "case": "c", "outcome": "Pass"}])"),
              HasSubstr("'Pass' is no outcome that catches a fault"));
  EXPECT_THAT(error_of("nonsense"), HasSubstr("row 1"));
}

TEST(BrokenTable, SaysThatAFileIsMissing) {
  EXPECT_THROW(read_broken_table("/nowhere/table.json"), std::runtime_error);
}

}  // namespace
}  // namespace bp::conformance
