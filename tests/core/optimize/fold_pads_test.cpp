#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "pass_test_helper.hpp"
#include "support/graph_builder.hpp"

namespace bp {
namespace {

using optimize_passes::fold_pads;
using test::GraphBuilder;
using test::ops_of;
using test::run_pass;
using testing::ElementsAre;
using testing::Pointee;

const std::vector<int64_t> kPads = {0, 0, 1, 2, 0, 0, 3, 4};

GraphBuilder padded(const std::string& op_type, std::vector<Attribute> attributes, float value = 0,
                    const std::vector<int64_t>& pads = kPads) {
  GraphBuilder b;
  const ValueId x = b.input("x", {1, 2, 8, 8});
  const ValueId p = b.node("Pad", {x, b.ints("pads", pads), b.floats("value", {}, {value})}, {1, 2, 12, 14});
  attributes.push_back({"kernel_shape", std::vector<int64_t>{5, 5}});
  b.output(b.node(op_type, {p}, {1, 2, 8, 10}, std::move(attributes)));
  return b;
}

TEST(FoldPads, AddsToTheConvolutionsOwnPads) {
  GraphBuilder b = padded("Conv", {{"pads", std::vector<int64_t>{1, 1, 0, 0}}});
  EXPECT_EQ(run_pass(fold_pads, b.graph()).changes, 1u);
  EXPECT_EQ(ops_of(b.graph()), "Conv");
  EXPECT_THAT(b.graph().node(1).ints("pads"), Pointee(ElementsAre(2, 3, 3, 4)));
}

TEST(FoldPads, MakesAveragePoolingCountThePadding) {
  GraphBuilder b = padded("AveragePool", {});
  EXPECT_EQ(run_pass(fold_pads, b.graph()).changes, 1u);
  EXPECT_EQ(b.graph().node(1).int_or("count_include_pad", 0), 1);
  // Own padding that is not counted cannot be told from padding that is.
  GraphBuilder own = padded("AveragePool", {{"pads", std::vector<int64_t>{1, 1, 1, 1}}});
  EXPECT_EQ(run_pass(fold_pads, own.graph()).changes, 0u);
}

TEST(FoldPads, KeepsZerosAwayFromAMaximum) {
  GraphBuilder zero = padded("MaxPool", {});
  EXPECT_EQ(run_pass(fold_pads, zero.graph()).changes, 0u);
  GraphBuilder infinite = padded("MaxPool", {}, -std::numeric_limits<float>::infinity());
  EXPECT_EQ(run_pass(fold_pads, infinite.graph()).changes, 1u);
}

TEST(FoldPads, LetsAMaximumSeeZerosAmongWhatIsNeverNegative) {
  for (const char* before : {"Relu", "Neg"}) {
    GraphBuilder b;
    const ValueId x = b.node(before, {b.input("x", {1, 2, 8, 8})}, {1, 2, 8, 8});
    const ValueId p = b.node("Pad", {x, b.ints("pads", kPads)}, {1, 2, 12, 14});
    b.output(b.node("MaxPool", {p}, {1, 2, 8, 10}, {{"kernel_shape", std::vector<int64_t>{5, 5}}}));
    EXPECT_EQ(run_pass(fold_pads, b.graph()).changes, std::string(before) == "Relu" ? 1u : 0u);
  }
}

TEST(FoldPads, LeavesOtherValuesChannelsAndCrops) {
  GraphBuilder value = padded("Conv", {}, 1);
  EXPECT_EQ(run_pass(fold_pads, value.graph()).changes, 0u);
  GraphBuilder channels = padded("Conv", {}, 0, {0, 1, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(run_pass(fold_pads, channels.graph()).changes, 0u);
  GraphBuilder crop = padded("Conv", {}, 0, {0, 0, -1, 0, 0, 0, 1, 0});
  EXPECT_EQ(run_pass(fold_pads, crop.graph()).changes, 0u);
  GraphBuilder automatic = padded("Conv", {{"auto_pad", std::string("SAME_UPPER")}});
  EXPECT_EQ(run_pass(fold_pads, automatic.graph()).changes, 0u);
}

}  // namespace
}  // namespace bp
