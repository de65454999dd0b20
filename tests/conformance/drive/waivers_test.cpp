#include "drive/waivers.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace bp::conformance {
namespace {

namespace fs = std::filesystem;

class WaiversTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  WaiverFile read(const std::string& text) {
    std::ofstream(path_) << text;
    return read_waivers(path_.string());
  }
  std::string error(const std::string& text) {
    try {
      read(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
  const fs::path path_ = fs::temp_directory_path() / ("conformance_waivers_" + std::to_string(::getpid()));
};

constexpr const char* kGood = R"(
provider = "com.acme.npu"
[[waiver]]
case = "ops.Erf.float16.plain"
reason = "a small table"
issue = "17"
expires = 2026-02-28
)";

TEST_F(WaiversTest, ReadsOne) {
  const WaiverFile file = read(kGood);
  EXPECT_EQ(file.provider_id, "com.acme.npu");
  ASSERT_EQ(file.waivers.size(), 1u);
  EXPECT_EQ(file.waivers[0].case_id, "ops.Erf.float16.plain");
  EXPECT_EQ(file.waivers[0].reason, "a small table");
  EXPECT_EQ(file.waivers[0].issue, "17");
  EXPECT_EQ(file.waivers[0].expires, "2026-02-28");
}

TEST_F(WaiversTest, SaysWhereAndWhatIsWrong) {
  EXPECT_NE(error("provider = 3").find("'provider' must be a text"), std::string::npos);
  EXPECT_NE(error("provider = \"x\"\nwaver = 1").find(":2: unknown key 'waver'"), std::string::npos);
  EXPECT_NE(error("provider = \"x\"\n[[waiver]]\ncase = \"a\"").find("'reason' must be a text"),
            std::string::npos);
  const std::string good = kGood;
  EXPECT_NE(error(good + good.substr(good.find("[[waiver]]"))).find("two waivers"), std::string::npos);
  std::string pattern = good;
  pattern.replace(pattern.find("plain"), 5, "*");
  EXPECT_NE(error(pattern).find("not for a pattern"), std::string::npos);
  std::string date = good;
  date.replace(date.find("2026-02-28"), 10, "\"never\"");
  EXPECT_NE(error(date).find("must be a date"), std::string::npos);
  EXPECT_NE(error("provider = ").find(":1:"), std::string::npos);
}

TEST(ApplyWaiver, AFailureIsWaivedUpToTheDate) {
  const Waiver waiver{"x", "a small table", "17", "2026-02-28"};
  for (const Outcome outcome : {Outcome::kFail, Outcome::kCrash, Outcome::kTimeout, Outcome::kFlake}) {
    CaseResult result;
    result.outcome = outcome;
    result.text = "it is wrong";
    apply_waiver(waiver, "2026-02-28", result);
    EXPECT_EQ(result.outcome, Outcome::kWaived);
    EXPECT_NE(result.text.find("it is wrong"), std::string::npos);
    EXPECT_NE(result.text.find("a small table"), std::string::npos);
    result.outcome = outcome;
    apply_waiver(waiver, "2026-03-01", result);
    EXPECT_EQ(result.outcome, outcome);
    EXPECT_NE(result.text.find("ended on 2026-02-28"), std::string::npos);
  }
}

TEST(ApplyWaiver, APassIsUnexpected) {
  CaseResult result;
  result.outcome = Outcome::kPass;
  apply_waiver({"x", "a small table", "17", "2026-02-28"}, "2026-01-01", result);
  EXPECT_EQ(result.outcome, Outcome::kUnexpectedPass);
  result.outcome = Outcome::kPass;
  apply_waiver({"x", "a small table", "17", "2026-02-28"}, "2027-01-01", result);
  EXPECT_EQ(result.outcome, Outcome::kPass);
}

TEST(ApplyWaiver, CoversNoErrorOfTheRunner) {
  for (const Outcome outcome : {Outcome::kHarnessError, Outcome::kMissing, Outcome::kUnsupported}) {
    CaseResult result;
    result.outcome = outcome;
    apply_waiver({"x", "a small table", "17", "2026-02-28"}, "2026-01-01", result);
    EXPECT_EQ(result.outcome, outcome);
  }
}

}  // namespace
}  // namespace bp::conformance
