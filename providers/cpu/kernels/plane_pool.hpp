// Pooling of row-major float32 planes, compiled once per instruction set: rows first, then columns.
#pragma once

#include <cstdint>

namespace bp::cpu {

struct PlanePool {
  int64_t height = 1, width = 1;
  int64_t out_height = 1, out_width = 1;
  int64_t kernel_y = 1, kernel_x = 1;
  int64_t stride_y = 1, stride_x = 1;
  int64_t dilation_y = 1, dilation_x = 1;
  int64_t pad_y = 0, pad_x = 0;  // before the first element

  // Elements from the first column of the first window to the last of the last: what `columns` holds.
  int64_t columns() const { return (out_width - 1) * stride_x + (kernel_x - 1) * dilation_x + 1; }
};

// One plane. `columns`: pool.columns() floats.
struct PlanePools {
  // The greatest of each window; NaN where there is one.
  void (*max)(const PlanePool& pool, const float* from, float* to, float* columns);
  // Sums times `row_scales` (per row of the output) and `column_scales` (per column).
  void (*average)(const PlanePool& pool, const float* from, float* to, float* columns, const float* row_scales,
                  const float* column_scales);
};

struct PlanePoolsVariants {
  static const PlanePools kPlain;
  static const PlanePools kAvx2;
  static const PlanePools kAvx512;
};

// The best for this processor.
const PlanePools& plane_pools();

}  // namespace bp::cpu
