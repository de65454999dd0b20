// The functions of plane_pool.hpp. Everything is local to the file that includes this.
#pragma once

#include <algorithm>
#include <limits>

#include "kernels/elements_apart.hpp"
#include "kernels/plane_pool.hpp"

namespace bp::cpu {

namespace {

struct Greatest {
  static constexpr float kStart = -std::numeric_limits<float>::infinity();
  static float join(float a, float b) { return (b > a) | (b != b) ? b : a; }
};

struct Sum {
  static constexpr float kStart = 0;
  static float join(float a, float b) { return a + b; }
};

// Joins the rows under a window of the output's row `y`, column by column.
template <class Op>
void join_rows(const PlanePool& pool, const float* from, int64_t y, float* columns) {
  const int64_t count = pool.columns();
  const int64_t begin = std::min(pool.pad_x, count);
  const int64_t length = std::max<int64_t>(0, std::min(pool.width, count - pool.pad_x));
  std::fill_n(columns, begin, Op::kStart);
  std::fill(columns + begin + length, columns + count, Op::kStart);
  float* inside = columns + begin;
  bool is_first = true;
  for (int64_t k = 0; k < pool.kernel_y; ++k) {
    const int64_t row = y * pool.stride_y - pool.pad_y + k * pool.dilation_y;
    if (row < 0 || row >= pool.height) continue;
    const float* source = from + row * pool.width;
    if (is_first) {
      std::copy_n(source, length, inside);
    } else {
      BP_CPU_ELEMENTS_APART
      for (int64_t x = 0; x < length; ++x) inside[x] = Op::join(inside[x], source[x]);
    }
    is_first = false;
  }
  if (is_first) std::fill_n(inside, length, Op::kStart);
}

// kStride 0: any.
template <class Op, int64_t kStride>
void join_columns(const PlanePool& pool, const float* columns, float* to) {
  const int64_t stride = kStride > 0 ? kStride : pool.stride_x;
  BP_CPU_ELEMENTS_APART
  for (int64_t x = 0; x < pool.out_width; ++x) to[x] = columns[x * stride];
  for (int64_t k = 1; k < pool.kernel_x; ++k) {
    const float* shifted = columns + k * pool.dilation_x;
    BP_CPU_ELEMENTS_APART
    for (int64_t x = 0; x < pool.out_width; ++x) to[x] = Op::join(to[x], shifted[x * stride]);
  }
}

template <class Op>
void pool_row(const PlanePool& pool, const float* from, int64_t y, float* to, float* columns) {
  join_rows<Op>(pool, from, y, columns);
  if (pool.stride_x == 1) return join_columns<Op, 1>(pool, columns, to);
  if (pool.stride_x == 2) return join_columns<Op, 2>(pool, columns, to);
  join_columns<Op, 0>(pool, columns, to);
}

void max_plane(const PlanePool& pool, const float* from, float* to, float* columns) {
  for (int64_t y = 0; y < pool.out_height; ++y, to += pool.out_width) {
    pool_row<Greatest>(pool, from, y, to, columns);
  }
}

void average_plane(const PlanePool& pool, const float* from, float* to, float* columns, const float* row_scales,
                   const float* column_scales) {
  for (int64_t y = 0; y < pool.out_height; ++y, to += pool.out_width) {
    pool_row<Sum>(pool, from, y, to, columns);
    const float scale = row_scales[y];
    BP_CPU_ELEMENTS_APART
    for (int64_t x = 0; x < pool.out_width; ++x) to[x] *= scale * column_scales[x];
  }
}

inline constexpr PlanePools kPlanePools = {max_plane, average_plane};

}  // namespace

}  // namespace bp::cpu
