// x * factor + addend with one pair of numbers per channel, compiled once per instruction set.
#pragma once

#include <cstdint>

namespace bp::cpu {

struct ChannelScale {
  const float* factors;
  const float* addends;
  bool relu;  // and nothing below 0
};

struct ChannelScales {
  // `count` rows of `channels` neighbours.
  void (*rows)(const float* x, float* y, const ChannelScale& scale, int64_t channels, int64_t count);
  // `count` neighbours of one channel.
  void (*run)(const float* x, float* y, const ChannelScale& scale, int64_t count);
};

struct ChannelScalesVariants {
  static const ChannelScales kPlain;
  static const ChannelScales kAvx2;
  static const ChannelScales kAvx512;
};

// The best for this processor.
const ChannelScales& channel_scales();

}  // namespace bp::cpu
