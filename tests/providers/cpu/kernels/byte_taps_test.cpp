// The kernels of byte_taps.hpp against sums written out: every height and width of a block, lines, tiles shared
// by threads.
#include "kernels/byte_taps.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace bp::cpu {
namespace {

struct Case {
  int64_t inputs, channels, height, width, kernel, stride;
  int64_t images = 1;
};

std::vector<uint8_t> random_bytes(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(static_cast<size_t>(count));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

int32_t value(uint8_t byte, bool is_signed) { return is_signed ? static_cast<int8_t>(byte) : byte; }

void check(const Case& shape, bool is_signed, bool adds, int threads) {
  const int64_t taps = shape.kernel * shape.kernel;
  const int64_t out_height = (shape.height - shape.kernel) / shape.stride + 1;
  const int64_t out_width = (shape.width - shape.kernel) / shape.stride + 1;
  TapConvolution convolution;
  convolution.groups = shape.inputs / 4;
  convolution.channels = shape.channels;
  convolution.is_signed = is_signed;
  convolution.images = shape.images;
  convolution.lines = out_height;
  convolution.pixels = out_width;
  convolution.pixel_stride = shape.stride * shape.inputs;
  convolution.line_stride = shape.stride * shape.width * shape.inputs;
  convolution.image_stride = shape.height * shape.width * shape.inputs;
  for (int64_t tap = 0; tap < taps; ++tap) {
    convolution.offsets.push_back((tap / shape.kernel * shape.width + tap % shape.kernel) * shape.inputs);
  }
  const auto source = random_bytes(shape.images * convolution.image_stride, 1);
  const auto weight_bytes = random_bytes(shape.channels * shape.inputs * taps, 2);
  const std::vector<int8_t> weights(weight_bytes.begin(), weight_bytes.end());
  std::vector<int8_t> packed(static_cast<size_t>(convolution.packed_bytes()));
  convolution.pack(weights.data(), shape.inputs, shape.inputs * taps, taps, packed.data());
  std::vector<int32_t> bias;
  std::vector<float> scales;
  for (int64_t i = 0; i < shape.channels; ++i) {
    bias.push_back(static_cast<int32_t>(i) * 97 - 3000);
    scales.push_back(0.0005f + 0.0001f * static_cast<float>(i % 5));
  }
  TapFinish finish;
  finish.bias = bias.data();
  finish.scales = scales.data();
  finish.zero = 5;
  finish.is_signed = is_signed;
  finish.adds = adds;
  finish.low = -60;
  finish.high = 70;
  finish.own = 0.75f;
  finish.other = 0.5f;
  finish.offset = 1.25f;
  const int64_t count = shape.images * out_height * out_width * shape.channels;
  std::vector<uint8_t> target = random_bytes(count, 3);
  const std::vector<uint8_t> before = target;
  convolution.run(threads, source.data(), packed.data(), finish, target.data());

  const float least = is_signed ? -128 : 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t channel = i % shape.channels, pixel = i / shape.channels;
    const int64_t column = pixel % out_width, row = pixel / out_width % out_height;
    const uint8_t* first = source.data() + pixel / (out_width * out_height) * convolution.image_stride +
                           row * convolution.line_stride + column * convolution.pixel_stride;
    int32_t sum = bias[static_cast<size_t>(channel)];
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t input = 0; input < shape.inputs; ++input) {
        // Signed bytes count as 128 more.
        const int32_t x = value(first[convolution.offsets[static_cast<size_t>(tap)] + input], is_signed) +
                          (is_signed ? 128 : 0);
        sum += x * weights[static_cast<size_t>((channel * shape.inputs + input) * taps + tap)];
      }
    }
    float result = static_cast<float>(sum) * scales[static_cast<size_t>(channel)];
    if (adds) {
      const float held = std::clamp(std::nearbyint(result), finish.low, finish.high);
      const auto there = static_cast<float>(value(before[static_cast<size_t>(i)], is_signed));
      result = std::fma(there, finish.other, std::fma(held, finish.own, finish.offset));
    }
    const float code = std::clamp(std::nearbyint(result) + 5, least, least + 255);
    ASSERT_EQ(value(target[static_cast<size_t>(i)], is_signed), static_cast<int32_t>(code))
        << "pixel " << pixel << " channel " << channel;
  }
}

TEST(ByteTaps, AreTheSumsForEveryBlock) {
  if (!byte_taps_run()) GTEST_SKIP() << "the processor lacks the instructions";
  // Lines of every length that blocks of 12, 8, 6, 4, 2 and 1 make up, and panels of every width.
  const Case cases[] = {{4, 1, 1, 1, 1, 1},    {8, 16, 3, 13, 1, 1},   {12, 17, 2, 23, 1, 1},
                        {4, 33, 5, 11, 3, 1},  {16, 48, 1, 15, 1, 1},  {20, 63, 4, 9, 1, 2, 2},
                        {4, 64, 9, 10, 3, 2},  {32, 65, 3, 7, 1, 1},   {8, 200, 2, 5, 2, 1, 3},
                        {4, 70, 1, 300, 1, 1}, {64, 130, 30, 40, 1, 1}};
  for (const Case& shape : cases) {
    for (const bool is_signed : {false, true}) {
      for (const bool adds : {false, true}) {
        for (const int threads : {1, 3}) {
          SCOPED_TRACE(testing::Message() << shape.inputs << ' ' << shape.channels << ' ' << is_signed << adds);
          check(shape, is_signed, adds, threads);
        }
      }
    }
  }
}

TEST(ByteTaps, InterleavesPlanesWithPadding) {
  if (!byte_taps_run()) GTEST_SKIP() << "the processor lacks the instructions";
  for (const int64_t channels : {1, 3, 4}) {
    const Interleaving image{2, channels, 3, 21, 1, 2, 3, 0};
    const auto planes = random_bytes(2 * channels * 3 * 21, 4);
    std::vector<uint8_t> pixels(static_cast<size_t>(image.bytes()));
    image.run(2, planes.data(), 7, pixels.data());
    for (int64_t i = 0; i < image.bytes(); ++i) {
      const int64_t channel = i % 4, x = i / 4 % 24 - 3, y = i / 96 % 6 - 1, n = i / 576;
      const bool inside = x >= 0 && y >= 0 && y < 3;
      if (inside && channel >= channels) continue;
      const uint8_t expected =
          inside ? planes[static_cast<size_t>(((n * channels + channel) * 3 + y) * 21 + x)] : uint8_t{7};
      ASSERT_EQ(pixels[static_cast<size_t>(i)], expected) << i;
    }
  }
}

}  // namespace
}  // namespace bp::cpu
