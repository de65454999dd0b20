// Images: sampled at places between their pixels.
#include <algorithm>
#include <cmath>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

// theta [N, 2, 3] or [N, 3, 4]: where each output pixel looks, in [-1, 1].
std::vector<Array> affine_grid(const OracleCall& call) {
  const Array& theta = call.in(0);
  const std::vector<int64_t> sizes = call.list_input(1);
  const bool corners = call.attribute("align_corners", 0) != 0;
  const ConcreteDims places(sizes.begin() + 2, sizes.end());
  const auto rank = static_cast<int64_t>(places.size());
  ConcreteDims dims = {sizes[0]};
  dims.insert(dims.end(), places.begin(), places.end());
  ConcreteDims all = dims;
  all.push_back(rank);
  Array y(call.out(0), all);
  for_each_index(dims, [&](const std::vector<int64_t>& at, int64_t flat) {
    std::vector<double> point;  // x first, then y, z, 1
    for (int64_t axis = rank; axis-- > 0;) {
      const auto size = static_cast<double>(places[static_cast<size_t>(axis)]);
      const auto i = static_cast<double>(at[static_cast<size_t>(axis) + 1]);
      point.push_back(corners ? (size == 1 ? 0 : 2 * i / (size - 1) - 1) : (2 * i + 1) / size - 1);
    }
    point.push_back(1);
    for (int64_t row = 0; row < rank; ++row) {
      double sum = 0;
      for (int64_t column = 0; column <= rank; ++column)
        sum += theta.real((at[0] * rank + row) * (rank + 1) + column) * point[static_cast<size_t>(column)];
      y.set(flat * rank + row, sum);
    }
  });
  return {y};
}

double reflected(double x, double low, double high) {
  const double span = high - low;
  if (span <= 0) return low;
  double over = std::fmod(std::abs(x - low), 2 * span);
  if (over > span) over = 2 * span - over;
  return low + over;
}

