#include <gtest/gtest.h>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TEST(CpuReverseSequence, TurnsEachBatchAsFarAsItGoes) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto lengths = graph.input(tensor<int64_t>({2}, {3, 2}));
  graph.expect(graph.node("ReverseSequence", {x, lengths}, {{"batch_axis", 0}, {"time_axis", 1}}),
               tensor<float>({2, 3}, {3, 2, 1, 5, 4, 6}));
  graph.run();
}

TEST(CpuTrilu, KeepsOneSideOfTheDiagonal) {
  TestGraph graph;
  const auto x = graph.input(tensor<int64_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto k = graph.input(tensor<int64_t>({}, {-1}));
  graph.expect(graph.node("Trilu", {x}), tensor<int64_t>({2, 3}, {1, 2, 3, 0, 5, 6}));
  graph.expect(graph.node("Trilu", {x, k}, {{"upper", 0}}), tensor<int64_t>({2, 3}, {0, 0, 0, 4, 0, 0}));
  graph.run();
}

TEST(CpuOneHot, LeavesRowsOffWhereTheIndexIsOutside) {
  TestGraph graph;
  const auto at = graph.input(tensor<int32_t>({3}, {1, -1, 7}));
  const auto depth = graph.known(tensor<int64_t>({}, {3}));
  const auto values = graph.input(tensor<float>({2}, {0, 5}));
  graph.expect(graph.node("OneHot", {at, depth, values}, {}, {Type::kFloat32}),
               tensor<float>({3, 3}, {0, 5, 0, 0, 0, 5, 0, 0, 0}));
  graph.run();
}

TEST(CpuOneHot, TakesEveryElementSizeAndAxis) {
  const auto check = [](auto zero) {
    using T = decltype(zero);
    TestGraph graph;
    const auto at = graph.input(tensor<int64_t>({3}, {1, -2, 0}));
    const auto depth = graph.known(tensor<int64_t>({}, {2}));
    const auto values = graph.input(tensor<T>({2}, {T(3), T(4)}));
    graph.expect(graph.node("OneHot", {at, depth, values}, {}, {type_of<T>()}),
                 tensor<T>({3, 2}, {T(3), T(4), T(4), T(3), T(4), T(3)}), 0);
    graph.expect(graph.node("OneHot", {at, depth, values}, {{"axis", 0}}, {type_of<T>()}),
                 tensor<T>({2, 3}, {T(3), T(4), T(4), T(4), T(3), T(3)}), 0);
    graph.run();
  };
  check(int8_t{});
  check(Half{});
  check(int32_t{});
  check(double{});
}

}  // namespace
}  // namespace bp::cpu::test
