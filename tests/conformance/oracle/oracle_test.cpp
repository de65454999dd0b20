// The oracle against numbers that were worked out by hand or stand in the standard's own examples.
#include "oracle/oracle.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "ops/op_schema.hpp"

namespace bp::conformance {
namespace {

Array reals(ConcreteDims dims, std::vector<double> values) {
  Array array(ElementType::kFloat32, std::move(dims));
  array.reals = std::move(values);
  return array;
}
Array ints(std::vector<int64_t> values, ElementType type = ElementType::kInt64) {
  Array array(type, {static_cast<int64_t>(values.size())});
  array.ints = std::move(values);
  return array;
}

std::vector<Array> call(const char* op_type, const std::vector<Array>& inputs,
                        std::vector<Attribute> attributes = {},
                        std::vector<ElementType> outputs = {ElementType::kFloat32}) {
  Node node;
  node.op_type = op_type;
  node.attributes = std::move(attributes);
  OracleCall one{node, {}, std::move(outputs)};
  for (const Array& input : inputs) one.inputs.push_back(&input);
  return find_oracle("", op_type)(one);
}

using Ints = std::vector<int64_t>;

TEST(Oracle, KnowsAtLeast120OperatorsOfTheStandardEachOnce) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const OracleRow& row : oracle_rows()) {
    EXPECT_TRUE(seen.emplace(row.domain, row.op_type).second) << row.op_type;
    EXPECT_NE(first_version(row.domain, row.op_type), 0) << row.op_type;
  }
  EXPECT_GE(seen.size(), 120u);
}

TEST(Oracle, ConvolutionOfTheStandardsExample) {
  std::vector<double> pixels(25);
  for (size_t i = 0; i < 25; ++i) pixels[i] = static_cast<double>(i);
  const auto y = call("Conv", {reals({1, 1, 5, 5}, pixels), reals({1, 1, 3, 3}, std::vector<double>(9, 1))},
                      {{"pads", Ints{0, 0, 0, 0}}, {"strides", Ints{2, 2}}})[0];
  EXPECT_EQ(y.dims, (ConcreteDims{1, 1, 2, 2}));
  EXPECT_EQ(y.reals, (std::vector<double>{54, 72, 144, 162}));
}

TEST(Oracle, TransposedConvolutionAddsWhatOverlaps) {
  const auto y = call("ConvTranspose", {reals({1, 1, 1, 2}, {1, 2}), reals({1, 1, 1, 2}, {10, 100})})[0];
  EXPECT_EQ(y.reals, (std::vector<double>{10, 120, 200}));
}

TEST(Oracle, PoolingCountsPaddingOnlyWhenAsked) {
  const Array x = reals({1, 1, 1, 3}, {3, 6, 9});
  const std::vector<Attribute> common = {{"kernel_shape", Ints{1, 2}}, {"pads", Ints{0, 1, 0, 0}}};
  EXPECT_EQ(call("AveragePool", {x}, common)[0].reals, (std::vector<double>{3, 4.5, 7.5}));
  std::vector<Attribute> counted = common;
  counted.push_back({"count_include_pad", int64_t{1}});
  EXPECT_EQ(call("AveragePool", {x}, counted)[0].reals, (std::vector<double>{1.5, 4.5, 7.5}));
}

TEST(Oracle, SliceWalksBackwards) {
  const auto y =
      call("Slice", {reals({5}, {0, 1, 2, 3, 4}), ints({-1}), ints({INT64_MIN}), ints({0}), ints({-2})})[0];
  EXPECT_EQ(y.reals, (std::vector<double>{4, 2, 0}));
}

TEST(Oracle, GatherAndScatterTakeNegativePlaces) {
  EXPECT_EQ(call("Gather", {reals({3}, {5, 6, 7}), ints({-1, 0})})[0].reals, (std::vector<double>{7, 5}));
  const auto y = call("ScatterElements", {reals({3}, {1, 1, 1}), ints({-1, 2}), reals({2}, {10, 100})},
                      {{"reduction", std::string("add")}})[0];
  EXPECT_EQ(y.reals, (std::vector<double>{1, 1, 111}));
}

