#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/canonicalize/canonicalize_test_helper.hpp"

namespace bp {
namespace {

using test::CanonicalizeTest;
using testing::HasSubstr;

class CanonicalizeTrainingTest : public CanonicalizeTest {
 protected:
  void batch_normalization(int64_t opset, std::vector<Attribute> attributes, size_t outputs) {
    const ValueId in = x({1, 2, 3});
    const ValueId c = builder.floats("c", {2}, {1, 1});
    one(opset, "BatchNormalization", {in, c, c, c, c}, std::move(attributes), outputs);
  }
};

TEST_F(CanonicalizeTrainingTest, OneOutputIsInference) {
  batch_normalization(9, {}, 1);
  run();
  EXPECT_EQ(node().int_or("training_mode", 0), 0);
}

TEST_F(CanonicalizeTrainingTest, NamedStatisticsMeanTraining) {
  batch_normalization(9, {{"momentum", 0.5F}}, 5);
  run();
  EXPECT_EQ(node().int_or("training_mode", 0), 1);
  EXPECT_EQ(node().outputs.size(), 3u);
  EXPECT_FLOAT_EQ(node().float_or("momentum", 0), 0.5F);
}

TEST_F(CanonicalizeTrainingTest, IsTestForbidsTraining) {
  batch_normalization(6, {{"is_test", int64_t{1}}}, 5);
  run();
  EXPECT_EQ(node().int_or("training_mode", 0), 0);
  EXPECT_EQ(node().outputs.size(), 1u);
}

TEST_F(CanonicalizeTrainingTest, RefusesStatisticsInATest) {
  batch_normalization(6, {{"is_test", int64_t{1}}}, 5);
  graph.add_output(graph.node(0).outputs[1]);
  EXPECT_THAT(error(), HasSubstr("BatchNormalization 'n': an output for training is used"));
}

TEST_F(CanonicalizeTrainingTest, WritesOutSavedStatistics) {
  batch_normalization(9, {}, 5);
  const ValueId mean = node().outputs[3];
  const ValueId variance = node().outputs[4];
  graph.add_output(mean);
  graph.add_output(variance);
  run();
  infer();
  EXPECT_EQ(graph.node(graph.value(mean).producer).op_type, "ReduceMean");
  EXPECT_EQ(type(mean), "float32[2]");
  EXPECT_EQ(type(variance), "float32[2]");
}

TEST_F(CanonicalizeTrainingTest, OldDropoutsTrainUnlessTested) {
  one(6, "Dropout", {x()}, {{"is_test", int64_t{0}}, {"ratio", 0.25F}});
  run();
  ASSERT_EQ(node().inputs.size(), 3u);
  EXPECT_EQ(ints(2), std::vector<int64_t>{1});
}

TEST_F(CanonicalizeTrainingTest, TestedDropoutsDoNot) {
  one(6, "Dropout", {x()}, {{"is_test", int64_t{1}}});
  run();
  EXPECT_EQ(node().inputs.size(), 2u);
}

TEST_F(CanonicalizeTrainingTest, GivesOldMasksTheInputsType) {
  one(7, "Dropout", {x()}, {}, 2);
  const ValueId mask = node().outputs[1];
  graph.add_output(mask);
  run();
  infer();
  EXPECT_EQ(type(mask), "float32[2,3,4]");
  EXPECT_EQ(type(node().outputs[1]), "bool[2,3,4]");
}

}  // namespace
}  // namespace bp
