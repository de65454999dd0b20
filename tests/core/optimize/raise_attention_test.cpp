#include <gtest/gtest.h>

#include "graph/subgraph.hpp"
#include "interpreter.hpp"
#include "optimize/raise.hpp"
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

struct Form {
  bool splits_heads = true;  // [batch, rows, heads * size] outside
  bool scales_both = false;  // Q and K each, not the scores
  bool has_mask = true;
  std::vector<int64_t> mask = {2, 1, 1, 5};
  int64_t axis = -1;
  float divisor = 1.7f;
  int64_t key_batch = 2;
};

constexpr int64_t kBatch = 2, kRows = 5, kHeads = 3, kSize = 4;
using Ints = std::vector<int64_t>;

ValueId turned(GraphBuilder& b, ValueId x, const Ints& perm, const Ints& dims) {
  return b.node("Transpose", {x}, dims, {{"perm", perm}});
}

ValueId heads_of(GraphBuilder& b, const char* name, const Ints& perm, const Ints& dims, const Form& form) {
  if (!form.splits_heads) return b.input(name, dims);
  const ValueId x = b.input(name, {kBatch, kRows, kHeads * kSize});
  const ValueId shape = b.ints(std::string(name) + "_shape", {0, 0, kHeads, kSize});
  return turned(b, b.node("Reshape", {x, shape}, Ints{kBatch, kRows, kHeads, kSize}), perm, dims);
}

GraphBuilder attention(const Form& form) {
  GraphBuilder b;
  const Ints split = {kBatch, kHeads, kRows, kSize}, flat = {kBatch, kHeads, kSize, kRows};
  const Ints scores = {kBatch, kHeads, kRows, kRows};
  ValueId q = heads_of(b, "q", {0, 2, 1, 3}, split, form);
  ValueId k = form.splits_heads ? heads_of(b, "k", {0, 2, 3, 1}, flat, form)
                                : turned(b, b.input("k", {form.key_batch, kHeads, kRows, kSize}), {0, 1, 3, 2},
                                         {form.key_batch, kHeads, kSize, kRows});
  const ValueId v = heads_of(b, "v", {0, 2, 1, 3}, split, form);
  if (form.scales_both) {
    q = b.node("Mul", {q, b.floats("q_factor", {}, {0.7f})}, split);
    k = b.node("Mul", {k, b.floats("k_factor", {}, {0.7f})}, flat);
  }
  ValueId s = b.node("MatMul", {q, k}, scores);
  if (!form.scales_both) s = b.node("Div", {s, b.floats("divisor", {}, {form.divisor})}, scores);
  if (form.has_mask) s = b.node("Add", {s, b.input("mask", form.mask)}, scores);
  s = b.node("Softmax", {s}, scores, {{"axis", form.axis}});
  ValueId y = b.node("MatMul", {s, v}, split);
  if (form.splits_heads) {
    y = turned(b, y, {0, 2, 1, 3}, {kBatch, kRows, kHeads, kSize});
    y = b.node("Reshape", {y, b.ints("joined", {0, 0, kHeads * kSize})}, Ints{kBatch, kRows, kHeads * kSize});
  }
  b.output(y);
  return b;
}

void expect_raised(const Form& form) {
  GraphBuilder b = attention(form);
  Graph& graph = b.graph();
  const auto inputs = random_inputs(graph, 5);
  const auto before = interpret(graph, inputs);
  const size_t count = graph.alive_count();
  ASSERT_EQ(run_pass(optimize_passes::raise_attention, graph).changes, 1u);
  ASSERT_EQ(ops_of(graph), "Attention");
  EXPECT_LT(difference(before[0], interpret(graph, inputs)[0]), 1e-6);

  const NodeId composite = graph.topological_order()[0];
  const Node node = graph.node(composite);
  graph.remove_node(composite);
  splice(graph, *node.replaced, node.inputs, node.outputs, "");
  EXPECT_EQ(graph.alive_count(), count);
  EXPECT_EQ(difference(before[0], interpret(graph, inputs)[0]), 0);
}

void expect_left(const Form& form) {
  GraphBuilder b = attention(form);
  EXPECT_EQ(run_pass(optimize_passes::raise_attention, b.graph()).changes, 0u);
}

TEST(RaiseAttention, TakesSplittingAndJoiningOfHeadsAlong) {
  expect_raised({});
  expect_raised({.scales_both = true});
  expect_raised({.has_mask = false});
  expect_raised({.mask = {1, 1, 5, 5}, .axis = 3});
  expect_raised({.mask = {5}});
}

TEST(RaiseAttention, FindsItOnHeadsThatAreSplitAlready) {
  expect_raised({.splits_heads = false});
  expect_raised({.splits_heads = false, .scales_both = true, .has_mask = false});
}

TEST(RaiseAttention, LeavesWhatIsNotTheSame) {
  expect_left({.axis = 1});
  expect_left({.divisor = 0});
  expect_left({.mask = {2, 1, 5, 1}});
  expect_left({.splits_heads = false, .key_batch = 1});
  GraphBuilder b = attention({});
  b.output(*b.graph().find_value("Softmax9"));
  EXPECT_EQ(run_pass(optimize_passes::raise_attention, b.graph()).changes, 0u);
}

TEST(CleanReshapes, WritesDownAShapeThatIsComputed) {
  GraphBuilder b;
  const Dim n = b.symbol("n");
  const ValueId x = b.input("x", ValueType::tensor(ElementType::kFloat32, {n, Dim::of(12)}));
  const ValueId shape = b.input("shape", {3}, ElementType::kInt64);
  b.output(
      b.node("Reshape", {x, shape}, ValueType::tensor(ElementType::kFloat32, {n, Dim::of(3), Dim::of(4)})));
  ASSERT_EQ(run_pass(optimize_passes::clean_reshapes, b.graph()).changes, 1u);
  const Node& reshape = b.graph().node(b.graph().topological_order()[0]);
  EXPECT_EQ(b.graph().value(reshape.inputs[1]).constant->to_int64(), (Ints{0, 3, 4}));
  EXPECT_EQ(run_pass(optimize_passes::clean_reshapes, b.graph()).changes, 0u);
}

}  // namespace
}  // namespace bp
