#include "optimize/raise.hpp"

#include <gtest/gtest.h>

#include "graph/subgraph.hpp"
#include "interpreter.hpp"
#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using test::difference;
using test::GraphBuilder;
using test::interpret;
using test::ops_of;
using test::random_inputs;
using test::run_pass;

using Pass = Result<size_t> (*)(Graph&, optimize_passes::PassContext&);

// The composite computes the same, and so does what lowering puts back.
void expect_raised(GraphBuilder& b, Pass pass, const std::string& op_type) {
  Graph& graph = b.graph();
  const auto inputs = random_inputs(graph, 5);
  const auto before = interpret(graph, inputs);
  const size_t count = graph.alive_count();
  ASSERT_EQ(run_pass(pass, graph).changes, 1u);
  ASSERT_EQ(ops_of(graph), op_type);
  EXPECT_LT(difference(before[0], interpret(graph, inputs)[0]), 1e-4);

  const NodeId composite = graph.topological_order()[0];
  const Node node = graph.node(composite);
  EXPECT_EQ(node.origin.size(), count);
  ASSERT_NE(node.replaced, nullptr);
  graph.remove_node(composite);
  splice(graph, *node.replaced, node.inputs, node.outputs, "");
  EXPECT_EQ(graph.alive_count(), count);
  EXPECT_EQ(difference(before[0], interpret(graph, inputs)[0]), 0);
}

struct LayerNormForm {
  bool uses_mul = false;
  bool has_scale = true;
  bool has_bias = true;
  std::vector<int64_t> axes = {-1};
};

GraphBuilder layer_norm(const LayerNormForm& form) {
  GraphBuilder b;
  const std::vector<int64_t> dims = {2, 3, 4};
  std::vector<int64_t> reduced = dims;
  std::vector<int64_t> normalized;
  for (const int64_t axis : form.axes) {
    reduced[static_cast<size_t>(axis + 3)] = 1;
    normalized.push_back(dims[static_cast<size_t>(axis + 3)]);
  }
  const ValueId x = b.input("x", dims);
  const ValueId mean = b.node("ReduceMean", {x, b.ints("axes", form.axes)}, reduced);
  const ValueId d = b.node("Sub", {x, mean}, dims);
  const ValueId square =
      form.uses_mul ? b.node("Mul", {d, d}, dims) : b.node("Pow", {d, b.floats("two", {}, {2})}, dims);
  const ValueId variance = b.node("ReduceMean", {square, b.ints("axes2", form.axes)}, reduced);
  const ValueId sum = b.node("Add", {variance, b.floats("eps", {}, {1e-3f})}, reduced);
  ValueId y = b.node("Div", {d, b.node("Sqrt", {sum}, reduced)}, dims);
  if (form.has_scale) y = b.node("Mul", {b.input("scale", normalized), y}, dims);
  if (form.has_bias) y = b.node("Add", {y, b.input("bias", normalized)}, dims);
  b.output(y);
  return b;
}

TEST(RaiseLayerNorm, FindsThePytorchForm) {
  GraphBuilder b = layer_norm({});
  expect_raised(b, optimize_passes::raise_layer_norm, "LayerNormalization");
}

TEST(RaiseLayerNorm, FindsTheSquareAsAProduct) {
  GraphBuilder b = layer_norm({.uses_mul = true});
  expect_raised(b, optimize_passes::raise_layer_norm, "LayerNormalization");
}

TEST(RaiseLayerNorm, FindsItWithoutBiasOrScale) {
  GraphBuilder scale_only = layer_norm({.has_bias = false});
  expect_raised(scale_only, optimize_passes::raise_layer_norm, "LayerNormalization");
  GraphBuilder plain = layer_norm({.has_scale = false, .has_bias = false});
  expect_raised(plain, optimize_passes::raise_layer_norm, "LayerNormalization");
}

TEST(RaiseLayerNorm, FindsItOverSeveralLastAxes) {
  GraphBuilder b = layer_norm({.axes = {-2, -1}});
  expect_raised(b, optimize_passes::raise_layer_norm, "LayerNormalization");
  GraphBuilder first = layer_norm({.axes = {-3}});
  EXPECT_EQ(run_pass(optimize_passes::raise_layer_norm, first.graph()).changes, 0u);
}

TEST(RaiseLayerNorm, LeavesItWhenAnInnerValueIsNeeded) {
  GraphBuilder b = layer_norm({});
  b.output(*b.graph().find_value("Sub1"));
  EXPECT_EQ(run_pass(optimize_passes::raise_layer_norm, b.graph()).changes, 0u);
}

TEST(RaiseGelu, FindsTheErfFormInEveryBracketing) {
  for (int form = 0; form < 3; ++form) {
    GraphBuilder b;
    const std::vector<int64_t> dims = {2, 8};
    const ValueId x = b.input("x", dims);
    const ValueId half = b.floats("half", {}, {0.5f});
    const ValueId scaled = b.node("Div", {x, b.floats("root", {}, {1.41421354f})}, dims);
    const ValueId factor = b.node("Add", {b.node("Erf", {scaled}, dims), b.floats("one", {}, {1})}, dims);
    const ValueId y = form == 0   ? b.node("Mul", {b.node("Mul", {x, factor}, dims), half}, dims)
                      : form == 1 ? b.node("Mul", {b.node("Mul", {half, x}, dims), factor}, dims)
                                  : b.node("Mul", {b.node("Mul", {half, factor}, dims), x}, dims);
    b.output(y);
    expect_raised(b, optimize_passes::raise_gelu, "Gelu");
    EXPECT_EQ(b.graph().value(y).is_output, true);
  }
}

