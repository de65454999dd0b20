// One number for each window.
#include <algorithm>
#include <cmath>
#include <limits>

#include "oracle/window.hpp"

namespace bp::conformance {
namespace {

using Index = std::vector<int64_t>;

// Calls `pool(y, flat, plane, output)` for every output element.
template <class Pool>
Array pooled(const Array& x, ElementType type, const ConcreteDims& places, Pool&& pool) {
  ConcreteDims dims = {x.dims[0], x.dims[1]};
  dims.insert(dims.end(), places.begin(), places.end());
  Array y(type, dims);
  for_each_index(dims, [&](const Index& at, int64_t flat) {
    pool(y, flat, at[0] * x.dims[1] + at[1], Index(at.begin() + 2, at.end()));
  });
  return y;
}

int64_t flat_in(const Index& at, const ConcreteDims& sizes) {
  int64_t flat = 0;
  for (size_t axis = 0; axis < sizes.size(); ++axis) flat = flat * sizes[axis] + at[axis];
  return flat;
}

std::vector<Array> average_pool(const OracleCall& call) {
  const Array& x = call.in(0);
  const ConcreteDims sizes = spatial(x.dims);
  const Window window = Window::of(call, call.list_attribute("kernel_shape"), sizes);
  const bool with_padding = call.attribute("count_include_pad", 0) != 0;
  return {pooled(x, call.out(0), window.outputs(sizes),
                 [&](Array& y, int64_t flat, int64_t plane, const Index& output) {
                   double sum = 0, count = 0;
                   Index input;
                   for_each_index(window.kernel, [&](const Index& element, int64_t) {
                     const bool inside = window.place(output, element, sizes, input);
                     if (inside) sum += x.real(plane * product(sizes) + flat_in(input, sizes));
                     // What ceil_mode adds behind the padding is never counted.
                     bool counts = true;
                     for (size_t axis = 0; axis < sizes.size(); ++axis)
                       counts = counts && input[axis] < sizes[axis] + window.after[axis];
                     if (inside || (with_padding && counts)) ++count;
                   });
                   y.set(flat, sum / count);
                 })};
}

std::vector<Array> max_pool(const OracleCall& call) {
  const Array& x = call.in(0);
  const ConcreteDims sizes = spatial(x.dims);
  const Window window = Window::of(call, call.list_attribute("kernel_shape"), sizes);
  const bool column_major = call.attribute("storage_order", 0) != 0;
  const ConcreteDims places = window.outputs(sizes);
  Array where(ElementType::kInt64, {});
  where.ints.clear();
  Array y = pooled(x, call.out(0), places, [&](Array& to, int64_t flat, int64_t plane, const Index& output) {
    int64_t best = -1, best_index = 0;
    Index input;
    for_each_index(window.kernel, [&](const Index& element, int64_t) {
      if (!window.place(output, element, sizes, input)) return;
      const int64_t place = plane * product(sizes) + flat_in(input, sizes);
      const bool larger = best < 0 || (x.is_real() ? x.real(place) > x.real(best) || std::isnan(x.real(place))
                                                   : x.wide(place) > x.wide(best));
      if (!larger || (best >= 0 && x.is_real() && std::isnan(x.real(best)))) return;
      best = place;
      best_index = place;
      if (column_major) {
        best_index = 0;
        for (size_t axis = sizes.size(); axis-- > 0;) best_index = best_index * sizes[axis] + input[axis];
        best_index += plane * product(sizes);
      }
    });
    if (best >= 0) to.copy_element(flat, x, best);
    where.ints.push_back(best_index);
  });
  where.dims = y.dims;
  return {y, where};
}

std::vector<Array> lp_pool(const OracleCall& call) {
  const Array& x = call.in(0);
  const ConcreteDims sizes = spatial(x.dims);
  const Window window = Window::of(call, call.list_attribute("kernel_shape"), sizes);
  const auto p = static_cast<double>(call.attribute("p", 2));
  return {pooled(x, call.out(0), window.outputs(sizes),
                 [&](Array& y, int64_t flat, int64_t plane, const Index& output) {
                   double sum = 0;
                   Index input;
                   for_each_index(window.kernel, [&](const Index& element, int64_t) {
                     if (window.place(output, element, sizes, input))
                       sum += std::pow(std::abs(x.real(plane * product(sizes) + flat_in(input, sizes))), p);
                   });
                   y.set(flat, std::pow(sum, 1 / p));
                 })};
}

template <class Reduce>
std::vector<Array> global(const OracleCall& call, Reduce&& reduce) {
  const Array& x = call.in(0);
  ConcreteDims dims(x.dims.size(), 1);
  dims[0] = x.dims[0];
  dims[1] = x.dims[1];
  Array y(call.out(0), dims);
  const int64_t area = product(spatial(x.dims));
  for (int64_t plane = 0; plane < y.count(); ++plane) y.set(plane, reduce(x, plane * area, area));
  return {y};
}

std::vector<Array> global_average_pool(const OracleCall& call) {
  return global(call, [](const Array& x, int64_t begin, int64_t area) {
    double sum = 0;
    for (int64_t i = 0; i < area; ++i) sum += x.real(begin + i);
    return sum / static_cast<double>(area);
  });
}
std::vector<Array> global_max_pool(const OracleCall& call) {
  return global(call, [](const Array& x, int64_t begin, int64_t area) {
    double best = -std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < area; ++i) {
      if (std::isnan(x.real(begin + i))) return x.real(begin + i);
      best = std::max(best, x.real(begin + i));
    }
    return best;
  });
}
std::vector<Array> global_lp_pool(const OracleCall& call) {
  const auto p = static_cast<double>(call.attribute("p", 2));
  return global(call, [&](const Array& x, int64_t begin, int64_t area) {
    double sum = 0;
    for (int64_t i = 0; i < area; ++i) sum += std::pow(std::abs(x.real(begin + i)), p);
    return std::pow(sum, 1 / p);
  });
}

// Places count from the first element of the whole tensor.
std::vector<Array> max_unpool(const OracleCall& call) {
  const Array &x = call.in(0), &places = call.in(1);
  ConcreteDims dims = {x.dims[0], x.dims[1]};
  const std::vector<int64_t> kernel = call.list_attribute("kernel_shape"), pads = call.list_attribute("pads");
  std::vector<int64_t> strides = call.list_attribute("strides");
  strides.resize(kernel.size(), 1);
  for (size_t axis = 0; axis < kernel.size(); ++axis) {
    const int64_t padding = pads.empty() ? 0 : pads[axis] + pads[axis + kernel.size()];
    dims.push_back((x.dims[axis + 2] - 1) * strides[axis] - padding + kernel[axis]);
  }
  const ConcreteDims smaller = dims;
  if (call.has(2)) dims = call.list_input(2);
  Array y(call.out(0), dims);
  for (int64_t i = 0; i < x.count(); ++i) {
    int64_t rest = places.ints[static_cast<size_t>(i)], to = 0, step = 1;
    for (size_t axis = dims.size(); axis-- > 0;) {
      to += rest % smaller[axis] * step;
      rest /= smaller[axis];
      step *= dims[axis];
    }
    y.set(to, x.real(i));
  }
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "AveragePool", average_pool},
    {"", "GlobalAveragePool", global_average_pool},
    {"", "GlobalLpPool", global_lp_pool},
    {"", "GlobalMaxPool", global_max_pool},
    {"", "LpPool", lp_pool},
    {"", "MaxPool", max_pool},
    {"", "MaxUnpool", max_unpool},
};

}  // namespace

std::span<const OracleRow> pooling_rows() { return kRows; }

}  // namespace bp::conformance
