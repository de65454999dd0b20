#include "compare/compare_tensors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace bp::conformance {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TensorPtr floats(std::vector<float> values) {
  return Tensor::of_float({static_cast<int64_t>(values.size())}, values);
}

std::string judged(const TensorPtr& expected, const TensorPtr& actual, const ToleranceRow& row,
                   WorstError* worst = nullptr, const ErrorFacts& facts = {}) {
  WorstError own;
  return judge("y", *expected, *actual, row, facts, worst == nullptr ? own : *worst);
}

ToleranceRow units(double count, ErrorScale scale = ErrorScale::kElement) {
  return {"Op", "*", count, scale, 0, 0, "test"};
}

TEST(CompareTensors, CountsUlpAndNamesThePlace) {
  const float next = std::nextafter(2.0f, 3.0f);
  WorstError worst;
  EXPECT_EQ(judged(floats({1, 2}), floats({1, next}), units(1), &worst), "");
  EXPECT_EQ(worst.max_ulp, 1);
  EXPECT_EQ(worst.index, 1u);
  EXPECT_EQ(worst.of_tolerance, 1);
  const std::string text = judged(floats({1, 2}), floats({1, std::nextafter(next, 3.0f)}), units(1), &worst);
  EXPECT_NE(text.find("1 of 2 elements"), std::string::npos) << text;
  EXPECT_NE(text.find("[1]"), std::string::npos) << text;
  EXPECT_EQ(worst.of_tolerance, 2);
}

TEST(CompareTensors, NanAndInfinityAreOnlyThemselves) {
  EXPECT_EQ(judged(floats({kNan, kInfinity}), floats({kNan, kInfinity}), units(0)), "");
  EXPECT_NE(judged(floats({kNan}), floats({0}), units(1e9)), "");
  EXPECT_NE(judged(floats({0}), floats({kNan}), units(1e9)), "");
  EXPECT_NE(judged(floats({kInfinity}), floats({-kInfinity}), units(1e9)), "");
  EXPECT_NE(judged(floats({kInfinity}), floats({1e38f}), units(4)), "");
  EXPECT_EQ(judged(floats({kInfinity}), floats({std::numeric_limits<float>::max()}), units(4)), "");
}

TEST(CompareTensors, ScalesByInputsAndTerms) {
  const ErrorFacts facts{100, 2, 3};
  const double allowed = 4 * std::ldexp(1.0, -23) * 10 * 2 * 3;
  const auto off = [&](double share) { return floats({static_cast<float>(share * allowed)}); };
  EXPECT_EQ(judged(floats({0}), off(0.9), units(4, ErrorScale::kProduct), nullptr, facts), "");
  EXPECT_NE(judged(floats({0}), off(1.1), units(4, ErrorScale::kProduct), nullptr, facts), "");
}

TEST(CompareTensors, IntegersAndStringsAreExact) {
  const auto a = Tensor::of_int64({2}, std::vector<int64_t>{1, INT64_MAX}),
             b = Tensor::of_int64({2}, std::vector<int64_t>{1, INT64_MAX - 1});
  EXPECT_EQ(judged(a, a, units(0)), "");
  EXPECT_NE(judged(a, b, units(100)), "");
  const auto words = Tensor::of_strings({1}, std::vector<std::string>{"a"}),
             other = Tensor::of_strings({1}, std::vector<std::string>{"b"});
  EXPECT_NE(judged(words, other, units(100)), "");
}

TEST(CompareTensors, ShapesAndTypesMustAgree) {
  EXPECT_NE(judged(floats({1}), floats({1, 2}), units(100)), "");
  EXPECT_NE(judged(floats({1}), Tensor::of_int64({1}, std::vector<int64_t>{1}), units(100)), "");
}

}  // namespace
}  // namespace bp::conformance
