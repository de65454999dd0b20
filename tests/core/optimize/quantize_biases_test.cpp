#include <gtest/gtest.h>

#include "interpreter.hpp"
#include "optimize/raise.hpp"
#include "pass_test_helper.hpp"
#include "quantized_graph.hpp"

namespace bp {
namespace {

using test::difference;
using test::interpret;
using test::InterpreterFolder;
using test::ops_of;
using test::random_inputs;
using test::run_pass;
using Builder = test::QuantizedBuilder;

// A product of quantized data by scales per column, or one for all, and a float32 bias.
Builder product(bool per_column, bool is_quantized = true, std::vector<float> bias = {0.3f, -0.7f}) {
  Builder b;
  const ValueId x = b.quantized_input("x", {2, 3}, 0.02f, 100);
  const ValueId w = b.bytes("w", {3, 2}, {1, -2, 3, 4, -5, 6}, ElementType::kInt8);
  const ValueId scale = per_column ? b.floats("ws", {2}, {0.5f, 0.25f}) : b.floats("ws", {}, {0.5f});
  const ValueId weights = b.node("DequantizeLinear", {w, scale}, {3, 2}, {{"axis", int64_t{1}}});
  const ValueId y = b.node("Gemm", {x, weights, b.floats("bias", {2}, bias)}, {2, 2}, {}, "gemm");
  b.output(is_quantized ? b.quantize(b.node("Relu", {y}, {2, 2}), {2, 2}, 0.05f, 0) : y);
  return b;
}

test::PassRun quantize(Builder& b, InterpreterFolder& folder) {
  OptimizeOptions options;
  options.folder = &folder;
  return run_pass(optimize_passes::quantize_biases, b.graph(), options);
}

TEST(QuantizeBiases, MakesThemStepsOfTheProducts) {
  for (const bool per_column : {false, true}) {
    Builder b = product(per_column);
    InterpreterFolder folder;
    const auto inputs = random_inputs(b.graph(), 5);
    const auto before = interpret(b.graph(), inputs);
    ASSERT_EQ(quantize(b, folder).changes, 1u);
    EXPECT_EQ(folder.folds, 1);
    const auto integers = b.graph().find_value("bias_quantized");
    ASSERT_TRUE(integers);
    // 0.3 and -0.7 in steps of 0.02 * 0.5 and 0.02 * 0.25
    EXPECT_EQ(b.graph().value(*integers).constant->to_int64(),
              (std::vector<int64_t>{30, per_column ? -140 : -70}));
    EXPECT_LE(difference(before[0], interpret(b.graph(), inputs)[0]), 1);
    EXPECT_EQ(run_pass(optimize_passes::raise_quantized, b.graph()).changes, 1u);
    EXPECT_NE(ops_of(b.graph()).find("QGemm"), std::string::npos);
  }
}

TEST(QuantizeBiases, LeavesThemWhereTheResultStaysFloat) {
  Builder b = product(true, false);
  InterpreterFolder folder;
  EXPECT_EQ(quantize(b, folder).changes, 0u);
  EXPECT_EQ(folder.folds, 0);
}

TEST(QuantizeBiases, SaysWhichHaveTooManySteps) {
  Builder b = product(true, true, {1e9f, 0});
  InterpreterFolder folder;
  const auto run = quantize(b, folder);
  EXPECT_EQ(run.changes, 0u);
  ASSERT_EQ(run.report.notes.size(), 1u);
  EXPECT_NE(run.report.notes[0].find("'gemm'"), std::string::npos);
}

TEST(QuantizeBiases, SkipsWithoutAFolder) {
  Builder b = product(true);
  const auto run = run_pass(optimize_passes::quantize_biases, b.graph());
  EXPECT_EQ(run.changes, 0u);
  EXPECT_EQ(run.report.notes.size(), 1u);
}

}  // namespace
}  // namespace bp
