#include "canonicalize/canonicalize.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/canonicalize/canonicalize_test_helper.hpp"
#include "ops/op_schema.hpp"

namespace bp {
namespace {

using testing::ElementsAre;

using test::CanonicalizeTest;

TEST_F(CanonicalizeTest, WritesOutTheBoundsOfFourBits) {
  one(21, "Cast", {x()}, {{"to", static_cast<int64_t>(ElementType::kInt4)}});
  run();
  infer();
  const Node& clip = graph.node(graph.value(node().inputs[0]).producer);
  EXPECT_EQ(clip.op_type, "Clip");
  EXPECT_EQ(graph.node(graph.value(clip.inputs[0]).producer).op_type, "Round");
  EXPECT_EQ(output_type(), "int4[2,3,4]");
}

TEST_F(CanonicalizeTest, LeavesIntegersOfFourBitsAlone) {
  one(21, "Cast", {x({2}, ElementType::kInt32)}, {{"to", static_cast<int64_t>(ElementType::kInt4)}});
  run();
  EXPECT_EQ(graph.topological_order().size(), 1U);
}

TEST_F(CanonicalizeTest, MovesAxesIntoAnInput) {
  one(11, "Unsqueeze", {x()}, {{"axes", std::vector<int64_t>{0, 2}}});
  run();
  EXPECT_THAT(ints(1), ElementsAre(0, 2));
  EXPECT_EQ(node().find_attribute("axes"), nullptr);
  EXPECT_EQ(node().since_version, since_version("", "Unsqueeze", kFirstLevel));
}

TEST_F(CanonicalizeTest, MovesReducedAxesFromOpset13) {
  one(13, "ReduceMean", {x()}, {{"axes", std::vector<int64_t>{-1}}, {"keepdims", int64_t{0}}});
  run();
  EXPECT_THAT(ints(1), ElementsAre(-1));
  EXPECT_EQ(node().int_or("keepdims", 1), 0);
}

TEST_F(CanonicalizeTest, MovesSliceBounds) {
  one(9, "Slice", {x()}, {{"starts", std::vector<int64_t>{1}}, {"ends", std::vector<int64_t>{3}}});
  run();
  EXPECT_THAT(ints(1), ElementsAre(1));
  EXPECT_THAT(ints(2), ElementsAre(3));
  EXPECT_EQ(node().inputs.size(), 3u);
}

TEST_F(CanonicalizeTest, MovesPadsAndAValueThatIsNotZero) {
  one(10, "Pad", {x({4})}, {{"pads", std::vector<int64_t>{1, 2}}, {"value", 3.0F}});
  run();
  EXPECT_THAT(ints(1), ElementsAre(1, 2));
  infer();
  EXPECT_EQ(type(node().inputs[2]), "float32[]");
  EXPECT_EQ(output_type(), "float32[7]");
}

TEST_F(CanonicalizeTest, SaysEqualPartsByNumber) {
  one(11, "Split", {x({4})}, {}, 2);
  run();
  EXPECT_EQ(node().int_or("num_outputs", 0), 2);
}

TEST_F(CanonicalizeTest, GivesClipBoundsTheInputsType) {
  one(7, "Clip", {x({2}, ElementType::kFloat64)}, {{"min", 0.0F}});
  EXPECT_TRUE(canonicalize_wants_types(graph));
  run();
  ASSERT_EQ(node().inputs.size(), 2u);
  EXPECT_EQ(type(node().inputs[1]), "float64[]");
}

TEST_F(CanonicalizeTest, CastsClipBoundsWhereTheTypeIsUnknown) {
  one(10, "Clip", {builder.input("h", ValueType{})}, {{"max", 6.0F}});
  run();
  ASSERT_EQ(node().inputs.size(), 3u);
  EXPECT_EQ(node().inputs[1], kNoId);
  EXPECT_EQ(graph.node(graph.value(node().inputs[2]).producer).op_type, "CastLike");
}

TEST_F(CanonicalizeTest, KeepsSoftmaxOverTheLastAxis) {
  one(11, "Softmax", {x({2, 3})}, {{"axis", int64_t{1}}});
  run();
  EXPECT_EQ(test::ops_of(graph), "Softmax");
  EXPECT_EQ(node().int_or("axis", 0), -1);
}

TEST_F(CanonicalizeTest, FlattensForSoftmaxOverSeveralAxes) {
  one(11, "Softmax", {x({2, 3, 4})});
  run();
  EXPECT_EQ(test::ops_of(graph), "Flatten Softmax Shape Reshape");
  infer();
  EXPECT_EQ(output_type(), "float32[2,3,4]");
  EXPECT_EQ(type(node().inputs[0]), "float32[2,12]");
}

TEST_F(CanonicalizeTest, TurnsUpsampleIntoResize) {
  one(7, "Upsample", {x({1, 1, 2, 2})},
      {{"scales", std::vector<float>{1, 1, 2, 3}}, {"mode", std::string("nearest")}});
  run();
  EXPECT_EQ(node().op_type, "Resize");
  EXPECT_EQ(node().string_or("coordinate_transformation_mode", ""), "asymmetric");
  EXPECT_EQ(node().string_or("nearest_mode", ""), "floor");
  infer();
  EXPECT_EQ(output_type(), "float32[1,1,4,6]");
}

TEST_F(CanonicalizeTest, DropsEmptyResizeOperands) {
  const ValueId in = x({1, 1, 2, 2});
  const ValueId none = builder.floats("none", {0}, {});
  one(11, "Resize", {in, none, none, builder.ints("sizes", {1, 1, 4, 4})},
      {{"coordinate_transformation_mode", std::string("tf_half_pixel_for_nn")},
       {"nearest_mode", std::string("floor")}});
  run();
  EXPECT_EQ(node().inputs[1], kNoId);
  EXPECT_EQ(node().inputs[2], kNoId);
  EXPECT_EQ(node().string_or("coordinate_transformation_mode", ""), "half_pixel");
  EXPECT_EQ(node().string_or("nearest_mode", ""), "round_prefer_ceil");
}

TEST_F(CanonicalizeTest, RoundsTfHalfPixelsDown) {
  const ValueId in = x({1, 1, 2, 2});
  const ValueId none = builder.floats("none", {0}, {});
  one(11, "Resize", {in, none, none, builder.ints("sizes", {1, 1, 4, 4})},
      {{"coordinate_transformation_mode", std::string("tf_half_pixel_for_nn")}});
  run();
  EXPECT_EQ(node().string_or("coordinate_transformation_mode", ""), "half_pixel");
  EXPECT_EQ(node().string_or("nearest_mode", ""), "ceil");
}

TEST_F(CanonicalizeTest, RepeatsGroupScalesPerChannel) {
  const ValueId in = x({1, 4, 3});
  const ValueId g = builder.floats("g", {2}, {1, 2});
  one(18, "GroupNormalization", {in, g, g}, {{"num_groups", int64_t{2}}});
  run();
  infer();
  EXPECT_EQ(type(node().inputs[1]), "float32[4]");
}

TEST_F(CanonicalizeTest, LeavesNewerAndForeignNodesAlone) {
  one(23, "RMSNormalization", {x(), builder.floats("s", {4}, {1, 1, 1, 1})});
  run();
  EXPECT_EQ(node().since_version, 23);
  graph.node(0).domain = "com.acme";
  graph.node(0).since_version = 0;
  run();
  EXPECT_EQ(node().since_version, 0);
}

TEST_F(CanonicalizeTest, GivesNewerOpsetsTheLevelsFormWhereItFits) {
  one(25, "Cast", {x()}, {{"to", int64_t{7}}});
  run();
  EXPECT_EQ(node().since_version, 21);
}

TEST_F(CanonicalizeTest, KeepsANewerFormThatSaysMore) {
  one(25, "Cast", {x()}, {{"to", int64_t{24}}, {"round_mode", std::string("down")}});
  run();
  EXPECT_EQ(node().since_version, 24);
}

TEST_F(CanonicalizeTest, GivesAnOperatorOfANewerLevelItsOldestFormThatFits) {
  one(25, "Attention", {x({1, 2, 3, 4}), x({1, 2, 3, 4}), x({1, 2, 3, 4})});
  run();
  EXPECT_EQ(node().since_version, 23);
  one(25, "Attention", {x({1, 2, 3, 4}), x({1, 2, 3, 4}), x({1, 2, 3, 4})}, {{"left_window_size", int64_t{2}}});
  graph.node(1).since_version = 25;
  run();
  EXPECT_EQ(graph.node(1).since_version, 25);
}

TEST_F(CanonicalizeTest, NamesTheStandardOperatorsOfTheRuntimeAsTheStandardDoes) {
  one(17, "QuickGelu", {x()});
  graph.opsets.push_back({"com.microsoft", 1});
  graph.node(0).domain = "com.microsoft";
  run();
  EXPECT_EQ(node().domain, "");
  EXPECT_EQ(node().op_type, "Swish");
  EXPECT_FLOAT_EQ(node().float_or("alpha", 1.0F), 1.702F);
  EXPECT_EQ(node().since_version, 24);
}

TEST_F(CanonicalizeTest, KnowsTheNormalizationThatTheRuntimeWrites) {
  one(14, "SimplifiedLayerNormalization", {x(), builder.floats("s", {4}, {1, 1, 1, 1})},
      {{"epsilon", 1e-6F}, {"axis", int64_t{-1}}, {"stash_type", int64_t{1}}});
  run();
  EXPECT_EQ(node().op_type, "RMSNormalization");
  EXPECT_EQ(node().since_version, 23);
}

TEST_F(CanonicalizeTest, LeavesFusedOperatorsToTheProviders) {
  one(17, "FastGelu", {x()});
  graph.opsets.push_back({"com.microsoft", 1});
  graph.node(0).domain = "com.microsoft";
  run();
  EXPECT_EQ(node().domain, "com.microsoft");
  EXPECT_EQ(node().since_version, 1);
}

TEST_F(CanonicalizeTest, TakesOldFormsThatNeverChanged) {
  one(1, "Not", {x({2}, ElementType::kBool)});
  run();
  EXPECT_EQ(node().since_version, 1);
}

TEST_F(CanonicalizeTest, ChangesNothingTheSecondTime) {
  one(9, "TopK", {x()}, {{"k", int64_t{2}}}, 2);
  run();
  const size_t values = graph.value_count();
  run();
  EXPECT_EQ(graph.value_count(), values);
  EXPECT_THAT(ints(1), ElementsAre(2));
}

}  // namespace
}  // namespace bp
