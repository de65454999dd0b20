#include "kernels/normal_draws.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace bp::cpu {
namespace {

template <class C>
void expect_transform(double tolerance) {
  const Philox philox(3, 5);
  constexpr uint64_t kFirst = 100;
  std::vector<C> draws(static_cast<size_t>(kNormalDraws<C>));
  normal_draws(philox, kFirst, draws.data());
  for (size_t i = 0; i < draws.size(); i += 2) {
    const Draws<C> uniform = uniform_draws<C>(philox(kFirst + i / kPerBlock<C>));
    const size_t at = i % kPerBlock<C>;
    const double radius = std::sqrt(-2 * std::log(1 - static_cast<double>(uniform[at])));
    const double angle = 6.283185307179586 * static_cast<double>(uniform[at + 1]);
    EXPECT_NEAR(static_cast<double>(draws[i]), radius * std::cos(angle), tolerance) << i;
    EXPECT_NEAR(static_cast<double>(draws[i + 1]), radius * std::sin(angle), tolerance) << i;
  }
}

TEST(CpuNormalDraws, AreBoxAndMullersTransform) {
  expect_transform<float>(1e-5);
  expect_transform<double>(1e-13);
}

TEST(CpuNormalDraws, AreFinite) {
  for (uint64_t stream = 0; stream < 100; ++stream) {
    double draws[kNormalDraws<double>];
    normal_draws(Philox(0, stream), 0, draws);
    for (const double draw : draws) EXPECT_TRUE(std::isfinite(draw));
  }
}

TEST(CpuNormalDraws, DoNotDependOnHowManyFollow) {
  const auto draw = [](int64_t count) {
    std::vector<float> values(static_cast<size_t>(count));
    for_each_normal_draw<float>(1, count, Philox(7, 1),
                                [&](int64_t i, float value) { values[static_cast<size_t>(i)] = value; });
    return values;
  };
  constexpr int64_t kCount = 3 * kNormalDraws<float> + 13;
  std::vector<float> more = draw(kCount + kNormalDraws<float>);
  more.resize(static_cast<size_t>(kCount));
  EXPECT_EQ(draw(kCount), more);
}

}  // namespace
}  // namespace bp::cpu
