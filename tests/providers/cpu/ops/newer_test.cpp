// Operators of opsets 23 to 28 that are short: RMSNormalization, SwiGLU, RotaryEmbedding, LinearAttention,
// CausalConvWithState, BitCast.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

TestGraph::Ref newer(TestGraph& graph, const char* op, std::vector<TestGraph::Ref> inputs,
                     TestAttributes attributes, Type type, Dims dims) {
  return graph.nodes(op, std::move(inputs), std::move(attributes), {{type, std::move(dims), true}}, "", 28)[0];
}

TEST(CpuRmsNormalization, DividesByTheRootOfTheMeanSquare) {
  for (const int64_t length : {3, 40}) {
    const TestTensor x = made_up({5, 2, length}), scale = made_up({length}, 2);
    std::vector<float> expected;
    for (int64_t line = 0; line < 10; ++line) {
      double squares = 0;
      for (int64_t i = 0; i < length; ++i) squares += std::pow(x.at(static_cast<size_t>(line * length + i)), 2);
      for (int64_t i = 0; i < length; ++i)
        expected.push_back(static_cast<float>(x.at(static_cast<size_t>(line * length + i)) /
                                              std::sqrt(squares / static_cast<double>(length) + 1e-3) *
                                              scale.at(static_cast<size_t>(i))));
    }
    TestGraph graph;
    const auto y = newer(graph, "RMSNormalization", {graph.input(x), graph.constant(scale)},
                         {{"epsilon", 1e-3}}, Type::kFloat32, x.dims);
    graph.expect(y, tensor<float>(x.dims, expected));
    graph.run();
  }
}

TEST(CpuRmsNormalization, RefusesAScaleThatDoesNotRepeat) {
  TestGraph graph;
  graph.output(newer(graph, "RMSNormalization", {graph.input(made_up({2, 4})), graph.input(made_up({3}))}, {},
                     Type::kFloat32, {2, 4}));
  EXPECT_NE(graph.specialize_error().find("the scale must be the last of the dims [4], is [3]"),
            std::string::npos)
      << graph.specialize_error();
}

TEST(CpuSwiGlu, GatesOneInputByTheOther) {
  TestGraph graph;
  const auto gate = graph.input(tensor<float>({3}, {0, 1, -2})),
             value = graph.input(tensor<float>({3}, {5, 2, 3}));
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  graph.expect(
      newer(graph, "SwiGLU", {gate, value}, {{"alpha", 2.0}}, Type::kFloat32, {3}),
      tensor<float>({3}, {0, static_cast<float>(2 * sigmoid(2)), static_cast<float>(-6 * sigmoid(-4))}));
  graph.run();
}

