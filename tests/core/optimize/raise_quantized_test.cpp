#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/subgraph.hpp"
#include "interpreter.hpp"
#include "optimize/raise.hpp"
#include "pass_test_helper.hpp"
#include "quantized_graph.hpp"

namespace bp {
namespace {

using test::difference;
using test::GraphBuilder;
using test::interpret;
using test::kBytes;
using test::ops_of;
using test::PassRun;
using test::random_inputs;
using test::run_pass;
using Builder = test::QuantizedBuilder;

PassRun raise(Builder& b) { return run_pass(optimize_passes::raise_quantized, b.graph()); }

// The one composite of this operator.
const Node& composite(const Graph& graph, const std::string& op_type) {
  for (const NodeId id : graph.topological_order()) {
    if (graph.node(id).op_type == op_type) return graph.node(id);
  }
  ADD_FAILURE() << "no " << op_type;
  return graph.node(0);
}

// Raised, the graph computes the same, and so it does when lowering has put back what was replaced.
void expect_same_when_raised(Builder& b, const std::string& op_type) {
  Graph& graph = b.graph();
  const auto inputs = random_inputs(graph, 5);
  const auto before = interpret(graph, inputs);
  ASSERT_EQ(raise(b).changes, 1u);
  EXPECT_LT(difference(before[0], interpret(graph, inputs)[0]), 1e-6);
  const Node node = composite(graph, op_type);
  ASSERT_NE(node.replaced, nullptr);
  graph.remove_node(graph.value(node.outputs[0]).producer);
  splice(graph, *node.replaced, node.inputs, node.outputs, "");
  EXPECT_EQ(difference(before[0], interpret(graph, inputs)[0]), 0);
}

TEST(RaiseQuantized, MakesAMatrixProductOfIntegers) {
  Builder b;
  const ValueId x = b.quantized_input("x", {2, 3}, 0.02f, 100);
  const ValueId y = b.node("MatMul", {x, b.column_weights()}, {2, 2});
  b.output(b.quantize(y, {2, 2}, 0.05f, 7));
  expect_same_when_raised(b, "QLinearMatMul");
}

TEST(RaiseQuantized, GivesWeightsTheZeroPointsThatWereLeftOut) {
  Builder b;
  const ValueId x = b.quantized_input("x", {2, 3}, 0.02f, 100);
  b.output(b.quantize(b.node("MatMul", {x, b.column_weights()}, {2, 2}), {2, 2}, 0.05f, 7));
  raise(b);
  const Node& node = composite(b.graph(), "QLinearMatMul");
  ASSERT_EQ(node.inputs.size(), 8u);
  EXPECT_EQ(b.graph().value(node.inputs[5]).constant->to_int64(), (std::vector<int64_t>{0, 0}));
}

TEST(RaiseQuantized, KeepsADequantizerThatOthersRead) {
  Builder b;
  const ValueId x = b.quantized_input("x", {4}, 0.02f, 100);
  const ValueId y = b.quantized_input("y", {4}, 0.01f, 120);
  b.output(b.quantize(b.node("Add", {x, y}, {4}), {4}, 0.03f, 110));
  b.output(x);
  expect_same_when_raised(b, "QLinearAdd");
}

Builder after_activation(const std::string& activation, std::vector<float> bounds, int zero_point) {
  Builder b;
  const ValueId x = b.quantized_input("x", {4}, 0.02f, 100);
  const ValueId sum = b.node("Add", {x, b.quantized_input("y", {4}, 0.01f, 120)}, {4});
  std::vector<ValueId> inputs = {sum};
  for (const float bound : bounds) inputs.push_back(b.floats({}, {}, {bound}));
  b.output(b.quantize(b.node(activation, inputs, {4}), {4}, 0.02f, zero_point));
  return b;
}

TEST(RaiseQuantized, TakesInActivationsThatTheRangeMakesAnyway) {
  Builder relu = after_activation("Relu", {}, 0);
  EXPECT_EQ(raise(relu).changes, 1u);
  EXPECT_EQ(ops_of(relu.graph()).find("Relu"), std::string::npos);
  Builder clip = after_activation("Clip", {0, 5.1f}, 0);  // 5.1 is 255 steps
  EXPECT_EQ(raise(clip).changes, 1u);
}

TEST(RaiseQuantized, LeavesActivationsThatClipMore) {
  Builder relu = after_activation("Relu", {}, 10);
  EXPECT_EQ(raise(relu).changes, 0u);
  Builder clip = after_activation("Clip", {0, 4}, 0);
  EXPECT_EQ(raise(clip).changes, 0u);
}

// Conv and its bias, by these scales.
Builder convolution(float bias_scale, bool float_bias = false) {
  Builder b;
  const ValueId x = b.quantized_input("x", {1, 1, 4, 4}, 0.5f, 3);
  const ValueId w = b.bytes("w", {2, 1, 3, 3}, std::vector<int>(18, 1), ElementType::kInt8);
  const ValueId weights =
      b.node("DequantizeLinear",
             {w, b.floats("ws", {2}, {0.5f, 0.25f}), b.bytes("wz", {2}, {0, 0}, ElementType::kInt8)},
             {2, 1, 3, 3}, {{"axis", int64_t{0}}});
  ValueId bias = b.floats("bias", {2}, {1, 2});
  if (!float_bias) {
    const ValueId scales = b.floats("bs", {2}, {bias_scale, bias_scale / 2});
    bias = b.node("DequantizeLinear", {b.int32s("b", {5, -5}), scales}, {2}, {{"axis", int64_t{0}}});
  }
  const ValueId y =
      b.node("Conv", {x, weights, bias}, {1, 2, 4, 4}, {{"pads", std::vector<int64_t>{1, 1, 1, 1}}}, "conv");
  b.output(b.quantize(y, {1, 2, 4, 4}, 0.1f, 0));
  return b;
}

TEST(RaiseQuantized, MakesAConvolutionOfIntegers) {
  Builder b = convolution(0.25f);
  EXPECT_EQ(raise(b).changes, 1u);
  EXPECT_EQ(ops_of(b.graph()), "QuantizeLinear QLinearConv");
  const Node& node = composite(b.graph(), "QLinearConv");
  EXPECT_EQ(node.name, "conv");
  EXPECT_EQ(node.inputs.size(), 9u);
  EXPECT_NE(node.ints("pads"), nullptr);
}

TEST(RaiseQuantized, LeavesABiasOfAnotherScaleAndSaysSo) {
  Builder other = convolution(0.3f);
  const PassRun run = raise(other);
  EXPECT_EQ(run.changes, 0u);
  ASSERT_FALSE(run.report.notes.empty());
  EXPECT_NE(run.report.notes[0].find("'conv'"), std::string::npos);
  Builder floats = convolution(0, true);
  EXPECT_EQ(raise(floats).changes, 0u);
}

TEST(RaiseQuantized, PoolsIntegersByEqualScalesOnly) {
  for (const float by : {0.02f, 0.03f}) {
    Builder b;
    const ValueId x = b.quantized_input("x", {1, 1, 4, 4}, 0.02f, 100);
    const ValueId y =
        b.node("MaxPool", {x}, {1, 1, 2, 2},
               {{"kernel_shape", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 2}}});
    b.output(b.quantize(y, {1, 1, 2, 2}, by, 100));
    EXPECT_EQ(raise(b).changes, by == 0.02f ? 1u : 0u);
  }
}

TEST(RaiseQuantized, JoinsPartsOfOtherScales) {
  for (const float by : {0.02f, 0.04f}) {
    Builder b;
    const ValueId x = b.quantized_input("x", {1, 2}, 0.02f, 100);
    const ValueId y = b.quantized_input("y", {1, 3}, by, 100);
    b.output(b.quantize(b.node("Concat", {x, y}, {1, 5}, {{"axis", int64_t{1}}}), {1, 5}, 0.02f, 100));
    EXPECT_EQ(raise(b).changes, 1u);
    const Node& node = composite(b.graph(), by == 0.02f ? "Concat" : "QLinearConcat");
    EXPECT_EQ(node.inputs.size(), by == 0.02f ? 2u : 8u);
    EXPECT_EQ(node.int_or("axis", -1), 1);
  }
}

TEST(RaiseQuantized, LeavesScalesThatACallerMayChange) {
  Builder b;
  const ValueId x = b.quantized_input("x", {4}, 0.02f, 100);
  const ValueId sum = b.node("Add", {x, b.quantized_input("y", {4}, 0.01f, 120)}, {4});
  const ValueId scale = b.scale(0.03f);
  b.graph().mark_input(scale);
  b.output(b.node("QuantizeLinear", {sum, scale, b.zero(1)}, GraphBuilder::tensor_type(kBytes, {4})));
  EXPECT_EQ(raise(b).changes, 0u);
}

}  // namespace
}  // namespace bp
