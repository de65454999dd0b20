#include "drive/progress.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

namespace bp::conformance {
namespace {

using std::chrono::seconds;

std::string told(std::FILE* file) {
  std::rewind(file);
  std::string text(1000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

TEST(Progress, CountsAndSaysHowLongItWillTake) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  Progress progress(file.get(), false, 100, 10);
  CaseInfo info;
  info.id = "x.one";
  CaseResult result;
  result.outcome = Outcome::kPass;
  for (int i = 0; i < 29; ++i) progress.add(info, result);
  result.outcome = Outcome::kFail;
  result.text = "it is wrong";
  progress.add(info, result);
  EXPECT_EQ(progress.line(seconds(60)), "40/100  29 Pass, 1 Fail  2 min 1 s left");
  EXPECT_EQ(told(file.get()), "Fail x.one\n  it is wrong\n");
}

TEST(TimeText, HasTwoUnitsAtMost) {
  EXPECT_EQ(time_text(seconds(59)), "59 s");
  EXPECT_EQ(time_text(seconds(61)), "1 min 1 s");
  EXPECT_EQ(time_text(seconds(7860)), "2 h 11 min");
}

}  // namespace
}  // namespace bp::conformance
