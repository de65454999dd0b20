// One block of 16 x 16 channels at a time: turned so that 16 output channels are one vector, transformed, and
// copied out point by point.
#include "kernels/winograd_weights.hpp"

#include <xmmintrin.h>

#include <cstddef>
#include <cstring>

namespace bp::cpu {

namespace {

constexpr int kChannels = 16;
constexpr int kTaps = 9;

// The matrices G for the interpolation points of kernels/winograd_impl: 0, +-1 and 0, +-5/8, +-3/2.
constexpr float kG4[4][3] = {{1, 0, 0}, {0.5f, 0.5f, 0.5f}, {0.5f, -0.5f, 0.5f}, {0, 0, 1}};
constexpr float kG6[6][3] = {{1.13777777777778f, 0, 0},
                             {-0.688403361344538f, -0.430252100840336f, -0.26890756302521f},
                             {-0.688403361344538f, 0.430252100840336f, -0.26890756302521f},
                             {0.119514472455649f, 0.179271708683473f, 0.26890756302521f},
                             {0.119514472455649f, -0.179271708683473f, 0.26890756302521f},
                             {0, 0, 1}};

struct Turned {
  alignas(64) float taps[kChannels][kTaps][kChannels];  // input, tap, output
};

// 16 rows of 144 numbers, `stride` numbers apart, as 144 rows of 16.
void turn(const std::byte* source, int64_t stride, Turned& turned) {
  constexpr int kColumns = kChannels * kTaps;
  float* target = &turned.taps[0][0][0];
  for (int row = 0; row < kChannels; row += 4) {
    const std::byte* rows = source + row * stride * static_cast<int64_t>(sizeof(float));
    const auto load = [&](int line, int column) {
      const std::byte* at = rows + (line * stride + column) * static_cast<int64_t>(sizeof(float));
      return _mm_loadu_ps(reinterpret_cast<const float*>(at));
    };
    for (int column = 0; column < kColumns; column += 4) {
      __m128 a = load(0, column);
      __m128 b = load(1, column);
      __m128 c = load(2, column);
      __m128 d = load(3, column);
      _MM_TRANSPOSE4_PS(a, b, c, d);
      float* to = target + column * kChannels + row;
      _mm_store_ps(to, a);
      _mm_store_ps(to + kChannels, b);
      _mm_store_ps(to + 2 * kChannels, c);
      _mm_store_ps(to + 3 * kChannels, d);
    }
  }
}

template <int kAlpha>
void transform(const float (&matrix)[kAlpha][3], const WinogradWeights& layout, const std::byte* source,
               float* target) {
  constexpr int64_t kBlock = int64_t{kChannels} * kChannels;
  const int64_t input_blocks = layout.inputs / kChannels;
  const int64_t row = layout.inputs * kTaps;
  const int64_t point = input_blocks * kBlock;
  Turned turned;
  alignas(64) float points[kAlpha][kAlpha][kChannels][kChannels];
  for (int64_t out = 0; out < layout.outputs / kChannels; ++out) {
    for (int64_t in = 0; in < input_blocks; ++in) {
      turn(source + (out * kChannels * row + in * kChannels * kTaps) * static_cast<int64_t>(sizeof(float)), row,
           turned);
      for (int channel = 0; channel < kChannels; ++channel) {
        const auto& taps = turned.taps[channel];
        alignas(64) float half[kAlpha][3][kChannels];
        for (int v = 0; v < kAlpha; ++v) {
          for (int k = 0; k < 3; ++k) {
            for (int o = 0; o < kChannels; ++o) {
              half[v][k][o] = matrix[v][0] * taps[3 * k][o] + matrix[v][1] * taps[3 * k + 1][o] +
                              matrix[v][2] * taps[3 * k + 2][o];
            }
          }
        }
        for (int u = 0; u < kAlpha; ++u) {
          for (int v = 0; v < kAlpha; ++v) {
            for (int o = 0; o < kChannels; ++o) {
              points[u][v][channel][o] =
                  matrix[u][0] * half[v][0][o] + matrix[u][1] * half[v][1][o] + matrix[u][2] * half[v][2][o];
            }
          }
        }
      }
      float* to = target + out * kAlpha * kAlpha * point + in * kBlock;
      for (int u = 0; u < kAlpha; ++u) {
        for (int v = 0; v < kAlpha; ++v, to += point) std::memcpy(to, points[u][v], sizeof(points[u][v]));
      }
    }
  }
}

}  // namespace

void transform_winograd_weights(const WinogradWeights& layout, const void* source, float* target) {
  const auto* bytes = static_cast<const std::byte*>(source);
  if (layout.tile == 2) {
    transform(kG4, layout, bytes, target);
  } else {
    transform(kG6, layout, bytes, target);
  }
}

}  // namespace bp::cpu
