// Tensors beside each other, or the same one again: Concat, Expand, Tile.
#include "ops/strided.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_concat(Check& check) {
  for (size_t i = 0; i < check.input_count(); ++i) {
    check.required(i);
    check.movable(i);
  }
}

void build_concat(Builder& b) {
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
  Dims dims = b.input_dims(0);
  dims[axis] = 0;
  for (size_t i = 0; i < b.input_count(); ++i) {
    const Dims& from = b.input_dims(i);
    bool fits = from.size() == dims.size();
    for (size_t d = 0; fits && d < from.size(); ++d) fits = d == axis || from[d] == dims[d];
    if (!fits) {
      b.fail(text("input ", i, " with dims ", dims_text(from), " does not fit input 0 with dims ",
                  dims_text(b.input_dims(0)), " along axis ", axis));
    }
    dims[axis] += from[axis];
  }
  const Dims to = row_major(dims);
  const Ref output = b.output(0, dims);
  int64_t first = 0;
  for (size_t i = 0; i < b.input_count(); ++i) {
    const Dims from = b.input_dims(i);
    const int64_t offset = first * to[axis];
    first += from[axis];
    if (element_count(from) == 0) continue;
    const Dims strides = row_major(from);
    std::vector<Stride> copy;
    for (size_t d = 0; d < dims.size(); ++d) copy.push_back({from[d], strides[d], to[d]});
    b.launch(strided_kernel(b.input(i), output, b.input_type(0), copy, 0, offset));
  }
}

void check_repeated(Check& check) {
  check.required(0);
  check.required(1);
  check.movable(0);
  check.types(1, kIndices);
  check.want_value(1);
}

void build_expand(Builder& b) {
  const Dims from = b.input_dims(0);
  Dims to = b.needed_value(1).ints();
  if (to.size() < from.size()) to.insert(to.begin(), from.size() - to.size(), 1);
  const Dims from_strides = row_major(from);
  const size_t lead = to.size() - from.size();
  Dims strides(to.size(), 0);
  for (size_t i = 0; i < from.size(); ++i) {
    int64_t& dim = to[lead + i];
    if (dim == 1) dim = from[i];
    if (from[i] != 1 && from[i] != dim) {
      b.fail(text("cannot expand ", dims_text(from), " to ", dims_text(b.needed_value(1).ints())));
    }
    if (from[i] != 1) strides[lead + i] = from_strides[i];
  }
  const Ref output = b.output(0, to);
  if (element_count(to) == 0) return;
  const Dims out = row_major(to);
  std::vector<Stride> copy;
  for (size_t i = 0; i < to.size(); ++i) copy.push_back({to[i], strides[i], out[i]});
  b.launch(strided_kernel(b.input(0), output, b.input_type(0), copy));
}

void build_tile(Builder& b) {
  const Dims from = b.input_dims(0);
  const Dims repeats = b.needed_value(1).ints();
  if (repeats.size() != from.size()) {
    b.fail(text("repeats must have ", from.size(), " elements, has ", repeats.size()));
  }
  Dims to;
  for (size_t i = 0; i < from.size(); ++i) {
    if (repeats[i] < 0) b.fail(text("repeats ", dims_text(repeats), " must not be negative"));
    to.push_back(from[i] * repeats[i]);
  }
  const Ref output = b.output(0, to);
  if (element_count(to) == 0) return;
  const Dims strides = row_major(from);
  const Dims out = row_major(to);
  std::vector<Stride> copy;
  for (size_t i = 0; i < from.size(); ++i) {
    copy.push_back({repeats[i], 0, out[i] * from[i]});
    copy.push_back({from[i], strides[i], out[i]});
  }
  b.launch(strided_kernel(b.input(0), output, b.input_type(0), copy));
}

constexpr Row kRows[] = {
    {"Concat", check_concat, build_concat, 4},
    {"Expand", check_repeated, build_expand, 8},
    {"Tile", check_repeated, build_tile, 6},
};

}  // namespace

std::span<const Row> concat_rows() { return kRows; }

}  // namespace bp::opencl
