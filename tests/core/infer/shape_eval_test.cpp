#include "infer/shape_eval.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace bp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TensorPtr ints(std::vector<int64_t> values) {
  const auto count = static_cast<int64_t>(values.size());
  return Tensor::of_int64({count}, values);
}
TensorPtr scalar(int64_t value) { return Tensor::of_int64({}, std::vector{value}); }
TensorPtr matrix(ConcreteDims dims, std::vector<int64_t> values) {
  return Tensor::of_int64(std::move(dims), values);
}
TensorPtr floats(std::vector<float> values) {
  const auto count = static_cast<int64_t>(values.size());
  return Tensor::of_float({count}, values);
}

Result<std::vector<TensorPtr>> run(const std::string& op, const std::vector<TensorPtr>& inputs,
                                   std::vector<Attribute> attributes = {}, size_t outputs = 1) {
  Node node;
  node.op_type = op;
  node.attributes = std::move(attributes);
  std::vector<EvalInput> operands;
  for (const TensorPtr& input : inputs) {
    node.inputs.push_back(input ? 0 : kNoId);
    operands.push_back({input.get(), input ? &input->dims : nullptr});
  }
  node.outputs.assign(outputs, 0);
  return evaluate(node, operands);
}

std::vector<int64_t> values(const Result<std::vector<TensorPtr>>& result, size_t output = 0) {
  EXPECT_TRUE(result.ok()) << result.status().message();
  return result.ok() ? (*result)[output]->to_int64() : std::vector<int64_t>{};
}
std::vector<float> reals(const Result<std::vector<TensorPtr>>& result) {
  EXPECT_TRUE(result.ok()) << result.status().message();
  if (!result.ok()) return {};
  std::vector<float> list(static_cast<size_t>((*result)[0]->count()));
  std::memcpy(list.data(), (*result)[0]->bytes.data(), (*result)[0]->bytes.size());
  return list;
}

