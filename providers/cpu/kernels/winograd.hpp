// Convolutions with 3x3 windows, stride 1, by Winograd's algorithm: F(2x2, 3x3) and F(4x4, 3x3), a quarter to
// less than half of the multiplications. Tiles of the input are transformed, multiplied with transformed
// weights (winograd_weights) point by point as matrices, and transformed back.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bp::cpu {

// How a tensor of whole blocks of 16 channels lies, in elements: row-major blocks or channels last.
struct ChannelStrides {
  int64_t image = 0, block = 0, row = 0, pixel = 0;
};

// What happens to the results before they are written, after the bias was added.
struct WinogradFinish {
  enum class Kind { kAdd, kMultiply, kRelu, kClip, kLinear };
  Kind kind = Kind::kRelu;
  float alpha = 0;     // kRelu: factor below zero; kClip: least; kLinear: factor
  float beta = 0;      // kClip: most; kLinear: what is added
  size_t operand = 0;  // kAdd, kMultiply: index in Call::args of a tensor that lies like the output
};

inline constexpr int kMostWinogradFinishes = 6;

struct WinogradPlan {
  int tile = 4;  // outputs per side of a tile: 2 or 4
  int64_t images = 0;
  int64_t channels = 0, height = 0, width = 0;         // of the input; channels by 16
  int64_t outputs = 0, out_height = 0, out_width = 0;  // of the output; channels by 16
  int64_t pad_top = 0, pad_left = 0;
  ChannelStrides src, dst;
  int finish_count = 0;
  WinogradFinish finishes[kMostWinogradFinishes];
  int threads = 1;

  int64_t points() const noexcept { return int64_t{tile + 2} * (tile + 2); }
  int64_t tiles_wide() const noexcept { return (out_width + tile - 1) / tile; }
  int64_t tiles_high() const noexcept { return (out_height + tile - 1) / tile; }
  int64_t tiles() const noexcept { return images * tiles_wide() * tiles_high(); }
  uint64_t scratch_bytes() const noexcept;
};

struct WinogradOperands {
  const float* src;
  const float* weights;
  const float* bias;  // nullptr: none
  float* dst;
  float* scratch;
  void* const* args;  // for the finishes
};

// sums[rows, 16 * blocks] = points[rows, depth] * weights, whose block n of 16 columns is [depth, 16] at
// n * weights_stride. `next`: weights that are needed afterwards.
struct WinogradProduct {
  const float* points;
  int64_t rows, depth;
  const float* weights;
  int64_t weights_stride;
  int64_t blocks;
  float* sums;
  int64_t sums_stride;
  const float* next;
};

// Parts of the work on tiles [first, last); `points` lie `tile + 2` squared times in planes of `stride`
// elements, each [tiles, channels].
struct WinogradKernels {
  void (*read)(const WinogradPlan& plan, const float* src, int64_t first, int64_t last, float* points,
               int64_t stride);
  void (*multiply)(WinogradProduct product);
  void (*write)(const WinogradPlan& plan, const WinogradOperands& operands, int64_t first, int64_t last,
                const float* sums, int64_t stride);
};

// One per instruction set; [0]: tiles of 2, [1]: tiles of 4.
struct WinogradVariants {
  static const WinogradKernels kPlain[2], kAvx2[2], kAvx512[2];
};

// `variants`: of an instruction set; nullptr: of the best here.
void run_winograd(const WinogradPlan& plan, const WinogradOperands& operands,
                  const WinogradKernels* variants = nullptr);

}  // namespace bp::cpu