TEST(CpuRotaryEmbedding, TurnsPairsByTheAngleOfTheirPlace) {
  // One head of 4 entries at places 1 and 0; a quarter turn at place 1, none at place 0.
  const TestTensor x = tensor<float>({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const TestTensor cosine = tensor<float>({2, 2}, {1, 1, 0, 0}), sine = tensor<float>({2, 2}, {0, 0, 1, 1});
  const TestTensor places = tensor<int64_t>({1, 2}, {1, 0});
  for (const int interleaved : {0, 1}) {
    TestGraph graph;
    const auto y = newer(graph, "RotaryEmbedding",
                         {graph.input(x), graph.input(cosine), graph.input(sine), graph.input(places)},
                         {{"num_heads", 1}, {"interleaved", interleaved}}, Type::kFloat32, x.dims);
    graph.expect(y, tensor<float>(x.dims, interleaved == 0 ? std::vector<float>{-3, -4, 1, 2, 5, 6, 7, 8}
                                                           : std::vector<float>{-2, 1, -4, 3, 5, 6, 7, 8}));
    graph.run();
  }
}

TEST(CpuRotaryEmbedding, LeavesTheRestOfAHead) {
  const TestTensor x = tensor<float>({1, 1, 1, 4}, {1, 2, 3, 4});
  TestGraph graph;
  const auto y = newer(
      graph, "RotaryEmbedding",
      {graph.input(x), graph.input(tensor<float>({1, 1, 1}, {0})), graph.input(tensor<float>({1, 1, 1}, {1}))},
      {{"rotary_embedding_dim", 2}}, Type::kFloat32, x.dims);
  graph.expect(y, tensor<float>(x.dims, {-2, 1, 3, 4}));
  graph.run();
}

TEST(CpuLinearAttention, ChangesItsStateByEachRule) {
  // One head, sizes 1: S, the output and the state are numbers. k = 2, v = 3, q = 5, past state 7.
  const double decay = std::exp(-0.5);
  const struct {
    const char* rule;
    double state;
  } cases[] = {{"linear", 7 + 2 * 3.0},
               {"gated", decay * 7 + 2 * 3.0},
               {"delta", 7 + 0.25 * 2 * (3 - 7 * 2.0)},
               {"gated_delta", decay * 7 + 0.25 * 2 * (3 - decay * 7 * 2)}};
  for (const auto& [rule, state] : cases) {
    TestGraph graph;
    const auto one = [&](double value) {
      return graph.input(tensor<float>({1, 1, 1}, {static_cast<float>(value)}));
    };
    const auto outputs = graph.nodes(
        "LinearAttention",
        {one(5), one(2), one(3), graph.input(tensor<float>({1, 1, 1, 1}, {7})), one(-0.5), one(0.25)},
        {{"update_rule", rule}, {"q_num_heads", 1}, {"kv_num_heads", 1}, {"scale", 0.5}},
        {{Type::kFloat32, {1, 1, 1}, true}, {Type::kFloat32, {1, 1, 1, 1}, true}}, "", 27);
    graph.expect(outputs[0], tensor<float>({1, 1, 1}, {static_cast<float>(0.5 * 5 * state)}));
    graph.expect(outputs[1], tensor<float>({1, 1, 1, 1}, {static_cast<float>(state)}));
    graph.run();
  }
}

TEST(CpuLinearAttention, NeedsADecayWhereTheRuleHasOne) {
  TestGraph graph;
  const auto x = graph.input(made_up({1, 1, 1}));
  graph.output(newer(graph, "LinearAttention", {x, x, x},
                     {{"update_rule", "gated"}, {"q_num_heads", 1}, {"kv_num_heads", 1}}, Type::kFloat32,
                     {1, 1, 1}));
  EXPECT_NE(graph.reasons().find("input 4 is needed and missing"), std::string::npos) << graph.reasons();
}

TEST(CpuCausalConvolution, ContinuesWhereTheLastCallEnded) {
  TestGraph graph;
  const auto outputs = graph.nodes(
      "CausalConvWithState",
      {graph.input(tensor<float>({1, 1, 3}, {1, 2, 3})), graph.constant(tensor<float>({1, 1, 3}, {100, 10, 1})),
       graph.constant(tensor<float>({1}, {0.5f})), graph.input(tensor<float>({1, 1, 2}, {8, 9}))},
      {}, {{Type::kFloat32, {1, 1, 3}, true}, {Type::kFloat32, {1, 1, 2}, true}}, "", 27);
  graph.expect(outputs[0], tensor<float>({1, 1, 3}, {891.5f, 912.5f, 123.5f}));
  graph.expect(outputs[1], tensor<float>({1, 1, 2}, {2, 3}));
  graph.run();
}

TEST(CpuBitCast, KeepsTheBits) {
  TestGraph graph;
  graph.expect(
      newer(graph, "BitCast", {graph.input(tensor<float>({2}, {1.0f, -0.0f}))}, {{"to", 6}}, Type::kInt32, {2}),
      tensor<int32_t>({2}, {0x3F800000, INT32_MIN}));
  graph.run();
}

TEST(CpuBitCast, RefusesAnotherSize) {
  TestGraph graph;
  graph.output(newer(graph, "BitCast", {graph.input(made_up({2}))}, {{"to", 11}}, Type::kFloat64, {2}));
  EXPECT_NE(graph.reasons().find("must be of one size, are float32 and float64"), std::string::npos)
      << graph.reasons();
}

}  // namespace
}  // namespace bp::cpu::test
