#include "random_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bp::cli {
namespace {

using testing::HasSubstr;

Value floats(const std::vector<float>& numbers) {
  return Value::copy_of<float>({static_cast<int64_t>(numbers.size())}, std::span<const float>(numbers)).value();
}

class RandomResults : public testing::Test {
 protected:
  std::string dropout(const std::vector<float>& y) {
    NodeInfo node;
    node.op_type = "Dropout";
    node.inputs = {"x", "r", "t"};
    node.outputs = {"y"};
    const std::vector<float> ones(y.size(), 1.0F);
    return contradiction(
        node, {{{"x", floats(ones)}, {"r", floats({0.5F})}}, {{"y", floats(y)}}, {{"y", floats(y)}}}, {});
  }
};

TEST_F(RandomResults, DropoutGivesZeroOrTheScaledInput) {
  EXPECT_EQ(dropout({0, 2, 2, 0}), "");
  EXPECT_THAT(dropout({0, 2, 1, 0}), HasSubstr("element 2 is 1, expected 0 or 2"));
}

TEST_F(RandomResults, DropoutDropsInProportion) {
  EXPECT_THAT(dropout(std::vector<float>(100, 0.0F)), HasSubstr("100 elements are dropped, expected about 50"));
}

TEST_F(RandomResults, BernoulliGivesBitsInProportion) {
  NodeInfo node;
  node.op_type = "Bernoulli";
  node.inputs = {"x"};
  node.outputs = {"y"};
  const auto judge = [&](float p, const std::vector<float>& y) {
    const std::vector<float> chances(y.size(), p);
    return contradiction(node, {{{"x", floats(chances)}}, {}, {{"y", floats(y)}}}, {});
  };
  EXPECT_EQ(judge(0.5F, {0, 1, 1, 0}), "");
  EXPECT_THAT(judge(0.5F, {0, 0.5F}), HasSubstr("element 1 is 0.5, expected 0 or 1"));
  EXPECT_THAT(judge(0.0F, {0, 1}), HasSubstr("element 1 is 1 with probability 0"));
  EXPECT_THAT(judge(0.25F, std::vector<float>(200, 1.0F)), HasSubstr("200 elements are 1, expected about 50"));
}

TEST_F(RandomResults, OthersKeepTypeDimsAndBits) {
  NodeInfo node;
  node.op_type = "RandomUniformLike";
  const auto judge = [&](const Value& expected, const Value& found) {
    return contradiction(node, {{}, {{"y", expected}}, {{"y", found}}}, {});
  };
  EXPECT_EQ(judge(floats({0, 1, 1}), floats({1, 1, 0})), "");
  EXPECT_THAT(judge(floats({0, 1, 1}), floats({1, 1})), HasSubstr("expected float32[3], found float32[2]"));
  EXPECT_THAT(judge(floats({0, 1}), floats({0.25F, 1})), HasSubstr("element 0 is 0.25, expected 0 or 1"));
  EXPECT_EQ(judge(floats({0.5F, 1}), floats({0.25F, 1})), "");
}

}  // namespace
}  // namespace bp::cli
