#include "kernels/winograd_weights.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "onednn_kernel.hpp"
#include "providers/cpu/graph_helper.hpp"

namespace bp::cpu::test {
namespace {

struct Shape {
  int64_t input_channels, output_channels, size;
};

// oneDNN's own reorder is the truth: it knows what its kernels read.
class CpuWinogradWeights : public testing::TestWithParam<Shape> {};

TEST_P(CpuWinogradWeights, AreWhatOnednnsReorderWrites) {
  if (DNNL_VERSION_MAJOR >= 3) GTEST_SKIP() << "oneDNN 3 does not say how transformed weights lie";
  if (!__builtin_cpu_supports("avx512f")) GTEST_SKIP() << "oneDNN has no Winograd here";
  const auto [inputs, outputs, size] = GetParam();
  const Dims dims = {outputs, inputs, 3, 3};
  const auto plain = plain_desc(dims, Type::kFloat32);
  const Window window{{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  const Primitive convolution = describe_convolution(
      ConvolutionKind::kWinograd, layout_desc({1, inputs, size, size}, Type::kFloat32, Layout::kBlocked16),
      any_desc(dims, Type::kFloat32), nullptr,
      layout_desc({1, outputs, size, size}, Type::kFloat32, Layout::kBlocked16), window, attributes_with({}));
  WinogradWeights layout;
  ASSERT_TRUE(find_winograd_weights(convolution.weights, &layout)) << convolution.implementation;
  EXPECT_EQ(static_cast<int64_t>(convolution.weights.get_size()),
            layout.alpha * layout.alpha * inputs * outputs * 4);

  const TestTensor weights = made_up(dims);
  std::vector<std::byte> odd(weights.bytes.size() + 1);  // as in a model's file
  std::memcpy(odd.data() + 1, weights.bytes.data(), weights.bytes.size());
  std::vector<float> expected(convolution.weights.get_size() / sizeof(float));
  std::vector<float> found(expected.size(), -77);
  reorder_now(plain, weights.bytes.data(), convolution.weights, expected.data());
  pack_now(plain, odd.data() + 1, convolution.weights, found.data());
  EXPECT_EQ(found, expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, CpuWinogradWeights,
                         testing::Values(Shape{64, 64, 14}, Shape{64, 192, 7}, Shape{128, 64, 112},
                                         Shape{192, 128, 56}, Shape{256, 256, 56}));

}  // namespace
}  // namespace bp::cpu::test
