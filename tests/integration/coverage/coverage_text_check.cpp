#include "coverage_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bp {
namespace {

using testing::HasSubstr;

TEST(CoverageText, PutsTypesInTheColumnOfTheirAnswer) {
  const std::string page = coverage_section(
      "CPU:0", {{"", "Foo", 7, "float32", CoverageAnswer::kDevice, "", ""},
                {"", "Foo", 7, "int8", CoverageAnswer::kRefused, "TYPE", "not taken"},
                {"", "Foo", 7, "string", CoverageAnswer::kRefused, "TYPE", "not taken"},
                {"", "Foo", 9, "float32", CoverageAnswer::kLowered, "", ""},
                {"", "If", 1, "", CoverageAnswer::kCore, "", ""},
                {"ai.onnx.ml", "Bar", 1, "int64", CoverageAnswer::kRefused, "OPERATOR", "unknown"},
                {"ai.onnx.ml", "Bar", 1, "string", CoverageAnswer::kNoSample, "", ""}});
  EXPECT_THAT(page, HasSubstr("## CPU:0\n\n- ai.onnx: 2 of 2 operators run"));
  EXPECT_THAT(page, HasSubstr("- ai.onnx.ml: 0 of 1 operators run"));
  EXPECT_THAT(page,
              HasSubstr("\n| Foo | 7 | float32 |  |  | TYPE: int8 string |\n| Foo | 9 |  | float32 |  |  |\n"));
  EXPECT_THAT(page, HasSubstr("\n| If | 1 |  |  | any |  |\n"));
  EXPECT_THAT(page, HasSubstr("### ai.onnx.ml"));
  EXPECT_THAT(page, HasSubstr("\n| Bar | 1 |  |  |  | OPERATOR: int64; not asked: string |\n"));
}

}  // namespace
}  // namespace bp
