// The option `deterministic`: one graph gives the same bits for any number of threads.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

struct Case {
  std::string name;
  std::function<void(TestGraph&)> build;
};

TestAttributes window(std::vector<int64_t> strides, std::vector<int64_t> pads, int64_t group = 1) {
  return {{"strides", std::move(strides)}, {"pads", std::move(pads)}, {"group", group}};
}

void convolution(TestGraph& graph, Dims x, Dims w, const TestAttributes& attributes, Dims y) {
  graph.output(
      graph.node("Conv", {graph.input(made_up(std::move(x), 1)), graph.constant(made_up(std::move(w), 2))},
                 attributes),
      std::move(y));
}

void product(TestGraph& graph, Dims a, Dims b, Dims y) {
  graph.output(
      graph.node("MatMul", {graph.input(made_up(std::move(a), 1)), graph.constant(made_up(std::move(b), 2))}),
      std::move(y));
}

// Among them shapes for which oneDNN takes other code on one thread than on several.
std::vector<Case> cases() {
  return {
      {"wide 3x3",
       [](TestGraph& graph) {
         convolution(graph, {1, 64, 28, 28}, {64, 64, 3, 3}, window({1, 1}, {1, 1, 1, 1}), {1, 64, 28, 28});
       }},
      {"one channel, long window",
       [](TestGraph& graph) {
         convolution(graph, {1, 1, 1, 1624}, {1, 1, 1, 256}, window({1, 2}, {0, 0, 0, 0}), {1, 1, 1, 685});
       }},
      {"a window as large as the image",
       [](TestGraph& graph) {
         convolution(graph, {1, 256, 16, 8}, {256, 1, 16, 8}, window({1, 1}, {0, 0, 0, 0}, 256),
                     {1, 256, 1, 1});
       }},
      {"groups",
       [](TestGraph& graph) {
         convolution(graph, {1, 24, 14, 14}, {36, 6, 3, 3}, window({1, 1}, {1, 1, 1, 1}, 4), {1, 36, 14, 14});
       }},
      {"a row times a matrix",
       [](TestGraph& graph) {
         product(graph, {1, 2048}, {2048, 1000}, {1, 1000});
       }},
      {"a long sum",
       [](TestGraph& graph) {
         product(graph, {3, 9000}, {9000, 16}, {3, 16});
       }},
      {"a recurrent layer of an odd batch",
       [](TestGraph& graph) {
         const auto values =
             graph.nodes("GRU",
                         {graph.input(made_up({2, 33, 16}, 1)), graph.constant(made_up({1, 24, 16}, 2)),
                          graph.constant(made_up({1, 24, 8}, 3))},
                         {{"hidden_size", 8}}, {TestOutput{Type::kFloat32}});
         graph.output(values[0], {2, 1, 33, 8});
       }},
      {"elements",
       [](TestGraph& graph) {
         graph.output(graph.node("Sigmoid", {graph.node("Exp", {graph.input(made_up({7, 40'001}))})}),
                      {7, 40'001});
       }},
      {"softmax and sums",
       [](TestGraph& graph) {
         const auto x = graph.node("Softmax", {graph.input(made_up({33, 1001}))});
         graph.output(graph.node("ReduceMean", {x, graph.constant(tensor<int64_t>({1}, {0}))}), {1, 1001});
       }},
  };
}

TEST(CpuDeterministic, AnyNumberOfThreadsGivesTheSameBits) {
  for (const Case& one : cases()) {
    std::vector<std::byte> expected;
    for (const uint32_t threads : {1u, 2u, 3u, 5u, 8u}) {
      TestGraph graph;
      graph.set_threads(threads);
      graph.set_option("deterministic", true);
      one.build(graph);
      const auto results = graph.run();
      ASSERT_EQ(results.size(), 1u) << one.name;
      if (expected.empty()) expected = results[0].bytes;
      EXPECT_TRUE(results[0].bytes == expected) << one.name << " on " << threads << " threads";
    }
  }
}

}  // namespace
}  // namespace bp::cpu::test
