#include <gtest/gtest.h>

#include "interpreter.hpp"
#include "optimize/pass.hpp"
#include "pass_test_helper.hpp"
#include "quantized_graph.hpp"

namespace bp {
namespace {

using test::difference;
using test::interpret;
using test::kBytes;
using test::ops_of;
using test::random_inputs;
using test::run_pass;
using Builder = test::QuantizedBuilder;

TEST(LiftQuantize, MovesBytesInsteadOfFloats) {
  Builder b;
  const ValueId x = b.quantized_input("x", {2, 3}, 0.02f, 100);
  const ValueId product = b.node("MatMul", {x, b.column_weights()}, {2, 2});
  const ValueId turned = b.node("Transpose", {product}, {2, 2}, {{"perm", std::vector<int64_t>{1, 0}}});
  const ValueId flat = b.node("Reshape", {turned, b.ints("shape", {4})}, {4});
  b.output(b.quantize(flat, {4}, 0.05f, 7));
  const auto inputs = random_inputs(b.graph(), 5);
  const auto before = interpret(b.graph(), inputs);
  EXPECT_EQ(run_pass(optimize_passes::lift_quantize, b.graph()).changes, 1u);
  EXPECT_EQ(ops_of(b.graph()),
            "QuantizeLinear DequantizeLinear DequantizeLinear MatMul QuantizeLinear Transpose Reshape");
  EXPECT_EQ(difference(before[0], interpret(b.graph(), inputs)[0]), 0);
  EXPECT_EQ(b.graph().value(b.graph().outputs()[0]).type.element, kBytes);
}

TEST(LiftQuantize, CancelsBehindADequantizerByTheSameNumbers) {
  for (const int zero_point : {100, 90}) {
    Builder b;
    const ValueId x = b.quantized_input("x", {2, 3}, 0.02f, 100);
    const ValueId flat = b.node("Reshape", {x, b.ints("shape", {6})}, {6});
    b.output(b.quantize(flat, {6}, 0.02f, zero_point));
    const size_t changes = run_pass(optimize_passes::lift_quantize, b.graph()).changes;
    EXPECT_EQ(changes, zero_point == 100 ? 2u : 0u);
  }
}

TEST(LiftQuantize, StaysBehindWhatOthersRead) {
  Builder b;
  const ValueId x = b.quantized_input("x", {2, 3}, 0.02f, 100);
  const ValueId product = b.node("MatMul", {x, b.column_weights()}, {2, 2});
  const ValueId flat = b.node("Reshape", {product, b.ints("shape", {4})}, {4});
  b.output(b.quantize(flat, {4}, 0.05f, 7));
  b.output(flat);
  EXPECT_EQ(run_pass(optimize_passes::lift_quantize, b.graph()).changes, 0u);
}

}  // namespace
}  // namespace bp
