#include "provider/graph_view.hpp"

#include <gtest/gtest.h>

#include <string>

#include "backplane/provider/graph.h"
#include "support/graph_builder.hpp"

namespace bp::test {
namespace {

std::string text(const bp_string& string) { return std::string(string.data, string.size); }

std::unique_ptr<GraphView> of_graph(const Graph& graph, GraphViewOptions options = {}) {
  if (options.canonical_level == 0) options.canonical_level = 22;
  auto view = GraphView::of_graph(graph, std::move(options));
  EXPECT_TRUE(view.ok()) << view.status().to_string();
  return std::move(*view);
}

const bp_value& value_of(const GraphView& view, ValueId id) {
  return *BP_AT(bp_value, view.abi()->values, view.value_index(id));
}

TEST(GraphView, ShowsNodesValuesConstantsAndAttributes) {
  GraphBuilder builder;
  const ValueId x =
      builder.input("x", ValueType::tensor(ElementType::kFloat32, {builder.symbol("N"), Dim::of(3)}));
  const ValueId w = builder.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6});
  const ValueId y = builder.node("Gemm", {x, w, kNoId}, {-1, 2},
                                 {{"alpha", 0.5F},
                                  {"transB", int64_t{1}},
                                  {"mode", std::string("fast")},
                                  {"axes", std::vector<int64_t>{0, 1}},
                                  {"names", std::vector<std::string>{"a", "bc"}},
                                  {"seed", Tensor::of_int64({2}, std::vector<int64_t>{7, 8})}},
                                 "gemm");
  builder.output(y);
  auto view = of_graph(builder.graph());
  const bp_graph& abi = *view->abi();
  EXPECT_EQ(abi.canonical_level, 22U);
  ASSERT_EQ(abi.nodes.count, 1U);
  const bp_node& node = *BP_AT(bp_node, abi.nodes, 0);
  EXPECT_EQ(text(node.op_type), "Gemm");
  EXPECT_EQ(text(node.name), "gemm");
  ASSERT_EQ(node.inputs.count, 3U);
  EXPECT_EQ(*BP_AT(uint32_t, node.inputs, 0), view->value_index(x));
  EXPECT_EQ(*BP_AT(uint32_t, node.inputs, 2), BP_NONE);
  ASSERT_EQ(abi.inputs.count, 1U);
  ASSERT_EQ(abi.outputs.count, 1U);

  const bp_value& input = value_of(*view, x);
  EXPECT_EQ(input.flags, BP_VALUE_VIEW_INPUT);
  EXPECT_EQ(input.producer, BP_NONE);
  EXPECT_EQ(BP_AT(bp_dim, input.dims, 0)->size, BP_UNKNOWN);
  EXPECT_NE(BP_AT(bp_dim, input.dims, 0)->symbol, 0U);
  EXPECT_EQ(BP_AT(bp_dim, input.dims, 1)->max_size, 3);
  const bp_value& weight = value_of(*view, w);
  EXPECT_EQ(weight.flags, BP_VALUE_CONSTANT);
  EXPECT_EQ(weight.size_bytes, 24U);
  EXPECT_EQ(BP_AT(bp_dim, weight.dims, 1)->size, 2);
  EXPECT_EQ(view->constants()->find(weight.constant_id)->bytes.size(), 24U);
  EXPECT_EQ(value_of(*view, y).flags, BP_VALUE_VIEW_OUTPUT);
  EXPECT_EQ(value_of(*view, y).producer, 0U);

  ASSERT_EQ(node.attributes.count, 6U);
  EXPECT_EQ(BP_AT(bp_attribute, node.attributes, 0)->float_value, 0.5F);
  EXPECT_EQ(BP_AT(bp_attribute, node.attributes, 1)->int_value, 1);
  EXPECT_EQ(text(BP_AT(bp_attribute, node.attributes, 2)->string_value), "fast");
  const bp_attribute& axes = *BP_AT(bp_attribute, node.attributes, 3);
  EXPECT_EQ(axes.kind, BP_ATTRIBUTE_INTS);
  EXPECT_EQ(*BP_AT(int64_t, axes.list, 1), 1);
  EXPECT_EQ(text(*BP_AT(bp_string, BP_AT(bp_attribute, node.attributes, 4)->list, 1)), "bc");
  const bp_tensor& seed = *BP_AT(bp_tensor, BP_AT(bp_attribute, node.attributes, 5)->list, 0);
  EXPECT_EQ(static_cast<const int64_t*>(seed.data)[1], 8);
}

TEST(GraphView, RangesFlagsAndLevelsCross) {
  GraphBuilder builder;
  const Dim batch = builder.symbol("N");
  const ValueId x = builder.input("x", ValueType::tensor(ElementType::kFloat32, {batch}));
  builder.output(builder.node("Relu", {x}, {-1}));
  GraphViewOptions options;
  options.canonical_level = 21;
  options.ranges[batch.symbol] = DimRange{1, 64, 8};
  options.host_values.assign(builder.graph().value_count(), false);
  options.host_values[x] = true;
  options.data_dependent = options.host_values;
  auto view = of_graph(builder.graph(), options);
  EXPECT_EQ(view->abi()->canonical_level, 21U);
  const bp_value& input = value_of(*view, x);
  EXPECT_EQ(input.flags, BP_VALUE_VIEW_INPUT | BP_VALUE_HOST_VALUE | BP_VALUE_DATA_DEPENDENT);
  const bp_dim& dim = *BP_AT(bp_dim, input.dims, 0);
  EXPECT_EQ(dim.min_size, 1);
  EXPECT_EQ(dim.max_size, 64);
  EXPECT_EQ(dim.opt_size, 8);
}

