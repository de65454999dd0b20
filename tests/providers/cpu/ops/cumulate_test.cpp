#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuCumSum, EveryAxisDirectionAndEdge) {
  const Dims dims{3, 5, 70};
  const TestTensor x = made_up(dims);
  for (int64_t axis = -3; axis < 3; ++axis) {
    for (const bool exclusive : {false, true}) {
      for (const bool reverse : {false, true}) {
        const auto positive = static_cast<size_t>((axis + 3) % 3);
        int64_t inner = 1;
        for (size_t i = positive + 1; i < 3; ++i) inner *= dims[i];
        const int64_t n = dims[positive];
        std::vector<float> expected;
        for (int64_t i = 0; i < 3 * 5 * 70; ++i) {
          const int64_t place = i / inner % n;
          double sum = 0;
          for (int64_t other = 0; other < n; ++other) {
            const bool before = reverse ? other > place : other < place;
            if (before || (!exclusive && other == place)) {
              sum += x.at(static_cast<size_t>(i + (other - place) * inner));
            }
          }
          expected.push_back(static_cast<float>(sum));
        }
        TestGraph graph;
        graph.set_threads(3);
        graph.expect(graph.node("CumSum", {graph.input(x), graph.input(tensor<int64_t>({}, {axis}))},
                                {{"exclusive", int{exclusive}}, {"reverse", int{reverse}}}),
                     tensor<float>(dims, expected));
        graph.run();
      }
    }
  }
}

TEST(CpuCumProd, IntegersAndHalfs) {
  TestGraph graph;
  const auto axis = graph.constant(tensor<int32_t>({1}, {0}));
  const auto product = [&](const TestTensor& x, TestAttributes attributes) {
    return graph.nodes("CumProd", {graph.input(x), axis}, std::move(attributes), {{x.type, {-1}}}, "", 26)[0];
  };
  graph.expect(product(tensor<int64_t>({4}, {2, 3, -4, 5}), {}), tensor<int64_t>({4}, {2, 6, -24, -120}));
  graph.expect(product(tensor<uint8_t>({3}, {16, 16, 3}), {{"exclusive", 1}}),
               tensor<uint8_t>({3}, {1, 16, 0}));
  // 2048 + 1 needs more digits than a half has: sums are kept in float.
  graph.expect(graph.node("CumSum", {graph.input(tensor<Half>({3}, {2048.f, 1.f, 1.f})), axis}),
               tensor<Half>({3}, {2048.f, 2048.f, 2050.f}), 1e-6);
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
