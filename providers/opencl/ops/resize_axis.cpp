// The positions and weights along one axis of Resize.
#include <algorithm>
#include <cmath>

#include "ops/resize.hpp"

namespace bp::opencl {

namespace {

// Keys' kernel (Cubic convolution interpolation, 1981).
double cubic(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

double linear(double x) { return std::max(0.0, 1 - std::abs(x)); }

// The output's extent as the reference sees it, without the rounding of a scale kept as float32.
double extent(const ResizeAxis& axis) {
  const double exact = axis.scale * static_cast<double>(axis.in);
  const auto whole = static_cast<double>(axis.out);
  return std::abs(exact - whole) < 1e-5 * whole ? whole : exact;
}

}  // namespace

double resize_position(const ResizeRule& rule, const ResizeAxis& axis, int64_t o) {
  const auto x = static_cast<double>(o);
  const auto in = static_cast<double>(axis.in);
  const double out = extent(axis);
  if (rule.coordinates == "align_corners") return out == 1 ? 0 : x * (in - 1) / (out - 1);
  if (rule.coordinates == "asymmetric") return x / axis.scale;
  if (rule.coordinates == "pytorch_half_pixel" && out == 1) return -0.5;
  if (rule.coordinates == "tf_crop_and_resize") {
    const double length = axis.roi_end - axis.roi_begin;
    const double at = out == 1 ? length * (in - 1) / 2 : x * length * (in - 1) / (out - 1);
    return at + axis.roi_begin * (in - 1);
  }
  const double half_pixel = (x + 0.5) / axis.scale - 0.5;
  if (rule.coordinates == "half_pixel_symmetric") {
    return in / 2 * (1 - static_cast<double>(axis.out) / out) + half_pixel;
  }
  return half_pixel;
}

bool resize_outside(const ResizeRule& rule, const ResizeAxis& axis, int64_t o) {
  if (rule.coordinates != "tf_crop_and_resize") return false;
  const double at = resize_position(rule, axis, o);
  return at < 0 || at > static_cast<double>(axis.in - 1);
}

int64_t resize_nearest(const ResizeRule& rule, const ResizeAxis& axis, int64_t o) {
  const double at = resize_position(rule, axis, o);
  const double below = std::floor(at);
  const double ratio = at - below;
  bool up = ratio > 0;  // ceil
  if (rule.nearest == "floor") up = false;
  if (rule.nearest == "round_prefer_floor") up = ratio > 0.5;
  if (rule.nearest == "round_prefer_ceil") up = ratio >= 0.5;
  return std::clamp(static_cast<int64_t>(below) + (up ? 1 : 0), int64_t{0}, axis.in - 1);
}

Taps resize_taps(const ResizeRule& rule, const ResizeAxis& axis) {
  const bool is_cubic = rule.mode == "cubic";
  // Antialias stretches the kernel over all elements that one output stands for.
  const double stretch = rule.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const auto reach = static_cast<int64_t>(std::ceil((is_cubic ? 2 : 1) / stretch));
  Taps taps;
  taps.count = 2 * reach;
  for (int64_t o = 0; o < axis.out; ++o) {
    const double at = resize_position(rule, axis, o);
    const double below = std::floor(at);
    double sum = 0;
    for (int64_t t = 1 - reach; t <= reach; ++t) {
      const int64_t index = static_cast<int64_t>(below) + t;
      const double distance = (below + static_cast<double>(t) - at) * stretch;
      double weight = is_cubic ? cubic(distance, rule.cubic_a) : linear(distance);
      if (rule.exclude_outside && (index < 0 || index >= axis.in)) weight = 0;
      taps.indices.push_back(std::clamp(index, int64_t{0}, axis.in - 1));
      taps.weights.push_back(weight);
      sum += weight;
    }
    if (!rule.exclude_outside && !rule.antialias) continue;
    for (auto weight = taps.weights.end() - taps.count; sum != 0 && weight != taps.weights.end(); ++weight) {
      *weight /= sum;
    }
  }
  return taps;
}

}  // namespace bp::opencl
