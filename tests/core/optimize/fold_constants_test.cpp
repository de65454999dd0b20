#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "interpreter.hpp"
#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::fold_constants;
using test::GraphBuilder;
using test::InterpreterFolder;
using test::ops_of;
using test::run_pass;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(FoldConstants, RunsAWholeConstantSubgraphInOneCall) {
  GraphBuilder b;
  const ValueId x = b.input("x", {2});
  const ValueId c = b.floats("c", {2}, {1, 4});
  const ValueId root = b.node("Sqrt", {c}, {2});
  const ValueId sum = b.node("Add", {root, c}, {2});
  b.output(b.node("Mul", {x, sum}, {2}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_constants, b.graph(), options).changes, 2u);
  EXPECT_EQ(ops_of(b.graph()), "Mul");
  EXPECT_EQ(folder.folds, 1);
  EXPECT_THAT(test::array_of(*b.graph().value(sum).constant).data, ElementsAre(2, 6));
}

TEST(FoldConstants, SaysThatItWasSkippedWithoutAProvider) {
  GraphBuilder b;
  b.output(b.node("Sqrt", {b.floats("c", {1}, {4})}, {1}));
  const auto run = run_pass(fold_constants, b.graph());
  EXPECT_EQ(run.changes, 0u);
  ASSERT_EQ(run.report.notes.size(), 1u);
  EXPECT_THAT(run.report.notes[0], HasSubstr("skipped"));
}

TEST(FoldConstants, LeavesWhatACallerMayOverride) {
  GraphBuilder b;
  const ValueId c = b.floats("c", {1}, {4});
  b.graph().mark_input(c);
  b.output(b.node("Sqrt", {c}, {1}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_constants, b.graph(), options).changes, 0u);
}

TEST(FoldConstants, LeavesRandomNumbersAndDequantizedWeights) {
  GraphBuilder b;
  const ValueId c = b.floats("c", {1}, {4});
  b.output(b.node("RandomNormalLike", {c}, {1}));
  b.output(b.node("DequantizeLinear", {c, c}, {1}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_constants, b.graph(), options).changes, 0u);
  EXPECT_EQ(folder.folds, 0);
}

TEST(FoldConstants, RefusesToGrowTheModel) {
  GraphBuilder b;
  const ValueId big = b.node("Add",
                             {b.floats("a", {1, 1000}, std::vector<float>(1000, 1)),
                              b.floats("b", {1000, 1}, std::vector<float>(1000, 1))},
                             {1000, 1000});
  b.output(b.node("Relu", {big}, {1000, 1000}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_constants, b.graph(), options).changes, 0u);
  options.max_fold_growth_bytes = 8'000'000;
  EXPECT_EQ(run_pass(fold_constants, b.graph(), options).changes, 2u);
}

TEST(FoldConstants, FillsLargeTensorsThatAreWeightsOnly) {
  GraphBuilder b;
  const ValueId shape = b.ints("shape", {1000, 500});
  const ValueId weights = b.node("ConstantOfShape", {shape}, {1000, 500});
  const ValueId others = b.node("ConstantOfShape", {shape}, {1000, 500});
  b.output(b.node("MatMul", {b.input("x", {1, 1000}), weights}, {1, 500}));
  b.output(b.node("Add", {others, b.input("y", {1000, 500})}, {1000, 500}));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  EXPECT_EQ(run_pass(fold_constants, b.graph(), options).changes, 1u);
  EXPECT_EQ(ops_of(b.graph()), "ConstantOfShape MatMul Add");
  EXPECT_NE(b.graph().value(weights).constant, nullptr);
}

TEST(FoldConstants, LeavesOnlyTheNodeThatFails) {
  GraphBuilder b;
  const ValueId c = b.floats("c", {1}, {4});
  const ValueId root = b.node("Sqrt", {c}, {1});
  const ValueId bad = b.node("Exp", {root}, {1}, {}, "bad");
  const ValueId after = b.node("Relu", {bad}, {1});
  const ValueId good = b.node("Neg", {root}, {1});
  b.output(after);
  b.output(good);
  InterpreterFolder folder;
  folder.fails_on = "Exp";
  OptimizeOptions options;
  options.folder = &folder;
  const auto run = run_pass(fold_constants, b.graph(), options);
  EXPECT_EQ(run.changes, 2u);
  EXPECT_EQ(ops_of(b.graph()), "Exp Relu");
  ASSERT_EQ(run.report.notes.size(), 1u);
  EXPECT_THAT(run.report.notes[0], HasSubstr("Exp 'bad' was not folded: failed on Exp"));
}

TEST(FoldConstants, FoldsWhatLeadsToANodeThatTheProviderLacks) {
  GraphBuilder b;
  const ValueId c = b.floats("c", {1}, {4});
  const ValueId root = b.node("Sqrt", {c}, {1});
  b.output(b.node("Mystery", {root}, {1}, {}, "m"));
  InterpreterFolder folder;
  OptimizeOptions options;
  options.folder = &folder;
  const auto run = run_pass(fold_constants, b.graph(), options);
  EXPECT_EQ(run.changes, 1u);
  EXPECT_EQ(ops_of(b.graph()), "Mystery");
  EXPECT_THAT(run.report.notes, ElementsAre(HasSubstr("Mystery 'm' is constant")));
}

}  // namespace
}  // namespace bp
