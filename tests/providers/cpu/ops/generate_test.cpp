#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

// Long enough for the team and for vectors with a rest.
template <class T>
void expect_range(T start, T delta, int64_t count) {
  std::vector<T> expected;
  for (int64_t i = 0; i < count; ++i) expected.push_back(static_cast<T>(start + static_cast<T>(i) * delta));
  TestGraph graph;
  graph.set_threads(2);
  const auto from = graph.constant(tensor<T>({}, {start}));
  const auto to = graph.constant(tensor<T>({}, {static_cast<T>(start + static_cast<T>(count) * delta)}));
  const auto by = graph.constant(tensor<T>({}, {delta}));
  graph.expect(graph.node("Range", {from, to, by}, {}, {type_of<T>(), {count}, true}),
               tensor<T>({count}, expected), 0);
  graph.run();
}

TEST(CpuRange, CountsInEveryType) {
  expect_range<int64_t>(-5, 3, 20011);
  expect_range<int64_t>(7, -2, 37);
  expect_range<int32_t>(-9, 4, 20011);
  expect_range<int16_t>(-32000, 2, 31999);
  expect_range<float>(0.25F, 0.5F, 20011);
  expect_range<double>(1, -0.125, 20011);
}

}  // namespace
}  // namespace bp::cpu::test
