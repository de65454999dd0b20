// Winograd's algorithm against the direct sum, for every instruction set that runs here.
#include "kernels/winograd.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "instruction_set.hpp"
#include "kernels/winograd_weights.hpp"

namespace bp::cpu {
namespace {

using Finish = WinogradFinish;

struct Shape {
  int64_t images, inputs, outputs, height, width, pad;
};

std::vector<const WinogradKernels*> variants() {
  std::vector<const WinogradKernels*> list = {WinogradVariants::kPlain};
#if defined(__x86_64__)
  if (instruction_set() != InstructionSet::kPlain) list.push_back(WinogradVariants::kAvx2);
  if (instruction_set() == InstructionSet::kAvx512) list.push_back(WinogradVariants::kAvx512);
#endif
  return list;
}

std::vector<float> numbers(int64_t count, uint32_t seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> draw(-1, 1);
  std::vector<float> result(static_cast<size_t>(count));
  for (float& x : result) x = draw(engine);
  return result;
}

ChannelStrides strides(int64_t channels, int64_t height, int64_t width, bool blocked) {
  const int64_t area = height * width;
  if (blocked) return {area * channels, area * 16, width * 16, 16};
  return {area * channels, 16, width * channels, channels};
}

int64_t place(const ChannelStrides& at, int64_t n, int64_t c, int64_t y, int64_t x) {
  return n * at.image + c / 16 * at.block + c % 16 + y * at.row + x * at.pixel;
}

class CpuWinograd : public testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    const Shape& s = GetParam();
    plan.images = s.images;
    plan.channels = s.inputs;
    plan.height = s.height;
    plan.width = s.width;
    plan.outputs = s.outputs;
    plan.out_height = s.height + 2 * s.pad - 2;
    plan.out_width = s.width + 2 * s.pad - 2;
    plan.pad_top = plan.pad_left = s.pad;
    src = numbers(s.images * s.inputs * s.height * s.width, 1);
    weights = numbers(s.outputs * s.inputs * 9, 2);
    bias = numbers(s.outputs, 3);
    other = numbers(s.images * s.outputs * plan.out_height * plan.out_width, 4);
  }

  void lay_out(bool blocked) {
    plan.src = strides(plan.channels, plan.height, plan.width, blocked);
    plan.dst = strides(plan.outputs, plan.out_height, plan.out_width, blocked);
  }

  double direct(int64_t n, int64_t o, int64_t y, int64_t x) const {
    double sum = bias[static_cast<size_t>(o)];
    for (int64_t c = 0; c < plan.channels; ++c) {
      for (int64_t i = 0; i < 9; ++i) {
        const int64_t row = y + i / 3 - plan.pad_top;
        const int64_t column = x + i % 3 - plan.pad_left;
        if (row < 0 || column < 0 || row >= plan.height || column >= plan.width) continue;
        sum += double{src[static_cast<size_t>(place(plan.src, n, c, row, column))]} *
               weights[static_cast<size_t>((o * plan.channels + c) * 9 + i)];
      }
    }
    return sum;
  }

  std::vector<float> run(const WinogradKernels* kernels) {
    WinogradWeights layout{plan.tile, plan.channels, plan.outputs};
    std::vector<float> packed(static_cast<size_t>(layout.elements()));
    std::vector<std::byte> odd(weights.size() * sizeof(float) + 1);  // as in a model's file
    std::memcpy(odd.data() + 1, weights.data(), odd.size() - 1);
    transform_winograd_weights(layout, odd.data() + 1, packed.data());
    std::vector<float> dst(other.size(), -77);
    std::vector<float> scratch(plan.scratch_bytes() / sizeof(float));
    void* args[] = {other.data()};
    run_winograd(plan, {src.data(), packed.data(), bias.data(), dst.data(), scratch.data(), args}, kernels);
    return dst;
  }

  template <class Finished>
  void expect_direct(const std::vector<float>& dst, Finished&& finished) {
    const double tolerance = 4e-6 * static_cast<double>(plan.channels);
    for (int64_t n = 0; n < plan.images; ++n) {
      for (int64_t o = 0; o < plan.outputs; ++o) {
        for (int64_t y = 0; y < plan.out_height; ++y) {
          for (int64_t x = 0; x < plan.out_width; ++x) {
            const double sum = direct(n, o, y, x);
            const auto at = static_cast<size_t>(place(plan.dst, n, o, y, x));
            ASSERT_NEAR(dst[at], finished(sum, at), tolerance) << n << " " << o << " " << y << " " << x;
          }
        }
      }
    }
  }

  WinogradPlan plan;
  std::vector<float> src, weights, bias, other;
};

TEST_P(CpuWinograd, GivesTheDirectSum) {
  for (const WinogradKernels* kernels : variants()) {
    for (const int tile : {2, 4}) {
      for (const bool blocked : {false, true}) {
        SCOPED_TRACE(tile * 10 + (blocked ? 1 : 0));
        plan.tile = tile;
        lay_out(blocked);
        expect_direct(run(kernels), [](double sum, size_t) { return sum; });
      }
    }
  }
}

TEST_P(CpuWinograd, FinishesWhatItWrites) {
  plan.finish_count = 5;
  plan.finishes[0] = {Finish::Kind::kAdd, 0, 0, 0};
  plan.finishes[1] = {Finish::Kind::kRelu, 0.25f, 0, 0};
  plan.finishes[2] = {Finish::Kind::kMultiply, 0, 0, 0};
  plan.finishes[3] = {Finish::Kind::kLinear, 0.5f, 1, 0};
  plan.finishes[4] = {Finish::Kind::kClip, -1, 2, 0};
  lay_out(false);
  for (const WinogradKernels* kernels : variants()) {
    for (const int tile : {2, 4}) {
      plan.tile = tile;
      expect_direct(run(kernels), [&](double x, size_t at) {
        x += other[at];
        if (x < 0) x *= 0.25;
        return std::clamp(x * other[at] * 0.5 + 1, -1.0, 2.0);
      });
    }
  }
}

TEST_P(CpuWinograd, GivesTheSameBitsOnAnyNumberOfThreads) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "OpenMP's runtime is not built with the sanitizer";
#endif
  lay_out(false);
  for (const int tile : {2, 4}) {
    plan.tile = tile;
    plan.threads = 1;
    const std::vector<float> expected = run(nullptr);
    for (const int threads : {2, 3}) {
      plan.threads = threads;
      EXPECT_EQ(run(nullptr), expected) << threads;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, CpuWinograd,
                         testing::Values(Shape{1, 16, 16, 3, 3, 0}, Shape{1, 16, 80, 7, 9, 1},
                                         Shape{3, 48, 32, 5, 14, 1}, Shape{1, 32, 112, 40, 33, 2}));

}  // namespace
}  // namespace bp::cpu
