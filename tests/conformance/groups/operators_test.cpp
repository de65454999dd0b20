#include "groups/operators.hpp"

#include <gtest/gtest.h>

#include <set>

#include "compare/numbers.hpp"
#include "groups/operators/build_case.hpp"
#include "harness/prepared_graph.hpp"
#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

TEST(OperatorCases, EveryCaseIsAModelThatTheCoreTakesAndTheOracleKnows) {
  std::set<std::string> ids;
  for (const OperatorCase& one : operator_cases()) {
    EXPECT_TRUE(ids.insert(one.info.id).second) << one.info.id;
    const TestGraph test = build_case(one, 1);
    try {
      const auto expected = expected_outputs(*test.graph, test.inputs);
      const PreparedGraph prepared = prepare(test.graph->clone(), test.inputs);
      ASSERT_EQ(expected.size(), prepared.graph->outputs().size());
      for (size_t i = 0; i < expected.size(); ++i) {
        const ValueType& type = prepared.graph->value(prepared.graph->outputs()[i]).type;
        EXPECT_EQ(type.element, expected[i]->type) << one.info.id;
        if (!type.is_static()) continue;
        ConcreteDims dims;
        for (const Dim& dim : type.dims) dims.push_back(dim.size);
        EXPECT_EQ(dims, expected[i]->dims)
            << one.info.id << ": the core infers other dims than the oracle makes";
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << one.info.id << ": " << error.what();
    }
  }
}

TEST(OperatorCases, EveryOperatorThatTheOracleKnowsHasAPlainCase) {
  std::set<std::pair<std::string, std::string>> tested;
  for (const OperatorCase& one : operator_cases())
    if (one.info.level == Level::kCore) tested.emplace(one.info.domain, one.info.op_type);
  for (const OracleRow& row : oracle_rows()) {
    if (row.op_type == "Scatter") continue;  // the older name of ScatterElements, which it becomes
    EXPECT_TRUE(tested.contains({std::string(row.domain), std::string(row.op_type)})) << row.op_type;
  }
}

TEST(OperatorCases, DataComeFromTheSeedAlone) {
  const OperatorCase& one = operator_cases().front();
  const TestGraph a = build_case(one, 7), b = build_case(one, 7), c = build_case(one, 8);
  const auto same = [](const TensorPtr& x, const TensorPtr& y) {
    return std::equal(x->bytes.begin(), x->bytes.end(), y->bytes.begin(), y->bytes.end());
  };
  EXPECT_TRUE(same(a.inputs[0], b.inputs[0]));
  EXPECT_FALSE(same(a.inputs[0], c.inputs[0]));
}

TEST(OperatorCases, DistinctElementsAreDistinct) {
  Operand operand = distinct({20, 30});
  const TensorPtr tensor = make_tensor(operand, ElementType::kFloat32, 3);
  std::set<double> seen;
  for (int64_t i = 0; i < tensor->count(); ++i) seen.insert(real_at(*tensor, i));
  EXPECT_EQ(seen.size(), 600u);
}

}  // namespace
}  // namespace bp::conformance
