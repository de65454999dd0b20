#include "base/nearest_name.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bp {
namespace {

TEST(NearestName, OffersWhatIsClose) {
  const std::vector<std::string> names = {"thread_count", "winograd", "fast_math"};
  EXPECT_EQ(nearest_name("thread_cuont", names), "thread_count");
  EXPECT_EQ(nearest_name("WINOGRAD", names), "winograd");
}

TEST(NearestName, OffersNothingForWhatIsFar) {
  const std::vector<std::string> names = {"thread_count", ""};
  EXPECT_EQ(nearest_name("precision", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("a", {}), "");
}

}  // namespace
}  // namespace bp
