// What Resize says per axis: where each output element lies in the input. Follows the operator's reference
// (onnx/reference/ops/op_resize.py), whose output extent is scale * input extent, a fraction where scales are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bp::opencl {

struct ResizeRule {
  std::string mode;         // nearest, linear, cubic
  std::string coordinates;  // half_pixel, asymmetric, ...
  std::string nearest;      // round_prefer_floor, ...
  double cubic_a = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};

struct ResizeAxis {
  int64_t in = 0;
  int64_t out = 0;
  double scale = 1;
  double roi_begin = 0;
  double roi_end = 1;
};

// Of every output element `count` elements and their weights.
struct Taps {
  int64_t count = 0;
  std::vector<int64_t> indices;
  std::vector<double> weights;
};

// Output element o of the axis as a position on the input's axis, where element i lies at i.
double resize_position(const ResizeRule& rule, const ResizeAxis& axis, int64_t o);
// Outside of what tf_crop_and_resize reads: the extrapolation value goes there.
bool resize_outside(const ResizeRule& rule, const ResizeAxis& axis, int64_t o);
// The element nearest to output element o.
int64_t resize_nearest(const ResizeRule& rule, const ResizeAxis& axis, int64_t o);
// Weights of a linear or cubic axis.
Taps resize_taps(const ResizeRule& rule, const ResizeAxis& axis);

}  // namespace bp::opencl