TEST(RaiseGelu, FindsTheTanhForm) {
  for (const bool from_powers : {true, false}) {
    GraphBuilder b;
    const std::vector<int64_t> dims = {2, 8};
    const ValueId x = b.input("x", dims);
    const ValueId c = b.floats("c", {}, {0.044715f});
    const ValueId half = b.floats("half", {}, {0.5f});
    const ValueId cubic = from_powers
                              ? b.node("Mul", {b.node("Pow", {x, b.floats("three", {}, {3})}, dims), c}, dims)
                              : b.node("Mul", {x, b.node("Mul", {x, b.node("Mul", {c, x}, dims)}, dims)}, dims);
    const ValueId sum = b.node("Add", {x, cubic}, dims);
    const ValueId tanh = b.node("Tanh", {b.node("Mul", {sum, b.floats("r", {}, {0.7978846f})}, dims)}, dims);
    const ValueId factor = b.node("Add", {b.floats("one", {}, {1}), tanh}, dims);
    b.output(from_powers ? b.node("Mul", {b.node("Mul", {half, x}, dims), factor}, dims)
                         : b.node("Mul", {x, b.node("Mul", {half, factor}, dims)}, dims));
    expect_raised(b, optimize_passes::raise_gelu, "Gelu");
  }
}

TEST(RaiseGelu, LooksAtTheNumbers) {
  GraphBuilder b;
  const ValueId x = b.input("x", {4});
  const ValueId scaled = b.node("Div", {x, b.floats("root", {}, {1.5f})}, {4});
  const ValueId factor = b.node("Add", {b.node("Erf", {scaled}, {4}), b.floats("one", {}, {1})}, {4});
  b.output(b.node("Mul", {b.node("Mul", {x, factor}, {4}), b.floats("half", {}, {0.5f})}, {4}));
  EXPECT_EQ(run_pass(optimize_passes::raise_gelu, b.graph()).changes, 0u);
}

// clip(x + 3, 0, highest)
ValueId clipped(GraphBuilder& b, ValueId x, float highest = 6) {
  const ValueId sum = b.node("Add", {x, b.floats("three", {}, {3})}, {2, 8});
  return b.node("Clip", {sum, b.floats("low", {}, {0}), b.floats("high", {}, {highest})}, {2, 8});
}

TEST(RaiseHardSwish, FindsEveryBracketing) {
  const std::vector<int64_t> dims = {2, 8};
  for (int form = 0; form < 5; ++form) {
    GraphBuilder b;
    const ValueId x = b.input("x", dims);
    const ValueId six = b.floats("six", {1}, {6});
    const ValueId sixth = b.floats("sixth", {}, {1.0f / 6});
    ValueId y = kNoId;
    if (form == 0) y = b.node("Div", {b.node("Mul", {x, clipped(b, x)}, dims), six}, dims);
    if (form == 1) y = b.node("Mul", {b.node("Mul", {clipped(b, x), x}, dims), sixth}, dims);
    if (form == 2) y = b.node("Mul", {x, b.node("Div", {clipped(b, x), six}, dims)}, dims);
    if (form == 3) y = b.node("Mul", {b.node("Div", {x, six}, dims), clipped(b, x)}, dims);
    if (form == 4) y = b.node("Mul", {x, b.node("HardSigmoid", {x}, dims, {{"alpha", 1.0f / 6}})}, dims);
    b.output(y);
    expect_raised(b, optimize_passes::raise_hard_swish, "HardSwish");
  }
}

TEST(RaiseHardSwish, FindsItsGateAlone) {
  GraphBuilder b;
  b.output(b.node("Div", {clipped(b, b.input("x", {2, 8})), b.floats("six", {}, {6})}, {2, 8}));
  expect_raised(b, optimize_passes::raise_hard_swish, "HardSigmoid");
}

TEST(RaiseHardSwish, LooksAtTheNumbers) {
  GraphBuilder clip;
  const ValueId x = clip.input("x", {2, 8});
  clip.output(clip.node("Div", {clip.node("Mul", {x, clipped(clip, x, 7)}, {2, 8}), clip.floats("s", {}, {6})},
                        {2, 8}));
  EXPECT_EQ(run_pass(optimize_passes::raise_hard_swish, clip.graph()).changes, 0u);
  GraphBuilder gate;
  const ValueId z = gate.input("z", {2, 8});
  gate.output(gate.node("Mul", {z, gate.node("HardSigmoid", {z}, {2, 8})}, {2, 8}));
  EXPECT_EQ(run_pass(optimize_passes::raise_hard_swish, gate.graph()).changes, 0u);
}

TEST(RaiseSoftmax, FindsTheWrittenOutForm) {
  for (const int64_t axis : {int64_t{1}, int64_t{-1}}) {
    GraphBuilder b;
    const std::vector<int64_t> dims = {2, 3, 4};
    const std::vector<int64_t> reduced =
        axis == 1 ? std::vector<int64_t>{2, 1, 4} : std::vector<int64_t>{2, 3, 1};
    const ValueId x = b.input("x", dims);
    const ValueId largest = b.node("ReduceMax", {x, b.ints("axes", {axis})}, reduced);
    const ValueId power = b.node("Exp", {b.node("Sub", {x, largest}, dims)}, dims);
    b.output(b.node("Div", {power, b.node("ReduceSum", {power, b.ints("axes2", {axis})}, reduced)}, dims));
    expect_raised(b, optimize_passes::raise_softmax, "Softmax");
  }
}

}  // namespace
}  // namespace bp