TEST(GraphView, WithholdsNewerFormsAndLetsTheirOutputsEnter) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId a = builder.node("Old", {x}, {4});
  const ValueId b = builder.node("New", {a}, {4});
  builder.output(builder.node("Old", {b}, {4}));
  builder.graph().node(0).since_version = 13;
  builder.graph().node(1).since_version = 20;
  builder.graph().node(2).since_version = 1;
  GraphViewOptions options;
  options.canonical_level = 17;
  auto view = of_graph(builder.graph(), options);
  EXPECT_EQ(view->nodes().size(), 3U);
  EXPECT_EQ(view->shown_nodes(), (std::vector<NodeId>{0, 2}));
  ASSERT_EQ(view->withheld().size(), 1U);
  EXPECT_EQ(view->withheld()[0].position, 1U);
  EXPECT_EQ(view->withheld()[0].reason.code, ReasonCode::kNewerForm);
  EXPECT_EQ(view->inputs(), (std::vector<ValueId>{x, b}));
  EXPECT_EQ(value_of(*view, b).flags, BP_VALUE_VIEW_INPUT);
  EXPECT_EQ(value_of(*view, b).producer, BP_NONE);
  EXPECT_NE(value_of(*view, a).flags & BP_VALUE_VIEW_OUTPUT, 0U);
}

TEST(GraphView, OtherDomainsHaveNoLevel) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  builder.output(builder.node("Thing", {x}, {4}));
  builder.graph().node(0).domain = "com.acme";
  builder.graph().node(0).since_version = 99;
  EXPECT_TRUE(of_graph(builder.graph())->withheld().empty());
}

TEST(GraphView, WithholdsRegionsAndSequences) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  ValueType sequence;
  sequence.kind = ValueKind::kSequence;
  const ValueId s = builder.node("SequenceConstruct", {x}, sequence);
  const ValueId y = builder.node("SequenceAt", {s}, {4});
  const ValueId z = builder.node("If", {x}, {4});
  builder.output(builder.node("Relu", {z}, {4}));
  builder.output(y);
  builder.graph().node(2).region = RegionKind::kBranch;
  auto view = of_graph(builder.graph());
  EXPECT_EQ(view->withheld().size(), 3U);
  EXPECT_EQ(view->shown_nodes(), (std::vector<NodeId>{3}));
  EXPECT_EQ(view->inputs(), (std::vector<ValueId>{x, z}));
  EXPECT_EQ(view->outputs().size(), 1U);
  EXPECT_EQ(view->value_index(s), BP_NONE);
}

TEST(GraphView, AnOverridableInitializerIsAnInput) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {1});
  const ValueId w = builder.floats("w", {1}, {2});
  builder.graph().mark_input(w);
  builder.output(builder.node("Mul", {x, w}, {1}));
  auto view = of_graph(builder.graph());
  EXPECT_EQ(view->abi()->inputs.count, 2U);
  EXPECT_EQ(value_of(*view, w).flags, BP_VALUE_VIEW_INPUT);
}

TEST(GraphView, ACutKeepsTheOrderOfItsBinding) {
  GraphBuilder builder;
  const ValueId x = builder.input("x", {4});
  const ValueId a = builder.node("Relu", {x}, {4});
  const ValueId b = builder.node("Add", {a, x}, {4});
  builder.output(builder.node("Exp", {b}, {4}));
  const NodeId nodes[] = {1};
  const ValueId inputs[] = {x, a};
  const ValueId outputs[] = {b};
  GraphViewOptions options;
  options.canonical_level = 22;
  auto view = GraphView::of_cut(builder.graph(), nodes, inputs, outputs, options);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ((*view)->abi()->nodes.count, 1U);
  EXPECT_EQ((*view)->abi()->values.count, 3U);
  EXPECT_EQ(*BP_AT(uint32_t, (*view)->abi()->inputs, 0), (*view)->value_index(x));
  EXPECT_EQ(value_of(**view, a).producer, BP_NONE);

  options.canonical_level = 5;
  EXPECT_EQ(GraphView::of_cut(builder.graph(), nodes, inputs, outputs, options).status().code(),
            ErrorCode::kInternal);
  const NodeId nowhere[] = {77};
  EXPECT_FALSE(GraphView::of_cut(builder.graph(), nowhere, inputs, outputs, {}).ok());
}

TEST(GraphView, AnEmptyGraphIsAView) {
  GraphBuilder builder;
  auto view = of_graph(builder.graph());
  EXPECT_EQ(view->abi()->nodes.count, 0U);
}

}  // namespace
}  // namespace bp::test
