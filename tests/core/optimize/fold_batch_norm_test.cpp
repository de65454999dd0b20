#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "interpreter.hpp"
#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::fold_batch_norm;
using test::array_of;
using test::GraphBuilder;
using test::InterpreterFolder;
using test::ops_of;
using test::run_pass;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

// Two output channels, one input channel, kernels of two elements.
GraphBuilder convolution_and_norm(const std::string& op_type, bool has_bias) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 1, 1, 4});
  const ConcreteDims weight_dims = op_type == "Conv" ? ConcreteDims{2, 1, 1, 2} : ConcreteDims{1, 2, 1, 2};
  std::vector<ValueId> inputs = {x, b.floats("w", weight_dims, {1, 2, 3, 4})};
  if (has_bias) inputs.push_back(b.floats("bias", {2}, {10, 20}));
  const ValueId y = b.node(op_type, inputs, {1, 2, 1, 3});
  b.output(b.node("BatchNormalization",
                  {y, b.floats("scale", {2}, {2, 3}), b.floats("shift", {2}, {5, 6}),
                   b.floats("mean", {2}, {1, 2}), b.floats("variance", {2}, {3, 8})},
                  {1, 2, 1, 3}, {{"epsilon", 1.0f}}, "norm"));
  return b;
}

TEST(FoldBatchNorm, MovesIntoWeightsAndBias) {
  for (const char* op_type : {"Conv", "ConvTranspose"}) {
    for (const bool has_bias : {true, false}) {
      GraphBuilder b = convolution_and_norm(op_type, has_bias);
      InterpreterFolder folder;
      OptimizeOptions options;
      options.folder = &folder;
      EXPECT_EQ(run_pass(fold_batch_norm, b.graph(), options).changes, 1u);
      ASSERT_EQ(ops_of(b.graph()), op_type);
      EXPECT_EQ(folder.folds, 2);  // the vectors, the weights
      // Factors: 2 / sqrt(3 + 1) and 3 / sqrt(8 + 1), both 1.
      const Node& node = b.graph().node(0);
      EXPECT_THAT(
          array_of(*b.graph().value(node.inputs[1]).constant).data,
          ElementsAre(DoubleNear(1, 1e-6), DoubleNear(2, 1e-6), DoubleNear(3, 1e-6), DoubleNear(4, 1e-6)));
      EXPECT_THAT(array_of(*b.graph().value(node.inputs[2]).constant).data,
                  ElementsAre(DoubleNear((has_bias ? 10 : 0) - 1 + 5, 1e-5),
                              DoubleNear((has_bias ? 20 : 0) - 2 + 6, 1e-5)));
      EXPECT_EQ(b.graph().value(node.outputs[0]).name, "norm");
    }
  }
}

TEST(FoldBatchNorm, ScalesEachOutputChannelByItsOwnFactor) {
  GraphBuilder b = convolution_and_norm("Conv", true);
  b.graph().set_constant(*b.graph().find_value("variance"), Tensor::of_float({2}, std::vector<float>{0, 8}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  run_pass(fold_batch_norm, b.graph(), options);
  const Node& node = b.graph().node(0);
  EXPECT_THAT(array_of(*b.graph().value(node.inputs[1]).constant).data,
              ElementsAre(DoubleNear(2, 1e-6), DoubleNear(4, 1e-6), DoubleNear(3, 1e-6), DoubleNear(4, 1e-6)));
}

TEST(FoldBatchNorm, ChangesNothingWithoutAFolderThatCan) {
  GraphBuilder b = convolution_and_norm("Conv", true);
  const auto skipped = run_pass(fold_batch_norm, b.graph());
  EXPECT_EQ(skipped.changes, 0u);
  EXPECT_THAT(skipped.report.notes, ElementsAre(HasSubstr("skipped")));
  InterpreterFolder folder;
  folder.fails_on = "Sqrt";
  OptimizeOptions options;
  options.folder = &folder;
  const auto failed = run_pass(fold_batch_norm, b.graph(), options);
  EXPECT_EQ(failed.changes, 0u);
  EXPECT_THAT(failed.report.notes, ElementsAre(HasSubstr("failed on Sqrt")));
  EXPECT_EQ(ops_of(b.graph()), "Conv BatchNormalization");
}

TEST(FoldBatchNorm, LeavesAConvolutionThatOthersRead) {
  GraphBuilder b = convolution_and_norm("Conv", true);
  b.output(b.node("Relu", {b.graph().node(0).outputs[0]}, {1, 2, 1, 3}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_batch_norm, b.graph(), options).changes, 0u);
}

TEST(FoldBatchNorm, TakesManyNormsInTwoFolds) {
  GraphBuilder b;
  ValueId x = b.input("x", {1, 1, 1, 3});
  for (const float channels : {2.0f, 1.0f, 3.0f}) {
    const auto count = static_cast<int64_t>(channels);
    const int64_t before = b.graph().value(x).type.dims[1].size;
    const std::vector<float> ones(static_cast<size_t>(count), 1.0f);
    const std::vector<float> scale(static_cast<size_t>(count), channels),
        mean(static_cast<size_t>(count), -channels);
    const std::vector<float> weights(static_cast<size_t>(count * before), 1.0f);
    x = b.node("Conv", {x, b.floats("", {count, before, 1, 1}, weights)}, {1, count, 1, 3});
    x = b.node("BatchNormalization",
               {x, b.floats("", {count}, scale), b.floats("", {count}, ones), b.floats("", {count}, mean),
                b.floats("", {count}, ones)},
               {1, count, 1, 3}, {{"epsilon", 3 * channels - 3}});
  }
  b.output(x);
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_batch_norm, b.graph(), options).changes, 3u);
  ASSERT_EQ(ops_of(b.graph()), "Conv Conv Conv");
  EXPECT_EQ(folder.folds, 2);
  // factor = channels / sqrt(1 + 3 channels - 3), bias = 1 + channels * factor
  const double factors[] = {2 / std::sqrt(4.0), 1.0, 3 / std::sqrt(7.0)};
  const double channels[] = {2, 1, 3};
  size_t index = 0;
  for (const NodeId id : b.graph().topological_order()) {
    const Node& node = b.graph().node(id);
    const auto weights = array_of(*b.graph().value(node.inputs[1]).constant).data;
    const auto biases = array_of(*b.graph().value(node.inputs[2]).constant).data;
    ASSERT_EQ(biases.size(), static_cast<size_t>(channels[index]));
    EXPECT_THAT(weights, testing::Each(DoubleNear(factors[index], 1e-5)));
    EXPECT_THAT(biases, testing::Each(DoubleNear(1 + channels[index] * factors[index], 1e-5)));
    ++index;
  }
}

}  // namespace
}  // namespace bp
