// Seeds are fixed, so a distribution's test gives the same answer in every run. Bounds are those of a chance of
// one in a hundred thousand or less.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

constexpr int64_t kCount = 200'000;
constexpr double kDeviations = 4.5;

// One operator without inputs, or with `inputs`.
TestTensor drawn(const std::string& op, std::vector<TestTensor> inputs, TestAttributes attributes, Type type,
                 const Dims& dims, uint32_t threads = 1, bool deterministic = false) {
  TestGraph graph;
  graph.set_threads(threads);
  if (deterministic) graph.set_option("deterministic", true);
  std::vector<TestGraph::Ref> refs;
  for (TestTensor& input : inputs) refs.push_back(graph.input(std::move(input)));
  const auto y = graph.node(op, refs, std::move(attributes), {type, dims, true});
  graph.output(y, dims);
  return graph.run().at(0);
}

TestTensor uniform(TestAttributes attributes, Type type = Type::kFloat32, uint32_t threads = 1) {
  attributes["shape"] = std::vector<int64_t>{kCount};
  return drawn("RandomUniform", {}, std::move(attributes), type, {kCount}, threads);
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments(const TestTensor& tensor, int64_t count = kCount) {
  Moments result;
  for (int64_t i = 0; i < count; ++i)
    result.mean += tensor.at(static_cast<size_t>(i)) / static_cast<double>(count);
  for (int64_t i = 0; i < count; ++i)
    result.variance +=
        std::pow(tensor.at(static_cast<size_t>(i)) - result.mean, 2) / static_cast<double>(count);
  return result;
}

// How much 64 equally likely classes differ; `cumulative` maps a number to [0, 1). Expected 63, deviation 11.2.
double chi_square(const TestTensor& tensor, const std::function<double(double)>& cumulative) {
  constexpr int kClasses = 64;
  std::vector<double> counts(kClasses);
  for (int64_t i = 0; i < kCount; ++i) {
    const double at = cumulative(tensor.at(static_cast<size_t>(i)));
    counts.at(static_cast<size_t>(std::min(at * kClasses, kClasses - 1.0))) += 1;
  }
  const double expected = static_cast<double>(kCount) / kClasses;
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

constexpr double kChiSquareLow = 25;    // 63 degrees of freedom: 1e-5 below
constexpr double kChiSquareHigh = 120;  // 2e-5 above

void expect_uniform(const TestTensor& tensor, double low, double high) {
  const double width = high - low;
  const Moments found = moments(tensor);
  EXPECT_NEAR(found.mean, (low + high) / 2, kDeviations * width / std::sqrt(12.0 * kCount));
  EXPECT_NEAR(found.variance, width * width / 12, kDeviations * width * width / 12 * std::sqrt(0.8 / kCount));
  const double chi = chi_square(tensor, [&](double x) { return (x - low) / width; });
  EXPECT_GT(chi, kChiSquareLow);
  EXPECT_LT(chi, kChiSquareHigh);
}

TEST(CpuRandom, UniformNumbersAreUniform) {
  expect_uniform(uniform({{"seed", 1.0f}}), 0, 1);
  expect_uniform(uniform({{"seed", 2.0f}, {"low", -3.0f}, {"high", 5.0f}}, Type::kFloat64), -3, 5);
}

TEST(CpuRandom, UniformNumbersStayBelowTheHighEnd) {
  const TestTensor y = uniform({{"seed", 5.0f}, {"low", 1.0f}, {"high", 1.0000002f}});
  for (int64_t i = 0; i < kCount; ++i) ASSERT_LT(y.at(static_cast<size_t>(i)), 1.0000002f);
}

TEST(CpuRandom, NormalNumbersAreNormal) {
  for (const Type type : {Type::kFloat32, Type::kFloat64}) {
    const TestTensor y =
        drawn("RandomNormal", {},
              {{"shape", std::vector<int64_t>{kCount}}, {"seed", 7.0f}, {"mean", 2.0f}, {"scale", 3.0f}}, type,
              {kCount});
    const Moments found = moments(y);
    EXPECT_NEAR(found.mean, 2, kDeviations * 3 / std::sqrt(kCount));
    EXPECT_NEAR(found.variance, 9, kDeviations * 9 * std::sqrt(2.0 / kCount));
    const double chi = chi_square(y, [](double x) { return 0.5 * std::erfc(-(x - 2) / 3 / std::sqrt(2.0)); });
    EXPECT_GT(chi, kChiSquareLow);
    EXPECT_LT(chi, kChiSquareHigh);
  }
}

TEST(CpuRandom, ASeedDecides) {
  const TestTensor first = uniform({{"seed", 1.0f}});
  EXPECT_EQ(first.bytes, uniform({{"seed", 1.0f}}).bytes);
  EXPECT_NE(first.bytes, uniform({{"seed", 2.0f}}).bytes);
}

TEST(CpuRandom, ThreadsDoNotMatter) {
  EXPECT_EQ(uniform({{"seed", 1.0f}}).bytes, uniform({{"seed", 1.0f}}, Type::kFloat32, 4).bytes);
}

TEST(CpuRandom, WithoutASeedNumbersDiffer) { EXPECT_NE(uniform({}).bytes, uniform({}).bytes); }

TEST(CpuRandom, DeterministicRunsRepeatThem) {
  const TestAttributes attributes{{"shape", std::vector<int64_t>{100}}};
  const auto once = [&] { return drawn("RandomNormal", {}, attributes, Type::kFloat32, {100}, 1, true); };
  EXPECT_EQ(once().bytes, once().bytes);
}

TEST(CpuRandom, LikeTakesDimsAndNamedType) {
  const TestTensor y = drawn("RandomNormalLike", {tensor<int32_t>({2, 3}, {0, 0, 0, 0, 0, 0})},
                             {{"seed", 1.0f}, {"dtype", 11}}, Type::kFloat64, {2, 3});
  EXPECT_EQ(y.bytes.size(), 6 * sizeof(double));
  EXPECT_NE(y.at(0), y.at(1));
}

TEST(CpuRandom, BernoulliFollowsItsProbabilities) {
  std::vector<float> p(kCount, 0.25f);
  for (size_t i = 0; i < 10; ++i) p[i] = i < 5 ? 0.0f : 1.0f;
  const TestTensor y =
      drawn("Bernoulli", {tensor<float>({kCount}, p)}, {{"seed", 3.0f}}, Type::kBool, {kCount});
  double ones = 0;
  for (size_t i = 0; i < kCount; ++i) ones += y.at(i);
  EXPECT_NEAR(ones / kCount, 0.25, kDeviations * std::sqrt(0.25 * 0.75 / kCount) + 1e-4);
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(y.at(i), i < 5 ? 0 : 1);
}

TEST(CpuRandom, MultinomialFollowsItsProbabilities) {
  // exp gives 1 : 2 : 5, and in the second row only the last class.
  const float none = -std::numeric_limits<float>::infinity();
  const TestTensor logits = tensor<float>({2, 3}, {0, std::log(2.0f), std::log(5.0f), none, none, -3});
  const TestTensor y = drawn("Multinomial", {logits}, {{"seed", 4.0f}, {"sample_size", kCount}, {"dtype", 7}},
                             Type::kInt64, {2, kCount});
  std::vector<double> counts(3);
  for (size_t i = 0; i < kCount; ++i) {
    counts.at(static_cast<size_t>(y.at(i))) += 1;
    ASSERT_EQ(y.at(kCount + i), 2);
  }
  const double shares[] = {0.125, 0.25, 0.625};
  for (size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(counts[c] / kCount, shares[c], kDeviations * std::sqrt(shares[c] * (1 - shares[c]) / kCount));
}

TEST(CpuRandom, DropoutScalesWhatItKeeps) {
  TestGraph graph;
  const auto x = graph.input(tensor<float>({kCount}, std::vector<float>(kCount, 3.0f)));
  const auto ratio = graph.input(tensor<double>({}, {0.75}));
  const auto training = graph.input(tensor<bool>({}, {true}));
  const auto out = graph.nodes("Dropout", {x, ratio, training}, {{"seed", 9}},
                               {{Type::kFloat32, {kCount}, true}, {Type::kBool, {kCount}, true}});
  graph.output(out[0], {kCount});
  graph.output(out[1], {kCount});
  const auto results = graph.run();
  double kept = 0;
  for (size_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(results[0].at(i), results[1].at(i) != 0 ? 12.0 : 0.0);
    kept += results[1].at(i);
  }
  EXPECT_NEAR(kept / kCount, 0.25, kDeviations * std::sqrt(0.25 * 0.75 / kCount));
}

TEST(CpuRandom, DropoutCopiesWhenItDoesNotTrain) {
  for (const bool train : {false, true}) {
    TestGraph graph;
    const auto x = graph.input(tensor<float>({3}, {1, -2, 3}));
    const auto ratio = graph.input(tensor<float>({}, {train ? 0.0f : 0.5f}));
    const auto training = graph.input(tensor<bool>({}, {train}));
    const auto out = graph.nodes("Dropout", {x, ratio, training}, {},
                                 {{Type::kFloat32, {3}, true}, {Type::kBool, {3}, true}});
    graph.expect(out[0], tensor<float>({3}, {1, -2, 3}), 0);
    graph.expect(out[1], tensor<bool>({3}, {true, true, true}));
    graph.run();
  }
}

TEST(CpuRandom, NamesWrongAttributes) {
  TestGraph graph;
  graph.output(graph.node("RandomUniform", {},
                          {{"shape", std::vector<int64_t>{2}}, {"low", 2.0f}, {"high", 1.0f}},
                          {Type::kFloat32, {2}, true}));
  EXPECT_THAT(graph.specialize_error(), testing::HasSubstr("'low' must not be above 'high', is 2.0"));
}

}  // namespace
}  // namespace bp::cpu::test
