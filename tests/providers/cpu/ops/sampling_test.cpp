#include <gtest/gtest.h>

#include <cmath>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestOutput image() { return {Type::kFloat32, {}, false}; }

TEST(CpuGridSample, ReadsTheImageAtItsOwnGrid) {
  TestGraph graph;
  const auto theta = graph.input(tensor<float>({1, 2, 3}, {1, 0, 0, 0, 1, 0}));
  const auto size = graph.known(tensor<int64_t>({4}, {1, 2, 2, 3}));
  const auto x = graph.input(tensor<float>({1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  const auto grid = graph.node("AffineGrid", {theta, size}, {}, image());
  for (const char* mode : {"nearest", "linear", "cubic"}) {
    graph.expect(graph.node("GridSample", {x, grid}, {{"mode", mode}}),
                 tensor<float>({1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  }
  graph.run();
}

TEST(CpuGridSample, ManyPositionsOfManyChannels) {
  // More positions than one stretch holds, in two batches; an image that is linear in its position.
  constexpr int64_t kHeight = 7, kWidth = 11, kRows = 31, kColumns = 43;
  std::vector<float> x, grid, y;
  for (int64_t plane = 0; plane < 2 * 3; ++plane) {
    for (int64_t i = 0; i < kHeight * kWidth; ++i)
      x.push_back(static_cast<float>(plane * 100 + i / kWidth * 3 + i % kWidth));
  }
  const TestTensor stated = made_up({2, kRows, kColumns, 2}, 4);
  for (size_t i = 0; i < 2 * kRows * kColumns * 2; ++i) grid.push_back(static_cast<float>(stated.at(i)));
  for (size_t plane = 0; plane < 6; ++plane) {
    for (size_t i = 0; i < kRows * kColumns; ++i) {
      const size_t at = (plane / 3 * kRows * kColumns + i) * 2;
      const double column = (stated.at(at) + 1) / 2 * (kWidth - 1);
      const double row = (stated.at(at + 1) + 1) / 2 * (kHeight - 1);
      y.push_back(static_cast<float>(static_cast<double>(plane) * 100 + row * 3 + column));
    }
  }
  TestGraph graph;
  graph.set_threads(3);
  graph.expect(graph.node("GridSample",
                          {graph.input(tensor<float>({2, 3, kHeight, kWidth}, x)),
                           graph.input(tensor<float>({2, kRows, kColumns, 2}, grid))},
                          {{"align_corners", 1}}),
               tensor<float>({2, 3, kRows, kColumns}, y));
  graph.run();
}

TEST(CpuGridSample, PadsOutside) {
  for (const auto& [padding, expected] : std::vector<std::pair<const char*, std::vector<float>>>{
           {"zeros", {0, 1.5F}}, {"border", {1, 3}}, {"reflection", {2, 3}}}) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({1, 1, 1, 3}, {1, 2, 3}));
    // Positions -2 and 2.5 of 0..2.
    const auto grid = graph.input(tensor<float>({1, 1, 2, 2}, {-2, 0, 1, 0}));
    graph.expect(graph.node("GridSample", {x, grid}, {{"padding_mode", padding}}),
                 tensor<float>({1, 1, 1, 2}, expected));
    graph.run();
  }
}

TEST(CpuGridSample, OneSpatialDim) {
  TestGraph graph;
  const auto x = graph.input(tensor<double>({1, 2, 3}, {1, 2, 3, 10, 20, 30}));
  // Positions 0.25 and 2 of 0..2.
  const auto grid = graph.input(tensor<double>({1, 2, 1}, {-0.75, 1}));
  graph.expect(graph.node("GridSample", {x, grid}, {{"align_corners", 1}}),
               tensor<double>({1, 2, 2}, {1.25, 3, 12.5, 30}));
  graph.run();
}

TEST(CpuGridSample, TakesAnyNumberAsPosition) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 1, 1, 1}, {5}));
  const auto grid = graph.input(tensor<float>({1, 1, 2, 2}, {std::nanf(""), 0, INFINITY, 1e30F}));
  graph.expect(graph.node("GridSample", {x, grid}, {{"padding_mode", "reflection"}}),
               tensor<float>({1, 1, 1, 2}, {5, 5}));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
