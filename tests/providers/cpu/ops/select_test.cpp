#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

// Which inputs have one column only: every inner loop, each with a rest behind its vectors.
template <class T>
void expect_choice(int one_column) {
  constexpr int64_t kRows = 3, kColumns = 37;
  const auto columns = [&](int input) { return (one_column >> input & 1) != 0 ? 1 : kColumns; };
  std::vector<bool> flags;
  std::vector<T> yes, no, expected;
  for (int64_t i = 0; i < kRows * columns(0); ++i) flags.push_back(i % 3 == 0 || i % 7 == 1);
  for (int64_t i = 0; i < kRows * columns(1); ++i) yes.push_back(static_cast<T>(i % 100));
  for (int64_t i = 0; i < kRows * columns(2); ++i) no.push_back(static_cast<T>(100 + i % 27));
  const auto at = [&](const auto& values, int input, int64_t row, int64_t column) {
    return values[static_cast<size_t>(row * columns(input) + (columns(input) == 1 ? 0 : column))];
  };
  for (int64_t row = 0; row < kRows; ++row) {
    for (int64_t i = 0; i < kColumns; ++i)
      expected.push_back(at(flags, 0, row, i) ? at(yes, 1, row, i) : at(no, 2, row, i));
  }
  TestGraph graph;
  const auto c = graph.input(tensor<bool>({kRows, columns(0)}, flags));
  const auto x = graph.input(tensor<T>({kRows, columns(1)}, yes));
  const auto y = graph.input(tensor<T>({kRows, columns(2)}, no));
  const bool narrow = one_column == 7;
  if (narrow) {
    expected = {expected[0], expected[kColumns], expected[2 * kColumns]};
  }
  graph.expect(graph.node("Where", {c, x, y}, {}, {type_of<T>()}),
               tensor<T>({kRows, narrow ? 1 : kColumns}, expected), 0);
  graph.run();
}

TEST(CpuWhere, ChoosesInEveryShapeAndSize) {
  for (int one_column = 0; one_column < 8; ++one_column) {
    SCOPED_TRACE(one_column);
    expect_choice<int8_t>(one_column);
    expect_choice<int16_t>(one_column);
    expect_choice<float>(one_column);
    expect_choice<double>(one_column);
  }
}

TEST(CpuWhere, WritesOverASideThatNobodyElseReads) {
  TestGraph graph;
  const auto c = graph.input(tensor<bool>({5}, {true, false, true, false, true}));
  const auto x = graph.node("Neg", {graph.input(tensor<float>({5}, {1, 2, 3, 4, 5}))});
  const auto y = graph.input(tensor<float>({}, {9}));
  graph.expect(graph.node("Where", {c, x, y}, {}, {Type::kFloat32}), tensor<float>({5}, {-1, 9, -3, 9, -5}), 0);
  graph.run();
}

TEST(CpuClip, KeepsNaNAndLetsTheUpperBoundWin) {
  const float infinite = std::numeric_limits<float>::infinity();
  const float nan = std::nanf("");
  std::vector<float> values, bounded, crossed;
  for (int i = 0; i < 39; ++i) {
    const float value = i == 5 ? nan : i == 20 ? infinite : i == 38 ? -infinite : static_cast<float>(i) - 20;
    values.push_back(value);
    bounded.push_back(std::isnan(value) ? nan : std::fmin(std::fmax(value, -3), 7));
    crossed.push_back(std::isnan(value) ? nan : -1);
  }
  TestGraph graph;
  const auto x = graph.input(tensor<float>({39}, values));
  const auto low = graph.input(tensor<float>({}, {-3}));
  const auto high = graph.input(tensor<float>({}, {7}));
  const auto below = graph.input(tensor<float>({}, {-1}));
  graph.expect(graph.node("Clip", {x, low, high}), tensor<float>({39}, bounded), 0);
  graph.expect(graph.node("Clip", {x, high, below}), tensor<float>({39}, crossed), 0);
  graph.expect(graph.node("Clip", {x}), tensor<float>({39}, values), 0);
  const auto twice = graph.node("Neg", {graph.node("Neg", {x})});
  graph.expect(graph.node("Clip", {twice, low, high}), tensor<float>({39}, bounded), 0);
  graph.run();
}

TEST(CpuClip, BoundsIntegers) {
  TestGraph graph;
  const auto x = graph.input(tensor<int64_t>({3}, {INT64_MIN, 5, INT64_MAX}));
  graph.expect(graph.node("Clip", {x, TestGraph::kOmitted, graph.input(tensor<int64_t>({}, {6}))}),
               tensor<int64_t>({3}, {INT64_MIN, 5, 6}), 0);
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
