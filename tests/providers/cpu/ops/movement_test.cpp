// Transpose, Slice, Split, Concat, Expand, Tile, Pad: elements that go to other places.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

std::vector<float> counted(int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

TestTensor ints(const std::vector<int64_t>& values) {
  return tensor<int64_t>({static_cast<int64_t>(values.size())}, values);
}

// Every axis order of a tensor large enough for tiles with rests and for the team, against plain loops.
TEST(CpuTranspose, OrdersAxesOfLargeTensors) {
  const Dims dims = {3, 37, 5, 41};
  const std::vector<float> values = counted(element_count(dims));
  std::vector<int64_t> perm = {0, 1, 2, 3};
  do {
    Dims to;
    for (const int64_t axis : perm) to.push_back(dims[static_cast<size_t>(axis)]);
    std::vector<float> expected;
    int64_t at[4];
    int64_t o[4];
    for (o[0] = 0; o[0] < to[0]; ++o[0])
      for (o[1] = 0; o[1] < to[1]; ++o[1])
        for (o[2] = 0; o[2] < to[2]; ++o[2])
          for (o[3] = 0; o[3] < to[3]; ++o[3]) {
            for (size_t i = 0; i < 4; ++i) at[perm[i]] = o[i];
            const int64_t index = ((at[0] * dims[1] + at[1]) * dims[2] + at[2]) * dims[3] + at[3];
            expected.push_back(values[static_cast<size_t>(index)]);
          }
    TestGraph graph;
    graph.set_threads(2);
    const auto x = graph.input(tensor<float>(dims, values));
    graph.expect(graph.node("Transpose", {x}, {{"perm", perm}}), tensor<float>(to, expected), 0);
    graph.run();
  } while (std::next_permutation(perm.begin(), perm.end()));
}

TEST(CpuTranspose, TakesEveryElementSize) {
  const auto check = [](auto zero) {
    using T = decltype(zero);
    TestGraph graph;
    const auto x = graph.input(tensor<T>({2, 3}, {T(1), T(2), T(3), T(4), T(5), T(6)}));
    graph.expect(graph.node("Transpose", {x}), tensor<T>({3, 2}, {T(1), T(4), T(2), T(5), T(3), T(6)}), 0);
    graph.run();
  };
  check(int8_t{});
  check(Half{});
  check(int32_t{});
  check(double{});
}

TEST(CpuTranspose, IsAViewWhereOnlyOnesMove) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 2, 2}, {1, -2, 3, -4}));
  const auto y = graph.node("Transpose", {graph.node("Neg", {x})}, {{"perm", std::vector<int64_t>{1, 0, 2}}});
  graph.expect(graph.node("Relu", {y}), tensor<float>({2, 1, 2}, {0, 2, 0, 4}));
  graph.run();
  EXPECT_EQ(graph.steps().size(), 2u);
}

TEST(CpuSlice, StepsBackAndForth) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3, 4}, counted(12)));
  const auto y = graph.node("Slice", {x, graph.constant(ints({-1, 0})), graph.constant(ints({INT64_MIN, 4})),
                                      graph.constant(ints({0, 1})), graph.constant(ints({-2, 3}))});
  graph.expect(y, tensor<float>({2, 2}, {8, 11, 0, 3}));
  graph.run();
}

TEST(CpuSlice, MayTakeNothing) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({3, 4}, counted(12)));
  const auto y = graph.node("Slice", {x, graph.known(ints({2})), graph.known(ints({1}))});
  graph.expect(y, tensor<float>({0, 4}, {}));
  graph.run();
}

TEST(CpuSplit, CutsIntoViewsAndCopies) {
  for (const int64_t axis : {0, 1}) {
    TestGraph graph;
    const auto x = graph.input(tensor<int64_t>({2, 2}, {1, 2, 3, 4}));
    const auto parts =
        graph.nodes("Split", {x}, {{"axis", axis}, {"num_outputs", 2}}, {{Type::kInt64}, {Type::kInt64}});
    const Dims dims = axis == 0 ? Dims{1, 2} : Dims{2, 1};
    graph.expect(parts[0],
                 tensor<int64_t>(dims, axis == 0 ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{1, 3}));
    graph.expect(parts[1],
                 tensor<int64_t>(dims, axis == 0 ? std::vector<int64_t>{3, 4} : std::vector<int64_t>{2, 4}));
    graph.run();
  }
}

TEST(CpuSplit, SaysWhatDoesNotAddUp) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({4}, counted(4)));
  graph.output(
      graph.nodes("Split", {x, graph.constant(ints({1, 2}))}, {}, {{Type::kFloat32}, {Type::kFloat32}})[0]);
  EXPECT_NE(graph.specialize_error().find("does not cut 4 elements"), std::string::npos);
}

// Large enough that the team's shares end within pieces.
TEST(CpuConcat, JoinsAlongEveryAxis) {
  for (const size_t axis : {0u, 1u, 2u}) {
    Dims a = {4, 50, 60};
    Dims b = a;
    b[axis] = 31;
    Dims to = a;
    to[axis] += b[axis];
    std::vector<float> expected;
    for (int64_t i = 0; i < element_count(to); ++i) {
      Dims at = {i / (to[1] * to[2]), i / to[2] % to[1], i % to[2]};
      const bool second = at[axis] >= a[axis];
      const Dims& from = second ? b : a;
      if (second) at[axis] -= a[axis];
      const auto index = static_cast<float>((at[0] * from[1] + at[1]) * from[2] + at[2]);
      expected.push_back(second ? -index : index);
    }
    std::vector<float> negated = counted(element_count(b));
    for (float& value : negated) value = -value;
    TestGraph graph;
    graph.set_threads(2);
    const auto x = graph.input(tensor<float>(a, counted(element_count(a))));
    const auto y = graph.input(tensor<float>(b, negated));
    const auto joined = graph.node("Concat", {x, y}, {{"axis", static_cast<int64_t>(axis)}});
    graph.expect(joined, tensor<float>(to, expected), 0);
    graph.run();
  }
}

