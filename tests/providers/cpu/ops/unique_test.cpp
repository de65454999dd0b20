#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestOutput depends(Type type) { return {type, {}, false, true}; }

std::vector<TestGraph::Ref> unique_of(TestGraph& graph, TestGraph::Ref x, TestAttributes attributes,
                                      Type type) {
  return graph.nodes("Unique", {x}, std::move(attributes),
                     {depends(type), depends(Type::kInt64), depends(Type::kInt64), depends(Type::kInt64)});
}

TEST(CpuUnique, CountsInOrderOfAppearance) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({5}, {3, 1, 3, 2, 1}));
  const auto y = unique_of(graph, x, {{"sorted", 0}}, Type::kFloat32);
  graph.expect(y[0], tensor<float>({3}, {3, 1, 2}));
  graph.expect(y[1], tensor<int64_t>({3}, {0, 1, 3}));
  graph.expect(y[2], tensor<int64_t>({5}, {0, 1, 0, 2, 1}));
  graph.expect(y[3], tensor<int64_t>({3}, {2, 2, 1}));
  graph.run();
}

TEST(CpuUnique, SortsRowsAndTakesNaNAsOneValue) {
  const float nan = std::nanf("");
  TestGraph graph;
  const auto x = graph.input(tensor<float>({4, 1}, {nan, 2, nan, 1}));
  const auto y = graph.nodes("Unique", {x}, {{"axis", 0}}, {depends(Type::kFloat32), depends(Type::kInt64)});
  graph.output(y[0], {-1, -1});
  graph.expect(y[1], tensor<int64_t>({3}, {3, 1, 0}));
  EXPECT_EQ(graph.run()[0].dims, (Dims{3, 1}));
}

// More values than the table holds at first, in no order, against a map.
template <class T>
void expect_many(int64_t different) {
  std::vector<T> values;
  for (int64_t i = 0; i < 3 * different + 7; ++i)
    values.push_back(static_cast<T>(i * 7919 % different - different / 2));
  std::map<T, std::vector<int64_t>> places;
  for (size_t i = 0; i < values.size(); ++i) places[values[i]].push_back(static_cast<int64_t>(i));
  std::vector<T> sorted;
  std::vector<int64_t> first, group(values.size()), size;
  for (const auto& [value, all] : places) {
    for (const int64_t at : all) group[static_cast<size_t>(at)] = static_cast<int64_t>(sorted.size());
    sorted.push_back(value);
    first.push_back(all[0]);
    size.push_back(static_cast<int64_t>(all.size()));
  }
  const auto count = static_cast<int64_t>(sorted.size());
  TestGraph graph;
  const auto x = graph.input(tensor<T>({static_cast<int64_t>(values.size())}, values));
  const auto y = unique_of(graph, x, {}, type_of<T>());
  graph.expect(y[0], tensor<T>({count}, sorted), 0);
  graph.expect(y[1], tensor<int64_t>({count}, first), 0);
  graph.expect(y[2], tensor<int64_t>({static_cast<int64_t>(values.size())}, group), 0);
  graph.expect(y[3], tensor<int64_t>({count}, size), 0);
  graph.run();
}

TEST(CpuUnique, FindsManyValues) {
  expect_many<int64_t>(5003);
  expect_many<double>(5003);
  expect_many<int8_t>(256);
}

TEST(CpuUnique, TakesBothZerosAsOneAndNaNAsTheLast) {
  const float nan = std::nanf("");
  TestGraph graph;
  const auto x = graph.input(tensor<float>({7}, {nan, 0.0F, 1, -0.0F, -nan, -1, 0.0F}));
  const auto y = unique_of(graph, x, {}, Type::kFloat32);
  graph.expect(y[0], tensor<float>({4}, {-1, 0, 1, nan}), 0);
  graph.expect(y[1], tensor<int64_t>({4}, {5, 1, 2, 0}), 0);
  graph.expect(y[2], tensor<int64_t>({7}, {3, 1, 2, 1, 3, 0, 1}), 0);
  graph.expect(y[3], tensor<int64_t>({4}, {1, 3, 1, 2}), 0);
  graph.run();
}

TEST(CpuUnique, ComparesColumnsAndTexts) {
  TestGraph graph;
  const auto x = graph.input(tensor<int32_t>({2, 4}, {3, 1, 3, 3, 0, 5, 0, -1}));
  const auto columns = unique_of(graph, x, {{"axis", 1}}, Type::kInt32);
  graph.expect(columns[0], tensor<int32_t>({2, 3}, {1, 3, 3, 5, -1, 0}), 0);
  graph.expect(columns[1], tensor<int64_t>({3}, {1, 3, 0}), 0);
  graph.expect(columns[3], tensor<int64_t>({3}, {1, 1, 2}), 0);
  graph.expect(columns[2], tensor<int64_t>({4}, {2, 0, 2, 1}), 0);
  const auto words = graph.input(strings({4}, {"b", "", "b", "a"}));
  const auto texts = unique_of(graph, words, {}, Type::kString);
  graph.expect(texts[0], strings({3}, {"", "a", "b"}));
  graph.expect(texts[1], tensor<int64_t>({3}, {1, 3, 0}), 0);
  graph.expect(texts[3], tensor<int64_t>({3}, {1, 1, 2}), 0);
  graph.expect(texts[2], tensor<int64_t>({4}, {2, 0, 2, 1}), 0);
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
