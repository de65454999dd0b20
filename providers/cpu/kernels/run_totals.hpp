// What neighbouring float32 numbers come to, compiled once per instruction set.
#pragma once

#include <cstdint>

namespace bp::cpu {

struct RunTotals {
  // Sums of x, |x| and x * x: float in short pieces, double between them.
  double (*sum)(const float* x, int64_t count);
  double (*absolute_sum)(const float* x, int64_t count);
  double (*square_sum)(const float* x, int64_t count);
  // NaN where there is one; of nothing -infinity (infinity).
  float (*largest)(const float* x, int64_t count);
  float (*smallest)(const float* x, int64_t count);
};

struct RunTotalsVariants {
  static const RunTotals kPlain;
  static const RunTotals kAvx2;
  static const RunTotals kAvx512;
};

// The best for this processor.
const RunTotals& run_totals();

}  // namespace bp::cpu