TEST(Oracle, IntegersWrapAndUnsignedOnesCompareAsSuch) {
  const auto sum = call("Add", {ints({127}, ElementType::kInt8), ints({1}, ElementType::kInt8)}, {},
                        {ElementType::kInt8})[0];
  EXPECT_EQ(sum.ints[0], -128);
  const auto greater = call("Greater", {ints({-1}, ElementType::kUint64), ints({1}, ElementType::kUint64)}, {},
                            {ElementType::kBool})[0];
  EXPECT_EQ(greater.ints[0], 1);
}

TEST(Oracle, RemaindersTakeTheSignThatTheAttributeSays) {
  const Array a = ints({-7, 7}), b = ints({3, -3});
  EXPECT_EQ(call("Mod", {a, b}, {}, {ElementType::kInt64})[0].ints, (std::vector<int64_t>{2, -2}));
  EXPECT_EQ(call("Mod", {a, b}, {{"fmod", int64_t{1}}}, {ElementType::kInt64})[0].ints,
            (std::vector<int64_t>{-1, 1}));
}

TEST(Oracle, SoftmaxOfLargeNumbersIsFinite) {
  const auto y = call("Softmax", {reals({1, 2}, {10000, 10000 + std::log(3.0)})})[0];
  EXPECT_NEAR(y.reals[0], 0.25, 1e-9);
  EXPECT_NEAR(y.reals[1], 0.75, 1e-9);
}

TEST(Oracle, LstmOfOneUnit) {
  // All weights 1, no bias: every gate is sigmoid(x + h), the candidate tanh(x + h).
  const auto y = call(
      "LSTM", {reals({1, 1, 1}, {0.5}), reals({1, 4, 1}, {1, 1, 1, 1}), reals({1, 4, 1}, {1, 1, 1, 1})},
      {{"hidden_size", int64_t{1}}}, {ElementType::kFloat32, ElementType::kFloat32, ElementType::kFloat32});
  const double gate = 1 / (1 + std::exp(-0.5)), cell = gate * std::tanh(0.5);
  EXPECT_NEAR(y[2].reals[0], cell, 1e-12);
  EXPECT_NEAR(y[0].reals[0], gate * std::tanh(cell), 1e-12);
}

TEST(Oracle, DeterminantsAndFourierTransforms) {
  EXPECT_NEAR(call("Det", {reals({2, 2}, {1, 2, 3, 4})})[0].reals[0], -2, 1e-12);
  const auto y = call("DFT", {reals({1, 4, 1}, {1, 0, 0, 0})}, {{"axis", int64_t{1}}})[0];
  EXPECT_EQ(y.dims, (ConcreteDims{1, 4, 2}));
  for (size_t i = 0; i < 8; ++i) EXPECT_NEAR(y.reals[i], i % 2 == 0 ? 1 : 0, 1e-12);
}

TEST(Oracle, QuantizingRoundsToEvenAndSaturates) {
  Array zero = ints({128}, ElementType::kUint8);
  zero.dims = {};
  const auto y = call("QuantizeLinear", {reals({5}, {0.5, 1.5, -0.5, 1000, -1000}), reals({}, {1}), zero}, {},
                      {ElementType::kUint8})[0];
  EXPECT_EQ(y.ints, (std::vector<int64_t>{128, 130, 128, 255, 0}));
}

TEST(Oracle, EinsumSumsWhatTheResultLeavesOut) {
  const auto y = call("Einsum", {reals({2, 2}, {1, 2, 3, 4}), reals({2}, {10, 100})},
                      {{"equation", std::string("ij,j->i")}})[0];
  EXPECT_EQ(y.reals, (std::vector<double>{210, 430}));
}

}  // namespace
}  // namespace bp::conformance
