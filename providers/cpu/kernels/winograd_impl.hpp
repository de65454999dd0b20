// The kernels of winograd.hpp, included once per instruction set; no names from outside. Interpolation points
// of F(4x4, 3x3) are 0, +-5/8, +-3/2: nearly the accuracy of the direct sum.
#pragma once

#include <cstdint>

#include "kernels/winograd.hpp"

namespace bp::cpu {
namespace {

constexpr int64_t kBlock = 16;  // channels

// kBytes: of one vector; kVectors: per block; kMostRows[n]: rows that n + 1 blocks of columns fit in registers.
template <int kBytes>
struct Winograd {
  using Vector [[gnu::vector_size(kBytes), gnu::aligned(alignof(float)), gnu::may_alias]] = float;
  static constexpr int kLanes = kBytes / int{sizeof(float)};
  static constexpr int kVectors = static_cast<int>(kBlock) / kLanes;

  static Vector load(const float* from) { return *reinterpret_cast<const Vector*>(from); }
  static void store(float* to, Vector value) { *reinterpret_cast<Vector*>(to) = value; }

  // Bt x for one column or row of a tile, kStep vectors apart.
  template <int kTile, int kStep>
  static void read_line(Vector* x) {
    if constexpr (kTile == 2) {
      const Vector y0 = x[0] - x[2 * kStep];
      const Vector y1 = x[kStep] + x[2 * kStep];
      const Vector y2 = x[2 * kStep] - x[kStep];
      const Vector y3 = x[3 * kStep] - x[kStep];
      x[0] = y0;
      x[kStep] = y1;
      x[2 * kStep] = y2;
      x[3 * kStep] = y3;
    } else {
      constexpr float a = 0.625f, b = 1.5f;
      constexpr float aa = a * a, bb = b * b;
      const Vector even_a = x[4 * kStep] - bb * x[2 * kStep];
      const Vector odd_a = a * (x[3 * kStep] - bb * x[kStep]);
      const Vector even_b = x[4 * kStep] - aa * x[2 * kStep];
      const Vector odd_b = b * (x[3 * kStep] - aa * x[kStep]);
      x[0] = aa * bb * x[0] - (aa + bb) * x[2 * kStep] + x[4 * kStep];
      x[5 * kStep] = aa * bb * x[kStep] - (aa + bb) * x[3 * kStep] + x[5 * kStep];
      x[kStep] = even_a + odd_a;
      x[2 * kStep] = even_a - odd_a;
      x[3 * kStep] = even_b + odd_b;
      x[4 * kStep] = even_b - odd_b;
    }
  }

  // At x: the first kTile vectors are the outputs.
  template <int kTile>
  static void write_line(Vector* x) {
    if constexpr (kTile == 2) {
      const Vector y0 = x[0] + x[1] + x[2];
      x[1] = x[1] - x[2] + x[3];
      x[0] = y0;
    } else {
      constexpr float a = 0.625f, b = 1.5f;
      const Vector sum_a = x[1] + x[2];
      const Vector difference_a = x[1] - x[2];
      const Vector sum_b = x[3] + x[4];
      const Vector difference_b = x[3] - x[4];
      x[0] = x[0] + sum_a + sum_b;
      x[1] = a * difference_a + b * difference_b;
      x[2] = a * a * sum_a + b * b * sum_b;
      x[3] = a * a * a * difference_a + b * b * b * difference_b + x[5];
    }
  }

