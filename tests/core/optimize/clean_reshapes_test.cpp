#include <gtest/gtest.h>

#include "interpreter.hpp"
#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::clean_reshapes;
using test::difference;
using test::GraphBuilder;
using test::interpret;
using test::ops_of;
using test::random_inputs;
using test::run_pass;

TEST(CleanReshapes, MergesAChainIntoOneReshape) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 3, 1, 4});
  const ValueId squeezed = b.node("Squeeze", {x, b.ints("axes", {2})}, {2, 3, 4});
  const ValueId flat = b.node("Flatten", {squeezed}, {2, 12});
  const ValueId wide = b.node("Unsqueeze", {flat, b.ints("front", {0})}, {1, 2, 12});
  b.output(b.node("Reshape", {wide, b.ints("shape", {4, -1})}, {4, 6}));
  const auto inputs = random_inputs(b.graph(), 1);
  const auto before = interpret(b.graph(), inputs);
  EXPECT_EQ(run_pass(clean_reshapes, b.graph()).changes, 3u);
  EXPECT_EQ(ops_of(b.graph()), "Reshape");
  EXPECT_EQ(difference(before[0], interpret(b.graph(), inputs)[0]), 0);
}

TEST(CleanReshapes, CopiesASymbolicDimFromItsPlace) {
  GraphBuilder b;
  const Dim n = b.symbol("N");
  const auto f32 = ElementType::kFloat32;
  const ValueId x = b.input("x", ValueType::tensor(f32, {n, Dim::of(2), Dim::of(4)}));
  const ValueId flat = b.node("Flatten", {x}, ValueType::tensor(f32, {n, Dim::of(8)}));
  const ValueId shape = b.ints("shape", {0, 4, 2});
  b.output(b.node("Reshape", {flat, shape}, ValueType::tensor(f32, {n, Dim::of(4), Dim::of(2)})));
  const auto inputs = random_inputs(b.graph(), 1);
  const auto before = interpret(b.graph(), inputs);
  EXPECT_EQ(run_pass(clean_reshapes, b.graph()).changes, 1u);
  EXPECT_EQ(difference(before[0], interpret(b.graph(), inputs)[0]), 0);
}

TEST(CleanReshapes, LeavesShapesThatCannotBeWrittenDown) {
  GraphBuilder b;
  const ValueId x = b.input("x", {-1, -1, 4});
  const ValueId flat = b.node("Flatten", {x}, {-1, -1});
  b.output(b.node("Reshape", {flat, b.input("shape", {3}, ElementType::kInt64)}, {-1, -1, 2}));
  EXPECT_EQ(run_pass(clean_reshapes, b.graph()).changes, 0u);
}

TEST(CleanReshapes, LeavesAMiddleThatOthersRead) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2, 4});
  const ValueId flat = b.node("Reshape", {x, b.ints("flat", {8})}, {8});
  b.output(b.node("Reshape", {flat, b.ints("shape", {4, 2})}, {4, 2}));
  b.output(flat);
  EXPECT_EQ(run_pass(clean_reshapes, b.graph()).changes, 0u);
}

}  // namespace
}  // namespace bp
