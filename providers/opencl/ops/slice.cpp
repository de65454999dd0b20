// Parts of a tensor: Slice with steps, Split.
#include <algorithm>
#include <cstdint>

#include "ops/strided.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_slice(Check& check) {
  check.required(0);
  check.movable(0);
  for (size_t input = 1; input < 5; ++input) {
    if (input < 3) check.required(input);
    check.types(input, kIndices);
    check.want_value(input);
  }
}

void build_slice(Builder& b) {
  Dims dims = b.input_dims(0);
  Dims strides = row_major(dims);
  const int64_t rank = b.rank(0);
  const Dims starts = b.needed_value(1).ints();
  const Dims ends = b.needed_value(2).ints();
  Dims axes;
  for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  if (b.has_input(3)) axes = b.needed_value(3).ints();
  const Dims steps = b.has_input(4) ? b.needed_value(4).ints() : Dims(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    b.fail(text("starts, ends, axes and steps must be equally long, have ", starts.size(), ", ", ends.size(),
                ", ", axes.size(), " and ", steps.size(), " elements"));
  }
  int64_t offset = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    const auto axis = static_cast<size_t>(b.axis(axes[i], rank));
    const int64_t dim = b.input_dims(0)[axis];
    const int64_t step = steps[i];
    if (step == 0) b.fail("a step is 0");
    // Limits as the operator says: [0, dim] going up, [0, dim - 1] and [-1, dim - 1] going down.
    const int64_t lowest = step > 0 ? 0 : -1;
    const int64_t highest = step > 0 ? dim : dim - 1;
    const auto limited = [&](int64_t at, int64_t least) {
      if (at < 0) at = at < -dim ? -1 : at + dim;
      return std::clamp(at, std::min(least, highest), highest);
    };
    const int64_t start = limited(starts[i], 0);
    const int64_t end = limited(ends[i], lowest);
    const int64_t distance = step > 0 ? end - start : start - end;
    const int64_t stride = step > 0 ? step : step == INT64_MIN ? INT64_MAX : -step;
    dims[axis] = distance <= 0 ? 0 : (distance - 1) / stride + 1;
    if (dims[axis] > 0) offset += start * strides[axis];
    // With one element the step does not matter, and it may be as large as an int64.
    strides[axis] = dims[axis] > 1 ? strides[axis] * step : 0;
  }
  const Dims to = row_major(dims);
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  std::vector<Stride> copy;
  for (size_t i = 0; i < dims.size(); ++i) copy.push_back({dims[i], strides[i], to[i]});
  b.launch(strided_kernel(b.input(0), output, b.input_type(0), copy, offset));
}

void check_split(Check& check) {
  check.required(0);
  check.movable(0);
  check.types(1, kIndices);
  check.want_value(1);
}

Dims split_sizes(Builder& b, int64_t dim) {
  const auto outputs = static_cast<int64_t>(b.output_count());
  if (b.has_input(1)) {
    Dims sizes = b.needed_value(1).ints();
    int64_t sum = 0;
    for (const int64_t size : sizes) sum += size;
    const bool negative = std::any_of(sizes.begin(), sizes.end(), [](int64_t size) { return size < 0; });
    if (negative || sum != dim || static_cast<int64_t>(sizes.size()) != outputs) {
      b.fail(text("split ", dims_text(sizes), " does not cut ", dim, " elements into ", outputs, " outputs"));
    }
    return sizes;
  }
  const int64_t parts = b.attributes().int_or("num_outputs", outputs);
  if (parts != outputs) b.fail(text("num_outputs is ", parts, ", the node has ", outputs, " outputs"));
  const int64_t size = (dim + parts - 1) / parts;
  Dims sizes;
  for (int64_t left = dim; static_cast<int64_t>(sizes.size()) < parts; left -= sizes.back()) {
    sizes.push_back(std::min(size, left));
  }
  return sizes;
}

void build_split(Builder& b) {
  const Dims from = b.input_dims(0);
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
  const Dims sizes = split_sizes(b, from[axis]);
  const Dims strides = row_major(from);
  int64_t first = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    Dims dims = from;
    dims[axis] = sizes[i];
    const int64_t offset = first * strides[axis];
    first += sizes[i];
    if (!b.has_output(i)) continue;
    const Ref output = b.output(i, dims);
    if (element_count(dims) == 0) continue;
    const Dims to = row_major(dims);
    std::vector<Stride> copy;
    for (size_t d = 0; d < dims.size(); ++d) copy.push_back({dims[d], strides[d], to[d]});
    b.launch(strided_kernel(b.input(0), output, b.input_type(0), copy, offset));
  }
}

constexpr Row kRows[] = {
    {"Slice", check_slice, build_slice, 10},
    {"Split", check_split, build_split, 13},
};

}  // namespace

std::span<const Row> slice_rows() { return kRows; }

}  // namespace bp::opencl
