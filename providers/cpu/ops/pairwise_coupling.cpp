// Minimizes sum over i, j of (r[j][i] p[i] - r[i][j] p[j])^2 with sum of p = 1: repeated sweeps, each of which
// sets one probability to its optimum and scales all.
#include "ops/pairwise_coupling.hpp"

#include <algorithm>
#include <cmath>

namespace bp::cpu {

int64_t coupling_size(int64_t classes) noexcept { return 2 * classes * classes + 2 * classes; }

void couple_pairs(const float* pairs, int64_t classes, double* memory, float* probabilities) noexcept {
  const int64_t n = classes;
  double* r = memory;      // [n, n]: r[i][j] is the probability of i against j
  double* q = r + n * n;   // [n, n]: the quadratic form
  double* qp = q + n * n;  // [n]: q * p
  double* p = qp + n;      // [n]
  constexpr double kLeast = 1e-7;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i + 1; j < n; ++j) {
      r[i * n + j] = std::clamp(double{*pairs++}, kLeast, 1 - kLeast);
      r[j * n + i] = 1 - r[i * n + j];
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    p[i] = 1.0 / static_cast<double>(n);
    double diagonal = 0;
    for (int64_t j = 0; j < n; ++j) {
      if (j == i) continue;
      diagonal += r[j * n + i] * r[j * n + i];
      q[i * n + j] = -r[j * n + i] * r[i * n + j];
    }
    q[i * n + i] = diagonal;
  }
  const double tolerance = 0.005 / static_cast<double>(n);
  const int64_t sweeps = std::max<int64_t>(100, n);
  for (int64_t sweep = 0; sweep < sweeps; ++sweep) {
    double pqp = 0;
    for (int64_t i = 0; i < n; ++i) {
      qp[i] = 0;
      for (int64_t j = 0; j < n; ++j) qp[i] += q[i * n + j] * p[j];
      pqp += p[i] * qp[i];
    }
    double error = 0;
    for (int64_t i = 0; i < n; ++i) error = std::max(error, std::abs(qp[i] - pqp));
    if (error < tolerance) break;
    for (int64_t i = 0; i < n; ++i) {
      const double step = (pqp - qp[i]) / q[i * n + i];
      p[i] += step;
      const double scale = 1 / (1 + step);
      pqp = (pqp + step * (step * q[i * n + i] + 2 * qp[i])) * scale * scale;
      for (int64_t j = 0; j < n; ++j) {
        qp[j] = (qp[j] + step * q[i * n + j]) * scale;
        p[j] *= scale;
      }
    }
  }
  for (int64_t i = 0; i < n; ++i) probabilities[i] = static_cast<float>(p[i]);
}

}  // namespace bp::cpu