TEST(ShapeEval, ReadsDims) {
  const TensorPtr x = matrix({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(values(run("Shape", {x})), ElementsAre(2, 3, 1));
  EXPECT_THAT(values(run("Shape", {x}, {{"start", int64_t{-2}}, {"end", int64_t{9}}})), ElementsAre(3, 1));
  EXPECT_THAT(values(run("Shape", {x}, {{"start", int64_t{2}}, {"end", int64_t{1}}})), ElementsAre());
  EXPECT_THAT(values(run("Size", {x})), ElementsAre(6));
}

TEST(ShapeEval, DividesIntegersTowardsZero) {
  EXPECT_THAT(values(run("Div", {ints({7, -7, INT64_MIN}), ints({2, 2, -1})})), ElementsAre(3, -3, INT64_MIN));
  EXPECT_THAT(values(run("Mod", {ints({7, -7, 7, -7}), ints({3, 3, -3, -3})})), ElementsAre(1, 2, -2, -1));
  EXPECT_THAT(values(run("Mod", {ints({-7, 7}), ints({3, -3})}, {{"fmod", int64_t{1}}})), ElementsAre(-1, 1));
  EXPECT_EQ(run("Div", {scalar(1), scalar(0)}).status().message(), "division by 0");
  EXPECT_EQ(run("Mod", {scalar(1), scalar(0)}).status().message(), "division by 0");
}

TEST(ShapeEval, WrapsIntegersInsteadOfOverflowing) {
  EXPECT_THAT(values(run("Add", {scalar(INT64_MAX), scalar(1)})), ElementsAre(INT64_MIN));
  EXPECT_THAT(values(run("Neg", {scalar(INT64_MIN)})), ElementsAre(INT64_MIN));
  EXPECT_THAT(values(run("Pow", {ints({3, 2, -1}), ints({4, -1, -3})})), ElementsAre(81, 0, -1));
}

TEST(ShapeEval, BroadcastsOperands) {
  const auto sum = run("Add", {matrix({2, 1}, {10, 20}), ints({1, 2, 3})});
  EXPECT_THAT(values(sum), ElementsAre(11, 12, 13, 21, 22, 23));
  EXPECT_THAT((*sum)[0]->dims, ElementsAre(2, 3));
  EXPECT_THAT(run("Add", {ints({1, 2}), ints({1, 2, 3})}).status().message(), HasSubstr("do not broadcast"));
  EXPECT_THAT(values(run("Add", {ints({}), scalar(1)})), ElementsAre());
}

TEST(ShapeEval, RoundsFloatsLikeTheirType) {
  EXPECT_THAT(reals(run("Mul", {floats({0.1F}), floats({3.0F})})), ElementsAre(0.1F * 3.0F));
  EXPECT_THAT(reals(run("Div", {floats({1.0F}), floats({3.0F})})), ElementsAre(1.0F / 3.0F));
  EXPECT_THAT(reals(run("Round", {floats({0.5F, 1.5F, -2.5F})})), ElementsAre(0.0F, 2.0F, -2.0F));
  EXPECT_THAT(values(run("Cast", {floats({2.9F, -2.9F})}, {{"to", int64_t{7}}})), ElementsAre(2, -2));
  EXPECT_FALSE(run("Cast", {floats({1e30F})}, {{"to", int64_t{7}}}).ok());
  EXPECT_EQ(run("Cast", {floats({1})}, {{"to", int64_t{10}}}).status().code(), ErrorCode::kUnsupported);
}

TEST(ShapeEval, SlicesLikeNumpy) {
  const TensorPtr x = ints({0, 1, 2, 3, 4});
  EXPECT_THAT(values(run("Slice", {x, ints({1}), ints({-1})})), ElementsAre(1, 2, 3));
  EXPECT_THAT(values(run("Slice", {x, ints({-1}), ints({INT64_MIN}), ints({0}), ints({-2})})),
              ElementsAre(4, 2, 0));
  EXPECT_THAT(values(run("Slice", {x, ints({3}), ints({1})})), ElementsAre());
  EXPECT_THAT(values(run("Slice", {x, ints({-100}), ints({100}), nullptr, ints({3})})), ElementsAre(0, 3));
  EXPECT_THAT(values(run("Slice", {x, ints({4}), ints({INT64_MIN}), nullptr, ints({INT64_MIN})})),
              ElementsAre(4));
  EXPECT_FALSE(run("Slice", {x, ints({0}), ints({1}), nullptr, ints({0})}).ok());
}

TEST(ShapeEval, GathersAndScatters) {
  const TensorPtr x = matrix({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(values(run("Gather", {x, ints({-1, 0})}, {{"axis", int64_t{1}}})), ElementsAre(3, 1, 6, 4));
  EXPECT_THAT((*run("Gather", {x, scalar(1)}))[0]->dims, ElementsAre(3));
  EXPECT_THAT(run("Gather", {x, scalar(2)}).status().message(), HasSubstr("outside [-2, 2)"));
  EXPECT_THAT(values(run("GatherND", {x, matrix({2, 2}, {0, 0, 1, -1})})), ElementsAre(1, 6));
  EXPECT_THAT(values(run("ScatterND", {ints({0, 0, 0}), matrix({1, 1}, {1}), ints({7})})),
              ElementsAre(0, 7, 0));
}

TEST(ShapeEval, MovesAxes) {
  const TensorPtr x = matrix({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(values(run("Transpose", {x})), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT((*run("Unsqueeze", {x, ints({0, -1})}))[0]->dims, ElementsAre(1, 2, 3, 1));
  EXPECT_THAT((*run("Squeeze", {matrix({1, 2, 1}, {1, 2}), nullptr}))[0]->dims, ElementsAre(2));
  EXPECT_FALSE(run("Squeeze", {x, ints({0})}).ok());
  EXPECT_THAT((*run("Reshape", {x, ints({-1, 2})}))[0]->dims, ElementsAre(3, 2));
  EXPECT_THAT((*run("Reshape", {x, ints({0, -1, 1})}))[0]->dims, ElementsAre(2, 3, 1));
  EXPECT_FALSE(run("Reshape", {x, ints({4})}).ok());
  EXPECT_FALSE(run("Reshape", {x, ints({-1, -1})}).ok());
  EXPECT_THAT(values(run("Concat", {x, x}, {{"axis", int64_t{1}}})),
              ElementsAre(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6));
  EXPECT_THAT(values(run("Tile", {ints({1, 2}), ints({2})})), ElementsAre(1, 2, 1, 2));
  EXPECT_THAT(values(run("Expand", {matrix({2, 1}, {1, 2}), ints({1, 3})})), ElementsAre(1, 1, 1, 2, 2, 2));
}

TEST(ShapeEval, SplitsIntoParts) {
  const auto parts = run("Split", {ints({1, 2, 3, 4, 5})}, {{"num_outputs", int64_t{2}}}, 2);
  EXPECT_THAT(values(parts, 0), ElementsAre(1, 2, 3));
  EXPECT_THAT(values(parts, 1), ElementsAre(4, 5));
  EXPECT_FALSE(run("Split", {ints({1, 2, 3}), ints({1, 1})}, {}, 2).ok());
}

TEST(ShapeEval, ReducesAndCounts) {
  const TensorPtr x = matrix({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(values(run("ReduceProd", {x})), ElementsAre(720));
  EXPECT_THAT(values(run("ReduceSum", {x, ints({0})}, {{"keepdims", int64_t{0}}})), ElementsAre(5, 7, 9));
  EXPECT_THAT(values(run("ReduceMax", {x, ints({-1})})), ElementsAre(3, 6));
  EXPECT_THAT(values(run("ReduceProd", {ints({})}, {{"keepdims", int64_t{0}}})), ElementsAre(1));
  EXPECT_FALSE(run("ReduceMax", {ints({})}).ok());
  EXPECT_THAT(values(run("NonZero", {ints({0, 5, 0, 7})})), ElementsAre(1, 3));
  EXPECT_THAT(values(run("CumSum", {ints({1, 2, 3}), scalar(0)}, {{"exclusive", int64_t{1}}})),
              ElementsAre(0, 1, 3));
  EXPECT_THAT(values(run("CumSum", {ints({1, 2, 3}), scalar(0)}, {{"reverse", int64_t{1}}})),
              ElementsAre(6, 5, 3));
}

TEST(ShapeEval, MakesTensors) {
  EXPECT_THAT(values(run("Range", {scalar(2), scalar(9), scalar(3)})), ElementsAre(2, 5, 8));
  EXPECT_THAT(values(run("Range", {scalar(2), scalar(0), scalar(1)})), ElementsAre());
  EXPECT_FALSE(run("Range", {scalar(0), scalar(1), scalar(0)}).ok());
  EXPECT_EQ(run("Range", {scalar(0), scalar(int64_t{1} << 40), scalar(1)}).status().code(),
            ErrorCode::kUnsupported);
  EXPECT_THAT(values(run("ConstantOfShape", {ints({2})}, {{"value", TensorPtr(ints({7}))}})),
              ElementsAre(7, 7));
  EXPECT_FALSE(run("ConstantOfShape", {ints({-2})}).ok());
}

TEST(ShapeEval, ComparesAndChooses) {
  const auto less = run("Less", {ints({1, 5}), scalar(3)});
  EXPECT_EQ((*less)[0]->type, ElementType::kBool);
  EXPECT_THAT(values(less), ElementsAre(1, 0));
  EXPECT_THAT(values(run("Where", {(*less)[0], ints({10, 10}), scalar(20)})), ElementsAre(10, 20));
  EXPECT_THAT(values(run("Not", {(*less)[0]})), ElementsAre(0, 1));
}

TEST(ShapeEval, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(run("Conv", {ints({1})}).status().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(run("Gather", {ints({1}), floats({0})}).status().message(),
              HasSubstr("must be integers, is float32"));
  EXPECT_THAT(run("Add", {ints({1}), floats({0})}).status().message(), HasSubstr("input 1 must be int64"));
}

}  // namespace
}  // namespace bp