  template <int kTile>
  static void read(const WinogradPlan& plan, const float* src, int64_t first, int64_t last, float* points,
                   int64_t stride) {
    constexpr int kSide = kTile + 2;
    const ChannelStrides& at = plan.src;
    const int64_t wide = plan.tiles_wide();
    const int64_t high = plan.tiles_high();
    for (int64_t tile = first; tile < last; ++tile) {
      const int64_t y = tile / wide % high * kTile - plan.pad_top;
      const int64_t x = tile % wide * kTile - plan.pad_left;
      const float* corner = src + tile / (wide * high) * at.image + y * at.row + x * at.pixel;
      const bool inside = y >= 0 && x >= 0 && y + kSide <= plan.height && x + kSide <= plan.width;
      float* to = points + (tile - first) * plan.channels;
      for (int64_t channel = 0; channel < plan.channels; channel += kLanes, to += kLanes) {
        const float* from = corner + channel / kBlock * at.block + channel % kBlock;
        Vector v[kSide][kSide];
        for (int i = 0; i < kSide; ++i) {
          for (int j = 0; j < kSide; ++j) {
            const bool there =
                inside || (y + i >= 0 && y + i < plan.height && x + j >= 0 && x + j < plan.width);
            v[i][j] = there ? load(from + i * at.row + j * at.pixel) : Vector{};
          }
        }
        for (int j = 0; j < kSide; ++j) read_line<kTile, kSide>(&v[0][j]);
        for (int i = 0; i < kSide; ++i) {
          read_line<kTile, 1>(v[i]);
          for (int j = 0; j < kSide; ++j) store(to + (i * kSide + j) * stride, v[i][j]);
        }
      }
    }
  }

  template <int kRows, int kBlocks>
  static void multiply_rows(const WinogradProduct& all, int64_t first, const float* next) {
    constexpr int kWide = kBlocks * kVectors;
    const float* points = all.points + first * all.depth;
    Vector s[kRows][kWide] = {};
    for (int64_t k = 0; k < all.depth; ++k) {
      __builtin_prefetch(next + k * kBlock, 0, 2);
      Vector w[kWide];
      for (int n = 0; n < kWide; ++n) {
        w[n] = load(all.weights + n / kVectors * all.weights_stride + k * kBlock + n % kVectors * kLanes);
      }
      for (int r = 0; r < kRows; ++r) {
        const float factor = points[r * all.depth + k];
        for (int n = 0; n < kWide; ++n) s[r][n] += factor * w[n];
      }
    }
    for (int r = 0; r < kRows; ++r) {
      float* sums = all.sums + (first + r) * all.sums_stride;
      for (int n = 0; n < kWide; ++n) store(sums + n * kLanes, s[r][n]);
    }
  }

  // Sums that stay in registers, beside the weights and one factor.
  static constexpr int kRegisters = kBytes == 64 ? 32 : 16;
  template <int kBlocks>
  static constexpr int kFit = (kRegisters - 2) / (kBlocks * kVectors) - 1;
  template <int kBlocks>
  static constexpr int kMostRows = kFit<kBlocks> < 14 ? kFit<kBlocks> : 14;

  template <int kRows, int kBlocks>
  static void multiply_count(const WinogradProduct& all, int64_t first, int64_t rows, const float* next) {
    if constexpr (kRows > 0) {
      if (rows == kRows) {
        multiply_rows<kRows, kBlocks>(all, first, next);
      } else {
        multiply_count<kRows - 1, kBlocks>(all, first, rows, next);
      }
    }
  }

  // The blocks after these, one per turn, are on their way from memory meanwhile.
  template <int kBlocks>
  static void multiply_blocks(const WinogradProduct& all, const float* next) {
    constexpr int64_t kMost = kMostRows<kBlocks>;
    const int64_t parts = (all.rows + kMost - 1) / kMost;
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t first = all.rows * part / parts;
      const int64_t ahead = part < kBlocks ? part : kBlocks - 1;
      multiply_count<static_cast<int>(kMost), kBlocks>(all, first, all.rows * (part + 1) / parts - first,
                                                       next + ahead * all.weights_stride);
    }
  }

