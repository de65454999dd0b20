// Resize: nearest is a copy with a map for each axis, linear and cubic a weighted sum axis by axis, the weights
// computed on the host.
#include "ops/resize.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/mapped.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

constexpr size_t kRoi = 1;
constexpr size_t kScales = 2;
constexpr size_t kSizes = 3;

void check_resize(Check& check) {
  check.required(0);
  const bool nearest = check.node.attributes.string_or("mode", "nearest") == "nearest";
  check.types(0, nearest ? kMovable : kFloats);
  check.want_value(kScales);
  check.want_value(kSizes);
  check.string_attribute("mode", "nearest", {"nearest", "linear", "cubic"});
  check.string_attribute("coordinate_transformation_mode", "half_pixel",
                         {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
                          "asymmetric", "tf_crop_and_resize"});
  check.string_attribute("nearest_mode", "round_prefer_floor",
                         {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
  check.string_attribute("keep_aspect_ratio_policy", "stretch", {"stretch", "not_larger", "not_smaller"});
  if (check.node.attributes.string_or("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize") {
    check.required(kRoi);
    check.want_value(kRoi);
    if (!nearest || check.node.attributes.float_or("extrapolation_value", 0) != 0) {
      check.reject_attribute("coordinate_transformation_mode",
                             "tf_crop_and_resize is taken with mode nearest and an extrapolation_value of 0");
    }
  }
}

ResizeRule read_rule(const Attributes& attributes) {
  ResizeRule rule;
  rule.mode = attributes.string_or("mode", "nearest");
  rule.coordinates = attributes.string_or("coordinate_transformation_mode", "half_pixel");
  rule.nearest = attributes.string_or("nearest_mode", "round_prefer_floor");
  rule.cubic_a = static_cast<double>(attributes.float_or("cubic_coeff_a", -0.75F));
  rule.exclude_outside = attributes.int_or("exclude_outside", 0) != 0;
  rule.antialias = attributes.int_or("antialias", 0) != 0;
  return rule;
}

// One length for every axis that is resized. The arithmetic is float32, as shape inference has it.
void apply_sizes(Builder& b, const Dims& axes, std::vector<ResizeAxis>& all) {
  const Dims sizes = b.needed_value(kSizes).ints();
  if (sizes.size() != axes.size()) {
    b.fail(text("sizes must have ", axes.size(), " elements, has ", sizes.size()));
  }
  const std::string policy = b.attributes().string_or("keep_aspect_ratio_policy", "stretch");
  float common = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    ResizeAxis& axis = all[static_cast<size_t>(axes[i])];
    axis.out = sizes[i];
    axis.scale = static_cast<double>(sizes[i]) / static_cast<double>(axis.in);
    const float wanted = static_cast<float>(sizes[i]) / static_cast<float>(axis.in);
    common = i == 0 ? wanted : policy == "not_larger" ? std::min(common, wanted) : std::max(common, wanted);
  }
  if (policy == "stretch") return;
  for (const int64_t stated : axes) {
    ResizeAxis& axis = all[static_cast<size_t>(stated)];
    axis.scale = static_cast<double>(common);
    axis.out = static_cast<int64_t>(std::floor(common * static_cast<float>(axis.in) + 0.5F));
  }
}

void apply_scales(Builder& b, const Dims& axes, std::vector<ResizeAxis>& all) {
  const std::vector<double> scales = b.needed_value(kScales).floats();
  if (scales.size() != axes.size()) {
    b.fail(text("scales must have ", axes.size(), " elements, has ", scales.size()));
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    ResizeAxis& axis = all[static_cast<size_t>(axes[i])];
    if (!(scales[i] > 0) || !std::isfinite(scales[i])) b.fail(text("scale ", scales[i], " is not above 0"));
    axis.scale = scales[i];
    axis.out = static_cast<int64_t>(std::floor(static_cast<float>(axis.in) * static_cast<float>(scales[i])));
  }
}

std::vector<ResizeAxis> read_axes(Builder& b) {
  const Dims& from = b.input_dims(0);
  std::vector<ResizeAxis> all;
  for (const int64_t dim : from) all.push_back({dim, dim});
  Dims axes(from.size());
  std::iota(axes.begin(), axes.end(), 0);
  axes = b.attributes().ints_or("axes", axes);
  for (int64_t& axis : axes) axis = b.axis(axis, b.rank(0));
  const bool by_scales = b.has_input(kScales) && b.needed_value(kScales).count() > 0;
  if (by_scales) {
    apply_scales(b, axes, all);
  } else {
    apply_sizes(b, axes, all);
  }
  if (b.attributes().string_or("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize") {
    const std::vector<double> roi = b.needed_value(kRoi).floats();
    if (roi.size() != 2 * axes.size()) {
      b.fail(text("roi must have ", 2 * axes.size(), " elements, has ", roi.size()));
    }
    for (size_t i = 0; i < axes.size(); ++i) {
      all[static_cast<size_t>(axes[i])].roi_begin = roi[i];
      all[static_cast<size_t>(axes[i])].roi_end = roi[i + axes.size()];
    }
  }
  for (const ResizeAxis& axis : all) {
    if (axis.in == 0 && axis.out > 0) b.fail("an empty tensor cannot be resized to one with elements");
  }
  return all;
}

// Scale 1 and a region that is the whole axis: every rule gives the element itself.
bool is_kept(const ResizeAxis& axis) {
  return axis.in == axis.out && axis.scale == 1 && axis.roi_begin == 0 && axis.roi_end == 1;
}

std::vector<int32_t> nearest_map(const ResizeRule& rule, const ResizeAxis& axis) {
  std::vector<int32_t> map;
  for (int64_t o = 0; o < axis.out; ++o) {
    const int64_t at = is_kept(axis) ? o : resize_nearest(rule, axis, o);
    map.push_back(resize_outside(rule, axis, o) ? kFilled : static_cast<int32_t>(at));
  }
  return map;
}

// One axis: out[outer, o, inner] = sum over t of weights[o, t] * in[outer, indices[o, t], inner].
void add_axis(Builder& b, Ref src, Ref dst, const Taps& taps, const Dims& dims, size_t axis, int64_t out) {
  const Type type = b.input_type(0);
  const auto at = dims.begin() + static_cast<std::ptrdiff_t>(axis);
  const int64_t inner = element_count(Dims(at + 1, dims.end()));
  const int64_t outer = element_count(Dims(dims.begin(), at));
  Launch launch("resize", "axis");
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  const std::vector<int32_t> indices(taps.indices.begin(), taps.indices.end());
  const std::vector<float> weights(taps.weights.begin(), taps.weights.end());
  launch.memory(src, type).memory(dst, type);
  launch.memory(b.table(indices), Type::kInt32).memory(b.table(weights), Type::kFloat32);
  launch.integer(inner).integer(*at).integer(out).integer(taps.count).integer(outer * out * inner);
  launch.work(outer * out * inner, 256);
  b.launch(std::move(launch));
}

void build_interpolated(Builder& b, const ResizeRule& rule, const std::vector<ResizeAxis>& axes) {
  Dims dims = b.input_dims(0);
  Dims to;
  std::vector<size_t> resized;
  for (size_t i = 0; i < axes.size(); ++i) {
    to.push_back(axes[i].out);
    if (!is_kept(axes[i])) resized.push_back(i);
  }
  if (resized.empty()) return b.alias(0, 0, to);
  const Ref output = b.output(0, to);
  if (element_count(to) == 0) return;
  Ref from = b.input(0);
  for (size_t i = 0; i < resized.size(); ++i) {
    const size_t axis = resized[i];
    Dims next = dims;
    next[axis] = axes[axis].out;
    const auto bytes = static_cast<uint64_t>(element_count(next)) * element_size(b.input_type(0));
    const Ref target = i + 1 == resized.size() ? output : b.scratch(bytes);
    add_axis(b, from, target, resize_taps(rule, axes[axis]), dims, axis, axes[axis].out);
    dims = next;
    from = target;
  }
}

void build_resize(Builder& b) {
  const ResizeRule rule = read_rule(b.attributes());
  const std::vector<ResizeAxis> axes = read_axes(b);
  if (rule.mode != "nearest") return build_interpolated(b, rule, axes);
  Maps maps;
  for (const ResizeAxis& axis : axes) maps.push_back(nearest_map(rule, axis));
  add_mapped(b, maps, {});
}

constexpr Row kRows[] = {
    {"Resize", check_resize, build_resize, 11},
};

}  // namespace

std::span<const Row> resize_rows() { return kRows; }

}  // namespace bp::opencl
