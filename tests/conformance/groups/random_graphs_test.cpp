#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "compare/compare_tensors.hpp"
#include "groups/random/make_graph.hpp"
#include "harness/prepared_graph.hpp"

namespace bp::conformance {
namespace {

TEST(RandomGraphs, AreModelsWithSmallValuesAndManyOperators) {
  std::set<std::string> operators;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const TestGraph test = make_random_graph(seed);
    ASSERT_GE(test.graph->alive_count(), 4u) << seed;
    ASSERT_FALSE(test.expected.empty()) << seed;
    for (const TensorPtr& tensor : test.expected) EXPECT_TRUE(largest_magnitude(*tensor) < 1e3) << seed;
    for (const NodeId id : test.graph->topological_order()) operators.insert(test.graph->node(id).op_type);
    EXPECT_NO_THROW(prepare(test.graph->clone(), test.inputs)) << seed;
  }
  EXPECT_GE(operators.size(), 30u);
}

TEST(RandomGraphs, AreTheSameForTheSameSeed) {
  const TestGraph a = make_random_graph(5), b = make_random_graph(5);
  ASSERT_EQ(a.graph->node_count(), b.graph->node_count());
  for (NodeId id = 0; id < a.graph->node_count(); ++id)
    EXPECT_EQ(a.graph->node(id).label(), b.graph->node(id).label());
  ASSERT_EQ(a.expected.size(), b.expected.size());
  EXPECT_EQ(a.expected[0]->dims, b.expected[0]->dims);
}

}  // namespace
}  // namespace bp::conformance
