#include "sample_node.hpp"

#include <gtest/gtest.h>

#include "canonicalize/canonicalize.hpp"
#include "check/check_graph.hpp"
#include "infer/infer.hpp"

namespace bp {
namespace {

// What is wrong with a sample; empty when it passes all that comes before a device.
std::string judged(Graph& graph) {
  if (const Status status = check_graph(graph); !status.ok()) return status.message();
  if (canonicalize_wants_types(graph)) {
    if (const Status status = infer_types(graph); !status.ok()) return status.message();
  }
  if (const Status status = canonicalize(graph); !status.ok()) return status.message();
  return infer_types(graph).message();
}

TEST(SampleNode, EveryFormHasARightOne) {
  size_t operators = 0;
  for (const OperatorName& op : all_operators()) {
    if (!is_standard_domain(op.domain)) continue;
    ++operators;
    for (const int32_t form : forms_of(op)) {
      const OpSchema schema = find_schema(op.domain, op.op_type, form);
      if (schema.deprecated || has_bodies(schema)) continue;
      size_t samples = 0;
      for (const ElementType element : sample_types(schema)) {
        const std::unique_ptr<Graph> graph = sample_graph(schema, element);
        if (graph == nullptr) continue;
        ++samples;
        EXPECT_EQ(judged(*graph), "") << op.op_type << " " << form << " of " << element_type_name(element);
      }
      EXPECT_GT(samples, 0u) << op.op_type << " " << form << " has no sample";
    }
  }
  EXPECT_GT(operators, 200u);
}

TEST(SampleNode, FollowsTheAskedType) {
  const OpSchema schema = find_schema("", "Add", 14);
  const std::unique_ptr<Graph> graph = sample_graph(schema, ElementType::kInt8);
  ASSERT_NE(graph, nullptr);
  EXPECT_EQ(graph->value(graph->node(0).inputs[1]).type.element, ElementType::kInt8);
}

TEST(SampleNode, LeavesBodiesToTheCore) {
  const OpSchema schema = find_schema("", "If", 16);
  EXPECT_TRUE(has_bodies(schema));
  EXPECT_EQ(sample_graph(schema, ElementType::kFloat32), nullptr);
}

}  // namespace
}  // namespace bp