TEST(CpuConcat, SkipsEmptyInputsAndSaysWhatDoesNotFit) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({0, 2}, {}));
  const auto y = graph.input(tensor<float>({1, 2}, {1, 2}));
  graph.expect(graph.node("Concat", {x, y}, {{"axis", 0}}), tensor<float>({1, 2}, {1, 2}));
  graph.run();

  TestGraph wrong;
  const auto a = wrong.input(tensor<float>({1, 3}, counted(3)));
  const auto b = wrong.input(tensor<float>({1, 2}, counted(2)));
  wrong.output(wrong.node("Concat", {a, b}, {{"axis", 0}}));
  EXPECT_NE(wrong.specialize_error().find("input 1 with dims [1,2] does not fit"), std::string::npos);
}

TEST(CpuExpand, RepeatsOnesAndAddsAxes) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 1}, {1, 2}));
  graph.expect(graph.node("Expand", {x, graph.known(ints({2, 1, 3}))}),
               tensor<float>({2, 2, 3}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}));
  graph.run();
}

TEST(CpuExpand, RepeatsTheLastAxisInEveryElementSize) {
  const auto check = [](auto zero) {
    using T = decltype(zero);
    constexpr int64_t kTimes = 19;
    std::vector<T> expected(2 * kTimes, T(3));
    std::fill(expected.begin() + kTimes, expected.end(), T(5));
    TestGraph graph;
    const auto x = graph.input(tensor<T>({2, 1}, {T(3), T(5)}));
    graph.expect(graph.node("Expand", {x, graph.constant(ints({2, kTimes}))}), tensor<T>({2, kTimes}, expected),
                 0);
    graph.run();
  };
  check(int8_t{});
  check(Half{});
  check(int32_t{});
  check(double{});
}

TEST(CpuTile, RepeatsEveryAxis) {
  TestGraph graph;
  const auto x = graph.input(tensor<int8_t>({2, 2}, {1, 2, 3, 4}));
  graph.expect(graph.node("Tile", {x, graph.constant(ints({2, 2}))}),
               tensor<int8_t>({4, 4}, {1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4}));
  graph.run();
}

TEST(CpuPad, KnowsEveryMode) {
  const std::vector<std::pair<const char*, std::vector<float>>> modes = {
      {"constant", {9, 9, 9, 1, 2, 3, 9}},
      {"edge", {1, 1, 1, 1, 2, 3, 3}},
      {"reflect", {2, 3, 2, 1, 2, 3, 2}},
      {"wrap", {1, 2, 3, 1, 2, 3, 1}},
  };
  for (const auto& [mode, expected] : modes) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({3}, {1, 2, 3}));
    const auto fill = graph.input(tensor<float>({}, {9}));
    const auto y = graph.node("Pad", {x, graph.constant(ints({3, 1})), fill}, {{"mode", mode}});
    graph.expect(y, tensor<float>({7}, expected));
    graph.run();
  }
}

TEST(CpuPad, CutsWhereNegativeAndTakesAxes) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({2, 3}, counted(6)));
  const auto y =
      graph.node("Pad", {x, graph.constant(ints({-1, 2})), TestGraph::kOmitted, graph.constant(ints({-1}))});
  graph.expect(y, tensor<float>({2, 4}, {1, 2, 0, 0, 4, 5, 0, 0}));
  graph.run();
}

// Blocks of few columns, which are parted at once, and of more, in every element size.
template <class T>
void expect_depth(int64_t block) {
  const Dims from = {2, 3, 2 * block, 13 * block};
  const Dims to = {2, 3 * block * block, 2, 13};
  std::vector<T> values, expected(static_cast<size_t>(element_count(from)));
  for (int64_t i = 0; i < element_count(from); ++i) {
    values.push_back(T(static_cast<float>(i % 127)));
    const int64_t x = i % from[3], y = i / from[3] % from[2], c = i / (from[3] * from[2]) % 3;
    const int64_t n = i / (from[3] * from[2] * 3);
    const int64_t depth = (y % block * block + x % block) * 3 + c;
    expected[static_cast<size_t>(((n * to[1] + depth) * 2 + y / block) * 13 + x / block)] = values.back();
  }
  TestGraph graph;
  graph.set_threads(2);
  const auto image = graph.input(tensor<T>(from, values));
  graph.expect(graph.node("SpaceToDepth", {image}, {{"blocksize", block}}), tensor<T>(to, expected), 0);
  graph.run();
}

TEST(CpuSpaceToDepth, PartsBlocksOfEverySize) {
  for (int64_t block = 2; block <= 5; ++block) {
    expect_depth<int8_t>(block);
    expect_depth<Half>(block);
    expect_depth<float>(block);
    expect_depth<double>(block);
  }
}

TEST(CpuDepthToSpace, AndBackIsTheSame) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({1, 8, 1, 2}, counted(16)));
  const auto y = graph.node("DepthToSpace", {x}, {{"blocksize", 2}});
  graph.expect(y, tensor<float>({1, 2, 2, 4}, {0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15}));
  graph.expect(graph.node("SpaceToDepth", {y}, {{"blocksize", 2}}), tensor<float>({1, 8, 1, 2}, counted(16)));
  graph.run();
}

}  // namespace
}  // namespace bp::cpu::test
