#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestOutput depends(Type type) { return {type, {}, false, true}; }

TEST(CpuNonZero, GivesAColumnPerElement) {
  TestGraph graph;
  const auto x = graph.input(tensor<bool>({2, 2}, {true, false, true, true}));
  graph.expect(graph.node("NonZero", {x}, {}, depends(Type::kInt64)),
               tensor<int64_t>({2, 3}, {0, 1, 1, 0, 0, 1}));
  graph.run();
}

TEST(CpuCompress, KeepsColumnsAndElements) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto keep = graph.input(tensor<bool>({3}, {false, true, true}));
  graph.expect(graph.node("Compress", {x, keep}, {{"axis", 1}}, depends(Type::kFloat32)),
               tensor<float>({2, 2}, {2, 3, 5, 6}));
  graph.expect(graph.node("Compress", {x, keep}, {}, depends(Type::kFloat32)), tensor<float>({2}, {2, 3}));
  graph.run();
}

// Runs of kept rows, and elements of every size.
template <class T>
void expect_compressed() {
  constexpr int64_t kCount = 29;
  std::vector<bool> keep;
  std::vector<T> values, elements, rows;
  for (int64_t i = 0; i < kCount; ++i) {
    keep.push_back(i % 5 < 2 || i % 7 == 6);
    values.insert(values.end(), {static_cast<T>(i), static_cast<T>(i + 50)});
    if (keep.back()) rows.insert(rows.end(), {static_cast<T>(i), static_cast<T>(i + 50)});
  }
  for (size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) elements.push_back(values[i]);
  }
  const auto found = static_cast<int64_t>(rows.size() / 2);
  TestGraph graph;
  const auto x = graph.input(tensor<T>({kCount, 2}, values));
  const auto flags = graph.input(tensor<bool>({kCount}, keep));
  graph.expect(graph.node("Compress", {x, flags}, {{"axis", 0}}, depends(type_of<T>())),
               tensor<T>({found, 2}, rows), 0);
  graph.expect(graph.node("Compress", {x, flags}, {}, depends(type_of<T>())), tensor<T>({found}, elements), 0);
  graph.run();
}

TEST(CpuCompress, MovesEveryElementSize) {
  expect_compressed<int8_t>();
  expect_compressed<int16_t>();
  expect_compressed<float>();
  expect_compressed<int64_t>();
}

TEST(CpuCompress, KeepsAllAndNothing) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 2}, {1, 2, 3, 4}));
  const auto all = graph.input(tensor<bool>({2}, {true, true}));
  const auto none = graph.input(tensor<bool>({2}, {false, false}));
  graph.expect(graph.node("Compress", {x, all}, {{"axis", 1}}, depends(Type::kFloat32)),
               tensor<float>({2, 2}, {1, 2, 3, 4}));
  graph.expect(graph.node("Compress", {x, none}, {{"axis", 1}}, depends(Type::kFloat32)),
               tensor<float>({2, 0}, {}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
