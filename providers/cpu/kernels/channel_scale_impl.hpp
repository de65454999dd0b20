// The functions of channel_scale.hpp. Everything is local to the file that includes this.
#pragma once

#include "kernels/channel_scale.hpp"
#include "kernels/elements_apart.hpp"

namespace bp::cpu {

namespace {

template <bool kRelu>
float scaled(float x, float factor, float addend) {
  const float y = x * factor + addend;
  return kRelu && y < 0 ? 0 : y;
}

template <bool kRelu>
void scale_rows(const float* x, float* y, const ChannelScale& scale, int64_t channels, int64_t count) {
  constexpr int64_t kBlock = 16;
  if (channels == kBlock) {
    float factors[kBlock], addends[kBlock];
    for (int64_t i = 0; i < kBlock; ++i) factors[i] = scale.factors[i], addends[i] = scale.addends[i];
    for (int64_t row = 0; row < count; ++row) {
      BP_CPU_ELEMENTS_APART
      for (int64_t i = 0; i < kBlock; ++i) {
        y[row * kBlock + i] = scaled<kRelu>(x[row * kBlock + i], factors[i], addends[i]);
      }
    }
    return;
  }
  for (int64_t row = 0; row < count; ++row, x += channels, y += channels) {
    BP_CPU_ELEMENTS_APART
    for (int64_t i = 0; i < channels; ++i) y[i] = scaled<kRelu>(x[i], scale.factors[i], scale.addends[i]);
  }
}

template <bool kRelu>
void scale_run(const float* x, float* y, const ChannelScale& scale, int64_t count) {
  const float factor = *scale.factors;
  const float addend = *scale.addends;
  BP_CPU_ELEMENTS_APART
  for (int64_t i = 0; i < count; ++i) y[i] = scaled<kRelu>(x[i], factor, addend);
}

void rows(const float* x, float* y, const ChannelScale& scale, int64_t channels, int64_t count) {
  (scale.relu ? scale_rows<true> : scale_rows<false>)(x, y, scale, channels, count);
}

void run(const float* x, float* y, const ChannelScale& scale, int64_t count) {
  (scale.relu ? scale_run<true> : scale_run<false>)(x, y, scale, count);
}

inline constexpr ChannelScales kChannelScales = {rows, run};

}  // namespace

}  // namespace bp::cpu
