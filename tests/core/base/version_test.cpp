#include "backplane/version.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace bp {
namespace {

TEST(Version, HasThreeNumbers) {
  EXPECT_TRUE(std::regex_match(std::string(version()), std::regex(R"(\d+\.\d+\.\d+)"))) << version();
}

}  // namespace
}  // namespace bp
