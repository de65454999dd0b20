// Convolutions, by their definition: a sum over channels and kernel elements.
#include <algorithm>
#include <cmath>

#include "oracle/window.hpp"

namespace bp::conformance {
namespace {

using Index = std::vector<int64_t>;

int64_t flat_in(const Index& at, const ConcreteDims& sizes) {
  int64_t flat = 0;
  for (size_t axis = 0; axis < sizes.size(); ++axis) flat = flat * sizes[axis] + at[axis];
  return flat;
}

// Sums `term(x's place, w's place)` for every output element and hands each sum to `store`.
template <class Sum, class Term, class Store>
Array convolve(const OracleCall& call, const Array& x, const Array& w, Term&& term, Store&& store) {
  const ConcreteDims sizes = spatial(x.dims), kernel = spatial(w.dims);
  const Window window = Window::of(call, kernel, sizes);
  const ConcreteDims places = window.outputs(sizes);
  const int64_t groups = call.attribute("group", 1), filters = w.dims[0], depth = w.dims[1];
  ConcreteDims dims = {x.dims[0], filters};
  dims.insert(dims.end(), places.begin(), places.end());
  Array y(call.out(0), dims);
  const int64_t area = product(sizes), kernel_area = product(kernel);
  for_each_index(dims, [&](const Index& at, int64_t flat) {
    const Index output(at.begin() + 2, at.end());
    const int64_t group = at[1] / (filters / groups);
    Sum sum = 0;
    Index input;
    for_each_index(kernel, [&](const Index& element, int64_t place) {
      if (!window.place(output, element, sizes, input)) return;
      const int64_t offset = flat_in(input, sizes);
      for (int64_t channel = 0; channel < depth; ++channel)
        sum += term((at[0] * x.dims[1] + group * depth + channel) * area + offset,
                    (at[1] * depth + channel) * kernel_area + place, at[1]);
    });
    store(y, flat, at[1], sum);
  });
  return y;
}

std::vector<Array> conv(const OracleCall& call) {
  const Array &x = call.in(0), &w = call.in(1);
  return {convolve<double>(
      call, x, w, [&](int64_t i, int64_t j, int64_t) { return x.real(i) * w.real(j); },
      [&](Array& y, int64_t flat, int64_t filter, double sum) {
        y.set(flat, sum + (call.has(2) ? call.in(2).real(filter) : 0));
      })};
}

Wide zero_of(const OracleCall& call, size_t input, int64_t filter) {
  if (!call.has(input)) return 0;
  return call.in(input).wide(call.in(input).count() == 1 ? 0 : filter);
}

std::vector<Array> conv_integer(const OracleCall& call) {
  const Array &x = call.in(0), &w = call.in(1);
  return {convolve<Wide>(
      call, x, w,
      [&](int64_t i, int64_t j, int64_t filter) {
        return (x.wide(i) - zero_of(call, 2, 0)) * (w.wide(j) - zero_of(call, 3, filter));
      },
      [&](Array& y, int64_t flat, int64_t, Wide sum) { y.set_wide(flat, sum); })};
}

// x, scale, zero; w, scale, zero; y's scale, zero; bias.
std::vector<Array> qlinear_conv(const OracleCall& call) {
  const Array &x = call.in(0), &w = call.in(3);
  const bool is_signed = call.out(0) == ElementType::kInt8;
  return {convolve<Wide>(
      call, x, w,
      [&](int64_t i, int64_t j, int64_t filter) {
        return (x.wide(i) - zero_of(call, 2, 0)) * (w.wide(j) - zero_of(call, 5, filter));
      },
      [&](Array& y, int64_t flat, int64_t filter, Wide sum) {
        const Array& scale = call.in(4);
        const double factor =
            call.in(1).real(0) * scale.real(scale.count() == 1 ? 0 : filter) / call.in(6).real(0);
        if (call.has(8)) sum += call.in(8).wide(filter);
        const double value =
            std::nearbyint(static_cast<double>(sum) * factor) + static_cast<double>(zero_of(call, 7, 0));
        y.set(flat, std::clamp(value, is_signed ? -128.0 : 0.0, is_signed ? 127.0 : 255.0));
      })};
}

// Every input element adds its multiple of the kernel to the output.
std::vector<Array> conv_transpose(const OracleCall& call) {
  const Array &x = call.in(0), &w = call.in(1);
  const ConcreteDims sizes = spatial(x.dims), kernel = spatial(w.dims);
  const size_t rank = sizes.size();
  const Window window = Window::of(call, kernel, sizes);
  std::vector<int64_t> extra = call.list_attribute("output_padding"),
                       wanted = call.list_attribute("output_shape");
  extra.resize(rank, 0);
  if (wanted.size() == rank + 2) wanted.erase(wanted.begin(), wanted.begin() + 2);
  const std::string automatic = call.text_attribute("auto_pad", "NOTSET");
  ConcreteDims places;
  std::vector<int64_t> before = window.before;
  for (size_t axis = 0; axis < rank; ++axis) {
    const int64_t reach = (kernel[axis] - 1) * window.dilations[axis] + 1;
    const int64_t full = window.strides[axis] * (sizes[axis] - 1) + extra[axis] + reach;
    int64_t size = full - window.before[axis] - window.after[axis];
    if (!wanted.empty() || automatic.starts_with("SAME")) {
      size = wanted.empty() ? sizes[axis] * window.strides[axis] : wanted[axis];
      const int64_t total = std::max<int64_t>(full - size, 0);
      before[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    } else if (automatic == "VALID") {
      size = full;
    }
    places.push_back(size);
  }
  const int64_t groups = call.attribute("group", 1), filters = w.dims[1], depth = x.dims[1] / groups;
  ConcreteDims dims = {x.dims[0], filters * groups};
  dims.insert(dims.end(), places.begin(), places.end());
  Array y(call.out(0), dims);
  const int64_t area = product(places), kernel_area = product(kernel);
  if (call.has(2))
    for (int64_t flat = 0; flat < y.count(); ++flat) y.set(flat, call.in(2).real(flat / area % dims[1]));
  for_each_index(x.dims, [&](const Index& at, int64_t flat) {
    for_each_index(kernel, [&](const Index& element, int64_t place) {
      Index output(rank);
      for (size_t axis = 0; axis < rank; ++axis) {
        output[axis] =
            at[axis + 2] * window.strides[axis] + element[axis] * window.dilations[axis] - before[axis];
        if (output[axis] < 0 || output[axis] >= places[axis]) return;
      }
      const int64_t group = at[1] / depth, offset = flat_in(output, places);
      for (int64_t filter = 0; filter < filters; ++filter) {
        const int64_t to = (at[0] * dims[1] + group * filters + filter) * area + offset;
        y.set(to, y.real(to) + x.real(flat) * w.real((at[1] * filters + filter) * kernel_area + place));
      }
    });
  });
  return {y};
}

// Columns of patches are added where they came from.
std::vector<Array> col2im(const OracleCall& call) {
  const Array& x = call.in(0);
  const ConcreteDims image = call.list_input(1), block = call.list_input(2);
  const Window window = Window::of(call, block, image);
  const ConcreteDims places = window.outputs(image);
  const int64_t kernel_area = product(block), count = product(places), channels = x.dims[1] / kernel_area;
  ConcreteDims dims = {x.dims[0], channels};
  dims.insert(dims.end(), image.begin(), image.end());
  Array y(call.out(0), dims);
  const int64_t area = product(image);
  Index input;
  for (int64_t plane = 0; plane < x.dims[0] * channels; ++plane)
    for_each_index(block, [&](const Index& element, int64_t row) {
      for_each_index(places, [&](const Index& output, int64_t column) {
        if (!window.place(output, element, image, input)) return;
        const int64_t to = plane * area + flat_in(input, image);
        y.set(to, y.real(to) + x.real((plane * kernel_area + row) * count + column));
      });
    });
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "Col2Im", col2im},
    {"", "Conv", conv},
    {"", "ConvInteger", conv_integer},
    {"", "ConvTranspose", conv_transpose},
    {"", "QLinearConv", qlinear_conv},
};

}  // namespace

std::span<const OracleRow> convolution_rows() { return kRows; }

}  // namespace bp::conformance
