#include "kernels/run_totals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "instruction_set.hpp"
#include "kernels/softmax_lines.hpp"

namespace bp::cpu {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> numbers(int64_t count) {
  std::vector<float> x;
  for (int64_t i = 0; i < count; ++i) x.push_back(static_cast<float>((i * 7919) % 1009) * 0.01f - 5.0f);
  return x;
}

void check_totals(const RunTotals& totals) {
  for (const int64_t count : {0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 300, 1000, 1023}) {
    const std::vector<float> x = numbers(count);
    double sum = 0, absolute = 0, squares = 0;
    float largest = -kInfinity, smallest = kInfinity;
    for (const float value : x) {
      const auto number = static_cast<double>(value);
      sum += number, absolute += std::fabs(number), squares += number * number;
      largest = std::fmax(largest, value), smallest = std::fmin(smallest, value);
    }
    EXPECT_NEAR(totals.sum(x.data(), count), sum, 1e-6 * absolute);
    EXPECT_NEAR(totals.absolute_sum(x.data(), count), absolute, 1e-6 * absolute);
    EXPECT_NEAR(totals.square_sum(x.data(), count), squares, 1e-6 * squares);
    EXPECT_EQ(totals.largest(x.data(), count), largest);
    EXPECT_EQ(totals.smallest(x.data(), count), smallest);
    for (int64_t place = 0; place < count; ++place) {  // wherever it stands
      std::vector<float> holed = x;
      holed[static_cast<size_t>(place)] = kNan;
      ASSERT_TRUE(std::isnan(totals.largest(holed.data(), count))) << place << " of " << count;
      ASSERT_TRUE(std::isnan(totals.smallest(holed.data(), count))) << place << " of " << count;
    }
  }
}

// [outer, length, inner] -> softmax over the middle, by definition.
double expected(const std::vector<float>& x, int64_t length, int64_t step, int64_t column, int64_t row,
                bool log) {
  double total = 0;
  for (int64_t i = 0; i < length; ++i)
    total += std::exp(static_cast<double>(x[static_cast<size_t>(i * step + column)]));
  const auto value = static_cast<double>(x[static_cast<size_t>(row * step + column)]);
  return log ? value - std::log(total) : std::exp(value) / total;
}

void check_softmax(const SoftmaxLines& lines) {
  for (const bool log : {false, true}) {
    for (const int64_t length : {1, 7, 16, 40, 255, 300}) {
      const std::vector<float> x = numbers(length);
      std::vector<float> apart(x.size()), in_place = x;
      (log ? lines.log_softmax : lines.softmax)(x.data(), apart.data(), length);
      (log ? lines.log_softmax : lines.softmax)(in_place.data(), in_place.data(), length);
      EXPECT_EQ(apart, in_place);
      for (int64_t i = 0; i < length; ++i)
        ASSERT_NEAR(apart[static_cast<size_t>(i)], expected(x, length, 1, 0, i, log), log ? 2e-6 * 10 : 1e-6);
      for (const int64_t columns : {1, 5, 16, 64}) {
        const int64_t step = columns + 3;
        const std::vector<float> table = numbers(length * step);
        std::vector<float> y = table;
        (log ? lines.log_softmax_columns : lines.softmax_columns)(y.data(), y.data(), length, step, columns);
        for (int64_t row = 0; row < length; ++row) {
          for (int64_t column = 0; column < step; ++column) {
            const auto at = static_cast<size_t>(row * step + column);
            if (column >= columns) {
              ASSERT_EQ(y[at], table[at]);  // not theirs
            } else {
              ASSERT_NEAR(y[at], expected(table, length, step, column, row, log), log ? 2e-5 : 1e-6);
            }
          }
        }
      }
    }
    for (const int64_t length : {1, 2, 3, 4, 16}) {
      const int64_t count = 150;
      std::vector<float> x = numbers(length * count);
      x[static_cast<size_t>(7 * length)] = kNan;
      std::vector<float> y = x;
      (log ? lines.log_softmax_short : lines.softmax_short)(y.data(), y.data(), length, count);
      for (int64_t line = 0; line < count; ++line) {
        const std::vector<float> one(x.begin() + line * length, x.begin() + (line + 1) * length);
        for (int64_t i = 0; i < length; ++i) {
          const float found = y[static_cast<size_t>(line * length + i)];
          ASSERT_EQ(std::isnan(found), line == 7);
          if (line == 7) continue;
          ASSERT_NEAR(found, expected(one, length, 1, 0, i, log), log ? 2e-5 : 1e-6);
        }
      }
    }
    std::vector<float> holed = numbers(20);
    holed[3] = kNan;
    (log ? lines.log_softmax : lines.softmax)(holed.data(), holed.data(), 20);
    for (const float value : holed) EXPECT_TRUE(std::isnan(value));
    std::vector<float> steep = {1000, 0, -1000, -kInfinity};
    (log ? lines.log_softmax : lines.softmax)(steep.data(), steep.data(), 4);
    EXPECT_EQ(steep,
              log ? (std::vector<float>{0, -1000, -2000, -kInfinity}) : (std::vector<float>{1, 0, 0, 0}));
  }
}

TEST(RunTotals, AreRightForAnyProcessor) { check_totals(RunTotalsVariants::kPlain); }
TEST(SoftmaxLines, AreRightForAnyProcessor) { check_softmax(SoftmaxLinesVariants::kPlain); }

TEST(RunTotals, AreRightWithAvx2) {
  if (instruction_set() == InstructionSet::kPlain) GTEST_SKIP() << "this processor has no AVX2";
  check_totals(RunTotalsVariants::kAvx2);
}
TEST(SoftmaxLines, AreRightWithAvx2) {
  if (instruction_set() == InstructionSet::kPlain) GTEST_SKIP() << "this processor has no AVX2";
  check_softmax(SoftmaxLinesVariants::kAvx2);
}

TEST(RunTotals, AreRightWithAvx512) {
  if (instruction_set() != InstructionSet::kAvx512) GTEST_SKIP() << "this processor has no AVX-512";
  check_totals(RunTotalsVariants::kAvx512);
}
TEST(SoftmaxLines, AreRightWithAvx512) {
  if (instruction_set() != InstructionSet::kAvx512) GTEST_SKIP() << "this processor has no AVX-512";
  check_softmax(SoftmaxLinesVariants::kAvx512);
}

}  // namespace
}  // namespace bp::cpu
