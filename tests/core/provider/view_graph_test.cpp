#include "provider/view_graph.hpp"

#include <gtest/gtest.h>

#include "backplane/environment.hpp"
#include "fixtures/providers/fake_provider.hpp"
#include "load/load_model.hpp"
#include "session/environment_impl.hpp"
#include "support/graph_builder.hpp"

namespace bp::test {
namespace {

// x, y -> Gemm(x, w) -> a -> Add(a, y) -> b -> Relu -> c; the cut is {Gemm, Add}, bound as (y, x).
struct Cut {
  GraphBuilder builder;
  ValueId x = builder.input("x", {2, 3});
  ValueId y = builder.input("y", {2, 2});
  ValueId w = builder.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6});
  ValueId a = builder.node("Gemm", {x, w, kNoId}, {2, 2}, {{"alpha", 0.5F}});
  ValueId b = builder.node("Add", {a, y}, {2, 2});
  ValueId c = builder.node("Relu", {b}, {2, 2});

  std::unique_ptr<GraphView> view() {
    builder.output(c);
    const NodeId nodes[] = {0, 1};
    const ValueId inputs[] = {y, x};
    const ValueId outputs[] = {b};
    GraphViewOptions options;
    options.canonical_level = 22;
    auto made = GraphView::of_cut(builder.graph(), nodes, inputs, outputs, options);
    EXPECT_TRUE(made.ok()) << made.status().to_string();
    return std::move(*made);
  }
};

std::vector<std::string> names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> result;
  for (const ValueId id : ids) result.push_back(graph.value(id).name);
  return result;
}

TEST(ViewGraph, KeepsNodesNamesAndTheOrderOfBinding) {
  Cut cut;
  auto view = cut.view();
  const auto graph = graph_of_view(*view, true);
  EXPECT_EQ(ops_of(*graph), "Gemm Add");
  EXPECT_EQ(names(*graph, graph->inputs()), (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(names(*graph, graph->outputs()), (std::vector<std::string>{cut.builder.graph().value(cut.b).name}));
  EXPECT_EQ(graph->opsets.size(), 1U);
  const Node& gemm = graph->node(0);
  EXPECT_EQ(gemm.float_or("alpha", 0), 0.5F);
  EXPECT_EQ(gemm.inputs[2], kNoId);
  EXPECT_EQ(graph->value(gemm.inputs[1]).constant, cut.builder.graph().value(cut.w).constant);
}

TEST(ViewGraph, ConstantsMayBecomeInputs) {
  Cut cut;
  auto view = cut.view();
  const auto graph = graph_of_view(*view, false);
  EXPECT_EQ(names(*graph, graph->inputs()), (std::vector<std::string>{"y", "x", "w"}));
  EXPECT_EQ(graph->value(graph->inputs()[2]).constant, nullptr);
}

TEST(ViewGraph, ABodyGetsTheViewsLevelAsOpset) {
  Cut cut;
  cut.builder.graph().opsets.clear();
  auto view = cut.view();
  const auto graph = graph_of_view(*view, true);
  ASSERT_EQ(graph->opsets.size(), 1U);
  EXPECT_EQ(graph->opsets[0].version, 22);
}

// The whole way: a provider asks its host for the bytes while it is queried, and the core reads them back.
TEST(ViewGraph, AProviderGetsOnnxBytesThatLoad) {
  static std::string written;
  written.clear();
  FakeProvider fake;
  fake.on_query = [&](const bp_graph* graph, bp_array, const bp_verdict_sink*) -> bp_status {
    bp_bytes_sink sink{};
    sink.struct_size = BP_STRUCT_SIZE(bp_bytes_sink, write);
    sink.write = [](void*, const void* data, uint64_t size) -> bp_status {
      written.append(static_cast<const char*>(data), size);
      return nullptr;
    };
    return fake.host->graph_to_onnx(fake.host, graph, BP_ONNX_EMBED_CONSTANTS, &sink);
  };
  EnvironmentOptions options;
  options.search_standard_places = false;
  auto environment = Environment::create(options);
  ASSERT_TRUE(environment.ok()) << environment.status().to_string();
  Registry& registry = *environment->impl()->registry;
  ASSERT_TRUE(registry.register_provider({FakeProvider::open_function(), "Fake"}).ok());
  Cut cut;
  auto view = cut.view();
  auto verdicts = (*registry.find_device("Fake"))->query(*view, {});
  ASSERT_TRUE(verdicts.ok()) << verdicts.status().to_string();
  auto model = load_model_bytes(std::as_bytes(std::span(written)));
  ASSERT_TRUE(model.ok()) << model.status().to_string();
  EXPECT_EQ(ops_of(*model->graph), "Gemm Add");
  EXPECT_EQ(names(*model->graph, model->graph->inputs()), (std::vector<std::string>{"y", "x"}));
}

}  // namespace
}  // namespace bp::test
