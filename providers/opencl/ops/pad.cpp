// Pad in all its modes, CenterCropPad: copies with a map for each axis.
#include "ops/mapped.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_pad(Check& check) {
  check.required(0);
  check.required(1);
  check.movable(0);
  check.types(1, kIndices);
  check.types(3, kIndices);
  check.want_value(1);
  check.want_value(3);
  check.string_attribute("mode", "constant", {"constant", "edge", "reflect", "wrap"});
}

// The source index of position `at` (before 0 or after dim - 1: outside).
int32_t source_index(const std::string& mode, int64_t at, int64_t dim) {
  if (at >= 0 && at < dim) return static_cast<int32_t>(at);
  if (mode == "constant") return kFilled;
  if (mode == "edge") return static_cast<int32_t>(at < 0 ? 0 : dim - 1);
  if (mode == "wrap") return static_cast<int32_t>((at % dim + dim) % dim);
  if (dim == 1) return 0;
  const int64_t period = 2 * (dim - 1);
  const int64_t inside = (at % period + period) % period;
  return static_cast<int32_t>(inside < dim ? inside : period - inside);
}

void build_pad(Builder& b) {
  const Dims from = b.input_dims(0);
  const int64_t rank = b.rank(0);
  const std::string mode = b.attributes().string_or("mode", "constant");
  const Dims pads = b.needed_value(1).ints();
  Dims axes;
  for (int64_t i = 0; i < rank; ++i) axes.push_back(i);
  if (b.has_input(3)) axes = b.needed_value(3).ints();
  if (pads.size() != 2 * axes.size()) {
    b.fail(text("pads must have ", 2 * axes.size(), " elements, has ", pads.size()));
  }
  if (b.has_input(2) && element_count(b.input_dims(2)) != 1) {
    b.fail(text("the constant must be one element, has dims ", dims_text(b.input_dims(2))));
  }
  Dims before(from.size(), 0);
  Dims after(from.size(), 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(b.axis(axes[i], rank));
    before[axis] = pads[i];
    after[axis] = pads[i + axes.size()];
  }
  Maps maps;
  for (size_t axis = 0; axis < from.size(); ++axis) {
    const int64_t dim = from[axis] + before[axis] + after[axis];
    if (dim < 0) b.fail(text("pads ", dims_text(pads), " cut more than ", dims_text(from), " has"));
    if (from[axis] == 0 && dim > 0 && mode != "constant") {
      b.fail(text("mode '", mode, "' has nothing to repeat along empty axis ", axis));
    }
    std::vector<int32_t> map;
    for (int64_t i = 0; i < dim; ++i) map.push_back(source_index(mode, i - before[axis], from[axis]));
    maps.push_back(std::move(map));
  }
  add_mapped(b, maps, b.has_input(2) ? std::optional(b.input(2)) : std::nullopt);
}

void check_center_crop_pad(Check& check) {
  check.required(0);
  check.required(1);
  check.movable(0);
  check.types(1, kIndices);
  check.want_value(1);
}

void build_center_crop_pad(Builder& b) {
  const Dims from = b.input_dims(0);
  const Dims shape = b.needed_value(1).ints();
  Dims axes;
  for (int64_t i = 0; i < b.rank(0); ++i) axes.push_back(i);
  axes = b.attributes().ints_or("axes", axes);
  if (axes.size() != shape.size()) {
    b.fail(text("shape must have ", axes.size(), " elements, has ", shape.size()));
  }
  Dims to = from;
  for (size_t i = 0; i < axes.size(); ++i) to[static_cast<size_t>(b.axis(axes[i], b.rank(0)))] = shape[i];
  Maps maps;
  for (size_t axis = 0; axis < from.size(); ++axis) {
    if (to[axis] < 0) b.fail(text("target dim ", to[axis], " is negative"));
    // An odd rest goes behind, both when cutting and when padding.
    const int64_t more = to[axis] - from[axis];
    const int64_t shift = more >= 0 ? more / 2 : -((-more) / 2);
    std::vector<int32_t> map;
    for (int64_t i = 0; i < to[axis]; ++i) map.push_back(source_index("constant", i - shift, from[axis]));
    maps.push_back(std::move(map));
  }
  add_mapped(b, maps, {});
}

constexpr Row kRows[] = {
    {"Pad", check_pad, build_pad, 11},
    {"CenterCropPad", check_center_crop_pad, build_center_crop_pad, 18},
};

}  // namespace

std::span<const Row> pad_rows() { return kRows; }

}  // namespace bp::opencl
