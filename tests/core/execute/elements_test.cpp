// Rows share a block; growing one never shows in another.
#include "execute/elements.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "execute/runtime_value.hpp"

namespace bp {
namespace {

RuntimeValue number(int64_t value) { return view_of(Tensor::of_int64({}, {&value, 1})); }

std::vector<int64_t> numbers(const Elements& row) {
  std::vector<int64_t> all;
  for (const RuntimeValue& value : row.all()) all.push_back(*static_cast<const int64_t*>(value.host_data()));
  return all;
}

TEST(Elements, GrowsAtTheEndInPlace) {
  Elements row;
  EXPECT_TRUE(row.all().empty());
  size_t moved = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const RuntimeValue* before = row.size() == 0 ? nullptr : &row[0];
    row = row.with(row.size(), number(i));
    moved += before != nullptr && &row[0] != before ? 1 : 0;
  }
  ASSERT_EQ(row.size(), 1000u);
  EXPECT_EQ(numbers(row)[999], 999);
  EXPECT_LT(moved, 12u);  // each time to twice the room
}

TEST(Elements, TwoRowsMayGrowFromOne) {
  const Elements one = Elements().with(0, number(1));
  const Elements left = one.with(1, number(2));
  const Elements right = one.with(1, number(3));
  const Elements more = left.with(2, number(4));
  EXPECT_EQ(numbers(one), (std::vector<int64_t>{1}));
  EXPECT_EQ(numbers(left), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(numbers(right), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(numbers(more), (std::vector<int64_t>{1, 2, 4}));
}

TEST(Elements, InsertsAndTakesOutAnywhere) {
  const Elements row({number(1), number(2), number(3)});
  EXPECT_EQ(numbers(row.with(0, number(0))), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(numbers(row.with(2, number(9))), (std::vector<int64_t>{1, 2, 9, 3}));
  EXPECT_EQ(numbers(row.without(0)), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(numbers(row.without(1)), (std::vector<int64_t>{1, 3}));
  const Elements shorter = row.without(2);
  EXPECT_EQ(numbers(shorter), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(numbers(shorter.with(2, number(7))), (std::vector<int64_t>{1, 2, 7}));
  EXPECT_EQ(numbers(row), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(Elements({number(1)}).without(0).size(), 0u);
}

TEST(Elements, ThreadsMayGrowOneRow) {
  const Elements start = Elements().with(0, number(-1));
  std::vector<Elements> grown(4);
  std::vector<std::thread> threads;
  for (int64_t thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      Elements row = start;
      for (int i = 0; i < 500; ++i) row = row.with(row.size(), number(thread));
      grown[static_cast<size_t>(thread)] = row;
    });
  for (std::thread& thread : threads) thread.join();
  for (int64_t thread = 0; thread < 4; ++thread) {
    std::vector<int64_t> expected(501, thread);
    expected[0] = -1;
    EXPECT_EQ(numbers(grown[static_cast<size_t>(thread)]), expected);
  }
}

}  // namespace
}  // namespace bp
