// Movement between convolutions, in the layout in which they leave their results, against the same movement of
// row-major tensors.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

using Ref = TestGraph::Ref;
using Movement = std::function<Ref(TestGraph&, Ref left, Ref right)>;

constexpr int64_t kChannels = 32;

Ref convolution(TestGraph& graph, uint32_t seed, int64_t height) {
  const Ref x = graph.input(made_up({2, 16, height, 6}, seed));
  const Ref weights = graph.constant(made_up({kChannels, 16, 3, 3}, seed + 1));
  return graph.node("Conv", {x, weights}, {{"pads", std::vector<int64_t>{1, 1, 1, 1}}});
}

// Moves the results of two convolutions at once and as inputs of a second graph; both must be equal.
void compare(const Movement& movement, const Dims& expected, int64_t right_height = 4) {
  TestGraph apart;
  apart.output(convolution(apart, 1, 4), {2, kChannels, 4, 6});
  apart.output(convolution(apart, 5, right_height), {2, kChannels, right_height, 6});
  const std::vector<TestTensor> between = apart.run();
  ASSERT_EQ(between.size(), 2u);

  TestGraph plain;
  const Ref left = plain.input(between[0]);
  plain.output(movement(plain, left, plain.input(between[1])), expected);
  const std::vector<TestTensor> moved = plain.run();
  ASSERT_EQ(moved.size(), 1u);

  for (const uint32_t threads : {1u, 2u}) {
    TestGraph whole;
    whole.set_threads(threads);
    const Ref a = convolution(whole, 1, 4);
    whole.expect(movement(whole, a, convolution(whole, 5, right_height)), moved[0]);
    whole.run();
  }
}

Ref resize(TestGraph& graph, Ref x, const char* mode) {
  const Ref scales = graph.constant(tensor<float>({4}, {1, 1, 2, 2.5F}));
  return graph.node("Resize", {x, TestGraph::kOmitted, scales}, {{"mode", mode}});
}

TEST(CpuBlocked, ResizesBetweenConvolutions) {
  for (const char* mode : {"nearest", "linear", "cubic"}) {
    compare([&](TestGraph& graph, Ref left, Ref) { return resize(graph, left, mode); }, {2, kChannels, 8, 15});
  }
}

TEST(CpuBlocked, AddsWhatWasResized) {
  compare(
      [](TestGraph& graph, Ref left, Ref right) {
        return graph.node("Add", {resize(graph, left, "nearest"), resize(graph, right, "nearest")});
      },
      {2, kChannels, 8, 15});
}

TEST(CpuBlocked, JoinsChannelsAndRows) {
  const auto join = [](int64_t axis) {
    return [axis](TestGraph& graph, Ref left, Ref right) {
      return graph.node("Concat", {left, right, left}, {{"axis", axis}});
    };
  };
  compare(join(0), {6, kChannels, 4, 6});
  compare(join(1), {2, 3 * kChannels, 4, 6});
  compare(join(2), {2, kChannels, 4 + 3 + 4, 6}, 3);
  compare(join(-1), {2, kChannels, 4, 18});
}

}  // namespace
}  // namespace bp::cpu::test