  static void multiply(WinogradProduct all) {
    while (all.blocks > 0) {
      int64_t taken = 1;
      if (kBytes == 64 && all.blocks > 1) {
        // Not 4 and 1: a block alone reads its points once for few sums.
        taken = all.blocks == 5 ? 3 : all.blocks >= 4 ? 4 : all.blocks;
      }
      const float* next = taken < all.blocks ? all.weights + taken * all.weights_stride : all.next;
      if constexpr (kBytes == 64) {
        if (taken == 4) multiply_blocks<4>(all, next);
        if (taken == 3) multiply_blocks<3>(all, next);
        if (taken == 2) multiply_blocks<2>(all, next);
      }
      if (taken == 1) multiply_blocks<1>(all, next);
      all.blocks -= taken;
      all.weights += taken * all.weights_stride;
      all.sums += taken * kBlock;
    }
  }

  // All vectors of a tile through one finish; `at`: where the tile's first pixel and these channels lie.
  template <int kTile, int kSide>
  static void finish(const WinogradPlan& plan, const WinogradFinish& how, void* const* args, int64_t at,
                     int64_t high, int64_t wide, Vector (&v)[kTile][kSide]) {
    using Kind = WinogradFinish::Kind;
    const auto* operand = static_cast<const float*>(args[how.operand]) + at;
    for (int64_t i = 0; i < high; ++i) {
      for (int64_t j = 0; j < wide; ++j) {
        Vector& x = v[i][j];
        if (how.kind == Kind::kAdd) x += load(operand + i * plan.dst.row + j * plan.dst.pixel);
        if (how.kind == Kind::kMultiply) x *= load(operand + i * plan.dst.row + j * plan.dst.pixel);
        // NaN stays NaN.
        if (how.kind == Kind::kRelu) x = x < 0.0f ? x * how.alpha : x;
        if (how.kind == Kind::kLinear) x = x * how.alpha + how.beta;
        if (how.kind == Kind::kClip) {
          const Vector least = Vector{} + how.alpha;
          const Vector most = Vector{} + how.beta;
          x = x < least ? least : x;
          x = x > most ? most : x;
        }
      }
    }
  }

  template <int kTile>
  static void write(const WinogradPlan& plan, const WinogradOperands& operands, int64_t first, int64_t last,
                    const float* sums, int64_t stride) {
    constexpr int kSide = kTile + 2;
    const ChannelStrides& at = plan.dst;
    const int64_t tiles_wide = plan.tiles_wide();
    const int64_t tiles_high = plan.tiles_high();
    for (int64_t tile = first; tile < last; ++tile) {
      const int64_t y = tile / tiles_wide % tiles_high * kTile;
      const int64_t x = tile % tiles_wide * kTile;
      const int64_t corner = tile / (tiles_wide * tiles_high) * at.image + y * at.row + x * at.pixel;
      const int64_t high = plan.out_height - y < kTile ? plan.out_height - y : kTile;
      const int64_t wide = plan.out_width - x < kTile ? plan.out_width - x : kTile;
      const float* from = sums + (tile - first) * plan.outputs;
      for (int64_t channel = 0; channel < plan.outputs; channel += kLanes, from += kLanes) {
        const int64_t offset = corner + channel / kBlock * at.block + channel % kBlock;
        const Vector bias = operands.bias != nullptr ? load(operands.bias + channel) : Vector{};
        Vector v[kTile][kSide];
        for (int j = 0; j < kSide; ++j) {
          Vector column[kSide];
          for (int i = 0; i < kSide; ++i) column[i] = load(from + (i * kSide + j) * stride);
          write_line<kTile>(column);
          for (int i = 0; i < kTile; ++i) v[i][j] = column[i];
        }
        for (int i = 0; i < kTile; ++i) {
          write_line<kTile>(v[i]);
          for (int j = 0; j < kTile; ++j) v[i][j] += bias;
        }
        for (int n = 0; n < plan.finish_count; ++n) {
          finish<kTile, kSide>(plan, plan.finishes[n], operands.args, offset, high, wide, v);
        }
        for (int64_t i = 0; i < high; ++i) {
          for (int64_t j = 0; j < wide; ++j) store(operands.dst + offset + i * at.row + j * at.pixel, v[i][j]);
        }
      }
    }
  }
};

}  // namespace
}  // namespace bp::cpu
