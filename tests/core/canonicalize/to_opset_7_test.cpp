#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/canonicalize/canonicalize_test_helper.hpp"

namespace bp {
namespace {

using test::CanonicalizeTest;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(CanonicalizeTest, PutsTheSecondOperandAtItsAxis) {
  one(6, "Add", {x({2, 3, 4, 5}), x({3, 4})}, {{"axis", int64_t{1}}, {"broadcast", int64_t{1}}});
  EXPECT_TRUE(canonicalize_wants_types(graph));
  run();
  EXPECT_EQ(test::ops_of(graph), "Unsqueeze Add");
  infer();
  EXPECT_EQ(type(node().inputs[1]), "float32[3,4,1]");
  EXPECT_EQ(output_type(), "float32[2,3,4,5]");
}

TEST_F(CanonicalizeTest, LeavesOperandsAtTheLastAxes) {
  one(6, "Pow", {x({2, 3, 4}), x({3, 4})}, {{"broadcast", int64_t{1}}, {"axis", int64_t{1}}});
  run();
  EXPECT_EQ(test::ops_of(graph), "Pow");
  EXPECT_TRUE(node().attributes.empty());
}

TEST_F(CanonicalizeTest, BroadcastsComparisonsWithoutAnAxis) {
  one(1, "Less", {x({2, 3}), x({3})}, {{"broadcast", int64_t{1}}});
  run();
  infer();
  EXPECT_EQ(output_type(), "bool[2,3]");
}

TEST_F(CanonicalizeTest, NamesOperandsThatDoNotFit) {
  one(6, "Mul", {x({2, 3}), x({3})});
  EXPECT_THAT(error(), HasSubstr("Mul 'n': without attribute 'broadcast' both inputs must have the same dims, "
                                 "have float32[2,3] and float32[3]"));
}

TEST_F(CanonicalizeTest, NamesAnAxisBehindTheLast) {
  one(6, "Mul", {x({2, 3}), x({3, 4})}, {{"broadcast", int64_t{1}}, {"axis", int64_t{1}}});
  EXPECT_THAT(error(), HasSubstr("INVALID_MODEL: Mul 'n': attribute 'axis' puts 2 dims at axis 1"));
}

TEST_F(CanonicalizeTest, RefusesAnAxisWithoutRanks) {
  one(6, "Mul", {builder.input("a", ValueType{}), x({3})}, {{"broadcast", int64_t{1}}, {"axis", int64_t{1}}});
  EXPECT_THAT(error(), HasSubstr("UNSUPPORTED: Mul 'n': broadcasting at an axis needs"));
}

TEST_F(CanonicalizeTest, PutsSlopesAtTheChannels) {
  one(6, "PRelu", {x({2, 3, 4, 5}), x({3})});
  run();
  infer();
  EXPECT_EQ(type(node().inputs[1]), "float32[3,1,1]");
}

TEST_F(CanonicalizeTest, DropsConsumedInputs) {
  one(1, "Relu", {x()}, {{"consumed_inputs", std::vector<int64_t>{0}}});
  run();
  EXPECT_TRUE(node().attributes.empty());
}

TEST_F(CanonicalizeTest, StatesTheFirstSelusNumbers) {
  one(1, "Selu", {x()});
  run();
  EXPECT_FLOAT_EQ(node().float_or("alpha", 0), 1.6732F);
}

TEST_F(CanonicalizeTest, ReadsCastTargetsByName) {
  one(1, "Cast", {x()}, {{"to", std::string("INT32")}});
  run();
  EXPECT_EQ(node().int_or("to", 0), 6);
  one(1, "Cast", {x()}, {{"to", std::string("int33")}});
  EXPECT_THAT(error(), HasSubstr("such as FLOAT, is 'int33'"));
}

TEST_F(CanonicalizeTest, JoinsAtAxisOneByDefault) {
  one(1, "Concat", {x({2, 3}), x({2, 4})});
  run();
  infer();
  EXPECT_EQ(output_type(), "float32[2,7]");
}

TEST_F(CanonicalizeTest, MovesTheShapeIntoAnInput) {
  one(1, "Reshape", {x({2, 6})}, {{"shape", std::vector<int64_t>{3, -1}}});
  run();
  EXPECT_THAT(ints(1), ElementsAre(3, -1));
}

TEST_F(CanonicalizeTest, TilesOneAxis) {
  one(1, "Tile", {x({2, 3}), builder.floats("tiles", {1}, {4}), builder.floats("axis", {1}, {1})});
  run();
  EXPECT_THAT(ints(1), ElementsAre(1, 4));
  infer();
  EXPECT_EQ(output_type(), "float32[2,12]");
}

TEST_F(CanonicalizeTest, CastsSplitLengths) {
  one(1, "Split", {x({6}), builder.floats("lengths", {2}, {2, 4})}, {}, 2);
  run();
  EXPECT_EQ(graph.node(graph.value(node().inputs[1]).producer).op_type, "Cast");
}

TEST_F(CanonicalizeTest, TakesOldPadAndUpsample) {
  one(1, "Pad", {x({4})}, {{"paddings", std::vector<int64_t>{1, 2}}});
  run();
  EXPECT_THAT(ints(1), ElementsAre(1, 2));
}

TEST_F(CanonicalizeTest, ScalesHeightAndWidth) {
  one(1, "Upsample", {x({1, 2, 3, 4})}, {{"height_scale", 2.0F}, {"width_scale", 3.0F}});
  run();
  infer();
  EXPECT_EQ(node().op_type, "Resize");
  EXPECT_EQ(output_type(), "float32[1,2,6,12]");
}

TEST_F(CanonicalizeTest, TurnsNormsIntoIntegers) {
  one(1, "LpPool", {x({1, 1, 4})}, {{"p", 1.5F}, {"kernel_shape", std::vector<int64_t>{2}}});
  EXPECT_THAT(error(), HasSubstr("LpPool 'n': p is 1.5; only whole norms go on"));
  graph.node(0).set_attribute("p", 2.0F);
  run();
  EXPECT_EQ(node().int_or("p", 0), 2);
}

TEST_F(CanonicalizeTest, GivesNoTimeStepsThatWereNotAskedFor) {
  one(1, "LSTM", {x({5, 1, 2}), x({1, 12, 2}), x({1, 12, 3})}, {{"hidden_size", int64_t{3}}});
  EXPECT_THAT(error(), HasSubstr("output 0 ('Y') is used, but attribute 'output_sequence' is 0"));
}

}  // namespace
}  // namespace bp
