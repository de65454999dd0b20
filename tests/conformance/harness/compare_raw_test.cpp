#include "harness/compare_raw.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace bp::conformance {
namespace {

RawTensor floats(const std::vector<float>& values) {
  return {BP_TYPE_FLOAT32,
          {static_cast<int64_t>(values.size())},
          {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}};
}

TEST(DifferenceOf, OfTheSameIsEmpty) {
  EXPECT_EQ(difference_of(floats({1, 2}), floats({1, 2}), Match::kBits), "");
}

TEST(DifferenceOf, NamesTheFirstElement) {
  EXPECT_EQ(difference_of(floats({1, 2, 3}), floats({1, 2.5, 4}), Match::kBits), "element 1 is 2 and 2.5");
  EXPECT_EQ(difference_of(floats({1, 2, 3}), floats({1, 2.5, 4}), Match::kNearly), "element 1 is 2 and 2.5");
}

TEST(DifferenceOf, AllowsRoundingOnlyWhereBitsDoNotCount) {
  const RawTensor a = floats({1, 1000});
  const RawTensor b = floats({1, std::nextafter(1000.0f, 2000.0f)});
  EXPECT_NE(difference_of(a, b, Match::kBits), "");
  EXPECT_EQ(difference_of(a, b, Match::kNearly), "");
}

TEST(DifferenceOf, NanIsNearNanAlone) {
  EXPECT_EQ(difference_of(floats({NAN}), floats({-NAN}), Match::kNearly), "");
  EXPECT_NE(difference_of(floats({NAN}), floats({1}), Match::kNearly), "");
}

TEST(DifferenceOf, IntegersAreExact) {
  RawTensor a{BP_TYPE_INT32, {2}, std::string(8, '\0')};
  RawTensor b = a;
  b.bytes[4] = 1;
  EXPECT_EQ(difference_of(a, b, Match::kNearly), "element 1 differs");
}

TEST(DifferenceOf, OtherDimsDiffer) {
  RawTensor a = floats({1, 2});
  RawTensor b = a;
  b.dims = {1, 2};
  EXPECT_NE(difference_of(a, b, Match::kNearly), "");
}

}  // namespace
}  // namespace bp::conformance