double cubic_weight(double distance, double a) {
  const double x = std::abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

// [N, C, H, W] at grid [N, h, w, 2] (x, y); also three spatial axes, linear and nearest.
std::vector<Array> grid_sample(const OracleCall& call) {
  const Array &x = call.in(0), &grid = call.in(1);
  const std::string mode = call.text_attribute("mode", "linear"),
                    padding = call.text_attribute("padding_mode", "zeros");
  const bool corners = call.attribute("align_corners", 0) != 0;
  const ConcreteDims sizes(x.dims.begin() + 2, x.dims.end());
  const size_t rank = sizes.size();
  ConcreteDims dims = {x.dims[0], x.dims[1]};
  dims.insert(dims.end(), grid.dims.begin() + 1, grid.dims.end() - 1);
  Array y(call.out(0), dims);
  const int64_t area = product(sizes), points = product(std::span(dims).subspan(2));
  const auto pixel = [&](int64_t plane, std::vector<double> at) {
    int64_t flat = 0;
    for (size_t axis = 0; axis < rank; ++axis) {
      const auto size = static_cast<double>(sizes[axis]);
      if (padding == "border") at[axis] = std::clamp(at[axis], 0.0, size - 1);
      if (padding == "reflection")
        at[axis] = std::clamp(
            corners ? reflected(at[axis], 0, size - 1) : reflected(at[axis], -0.5, size - 0.5), 0.0, size - 1);
      if (at[axis] < 0 || at[axis] >= size) return 0.0;
      flat = flat * sizes[axis] + static_cast<int64_t>(std::nearbyint(at[axis]));
    }
    return x.real(plane * area + flat);
  };
  for (int64_t flat = 0; flat < y.count(); ++flat) {
    const int64_t plane = flat / points, batch = plane / x.dims[1], point = flat % points;
    std::vector<double> at(rank);
    for (size_t axis = 0; axis < rank; ++axis) {
      const double place = grid.real((batch * points + point) * static_cast<int64_t>(rank) +
                                     static_cast<int64_t>(rank - 1 - axis));
      const auto size = static_cast<double>(sizes[axis]);
      at[axis] = corners ? (place + 1) / 2 * (size - 1) : ((place + 1) * size - 1) / 2;
      if (padding == "border") at[axis] = std::clamp(at[axis], 0.0, size - 1);
      if (padding == "reflection")
        at[axis] = corners ? reflected(at[axis], 0, size - 1) : reflected(at[axis], -0.5, size - 0.5);
    }
    const bool cubic = mode == "cubic" || mode == "bicubic";
    if (mode == "nearest") {
      for (double& place : at) place = std::nearbyint(place);
      y.set(flat, pixel(plane, at));
      continue;
    }
    double sum = 0;
    const ConcreteDims around(rank, cubic ? 4 : 2);
    for_each_index(around, [&](const std::vector<int64_t>& offset, int64_t) {
      double weight = 1;
      std::vector<double> place(rank);
      for (size_t axis = 0; axis < rank; ++axis) {
        place[axis] = std::floor(at[axis]) + static_cast<double>(offset[axis]) - (cubic ? 1 : 0);
        const double distance = at[axis] - place[axis];
        weight *= cubic ? cubic_weight(distance, -0.75) : 1 - std::abs(distance);
      }
      if (weight != 0) sum += weight * pixel(plane, place);
    });
    y.set(flat, sum);
  }
  return {y};
}

// x, roi, scales, sizes; without antialiasing and cropping.
std::vector<Array> resize(const OracleCall& call) {
  const Array& x = call.in(0);
  const size_t rank = x.dims.size();
  const std::string mode = call.text_attribute("mode", "nearest");
  const std::string places = call.text_attribute("coordinate_transformation_mode", "half_pixel");
  const std::string rounding = call.text_attribute("nearest_mode", "round_prefer_floor");
  const double a = call.real_attribute("cubic_coeff_a", -0.75);
  const bool outside = call.attribute("exclude_outside", 0) != 0;
  if (call.attribute("antialias", 0) != 0 || places == "tf_crop_and_resize")
    throw std::runtime_error("oracle: Resize with antialiasing or cropping");
  const std::vector<int64_t> sizes = call.list_input(3);
  ConcreteDims dims = x.dims;
  std::vector<double> scales(rank, 1);
  for (size_t axis = 0; axis < rank; ++axis) {
    if (!sizes.empty()) dims[axis] = sizes[axis];
    scales[axis] = sizes.empty() ? call.in(2).real(static_cast<int64_t>(axis))
                                 : static_cast<double>(sizes[axis]) / static_cast<double>(x.dims[axis]);
    if (sizes.empty())
      dims[axis] = static_cast<int64_t>(std::floor(static_cast<double>(x.dims[axis]) * scales[axis]));
  }
  struct Tap {
    int64_t place;
    double weight;
  };
  const auto taps_of = [&](size_t axis, int64_t output) {
    const auto out = static_cast<double>(output), to = static_cast<double>(dims[axis]),
               from = static_cast<double>(x.dims[axis]);
    double at = (out + 0.5) / scales[axis] - 0.5;
    if (places == "asymmetric") at = out / scales[axis];
    if (places == "align_corners") at = to == 1 ? 0 : out * (from - 1) / (to - 1);
    if (places == "pytorch_half_pixel" && to <= 1) at = 0;
    if (places == "half_pixel_symmetric") {
      const double adjustment = to / (scales[axis] * from), centre = from / 2;
      at = centre * (1 - adjustment) + (out + 0.5) / scales[axis] - 0.5;
    }
    const int64_t last = x.dims[axis] - 1;
    if (mode == "nearest") {
      double place = std::floor(at);
      if (rounding == "ceil") place = std::ceil(at);
      if (rounding == "round_prefer_floor") place = std::ceil(at - 0.5);
      if (rounding == "round_prefer_ceil") place = std::floor(at + 0.5);
      return std::vector<Tap>{{std::clamp<int64_t>(static_cast<int64_t>(place), 0, last), 1}};
    }
    std::vector<Tap> taps;
    const double base = std::floor(at);
    double total = 0;
    for (int64_t i = mode == "linear" ? 0 : -1; i <= (mode == "linear" ? 1 : 2); ++i) {
      const double place = base + static_cast<double>(i);
      double weight = mode == "linear" ? 1 - std::abs(at - place) : cubic_weight(at - place, a);
      if (outside && (place < 0 || place > static_cast<double>(last))) weight = 0;
      taps.push_back({std::clamp<int64_t>(static_cast<int64_t>(place), 0, last), weight});
      total += weight;
    }
    if (outside)
      for (Tap& tap : taps) tap.weight /= total;
    return taps;
  };
  Array y(call.out(0), dims);
  const std::vector<int64_t> strides = strides_of(x.dims);
  for_each_index(dims, [&](const std::vector<int64_t>& at, int64_t flat) {
    std::vector<Tap> sum = {{0, 1}};
    for (size_t axis = 0; axis < rank; ++axis) {
      if (dims[axis] == x.dims[axis] && scales[axis] == 1) {
        for (Tap& tap : sum) tap.place += at[axis] * strides[axis];
        continue;
      }
      std::vector<Tap> next;
      for (const Tap& tap : taps_of(axis, at[axis]))
        for (const Tap& before : sum)
          next.push_back({before.place + tap.place * strides[axis], before.weight * tap.weight});
      sum = next;
    }
    if (mode == "nearest") return y.copy_element(flat, x, sum[0].place);
    double value = 0;
    for (const Tap& tap : sum) value += tap.weight * x.real(tap.place);
    y.set(flat, value);
  });
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "AffineGrid", affine_grid},
    {"", "GridSample", grid_sample},
    {"", "Resize", resize},
};

}  // namespace

std::span<const OracleRow> image_rows() { return kRows; }

}  // namespace bp::conformance
