// Resize: nearest as a mapped copy, linear and cubic as weighted sums along one axis after the other.
#include "ops/resize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "kernels/mapped_copy.hpp"
#include "ops/blocked.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr size_t kRoi = 1;
constexpr size_t kScales = 2;
constexpr size_t kSizes = 3;

void check_resize(Check& check) {
  check.required(0);
  const bool nearest = check.node.attributes.string_or("mode", "nearest") == "nearest";
  check.types(0, nearest ? kFixedSize : kNumbers);
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

std::vector<int64_t> nearest_map(const ResizeRule& rule, const ResizeAxis& axis) {
  std::vector<int64_t> map;
  for (int64_t o = 0; o < axis.out; ++o) {
    map.push_back(resize_outside(rule, axis, o) ? MappedCopy::kFill
                  : is_kept(axis)               ? o
                                                : resize_nearest(rule, axis, o));
  }
  return map;
}

template <class T>
void build_nearest(Builder& b, const ResizeRule& rule, const std::vector<ResizeAxis>& axes) {
  std::vector<std::vector<int64_t>> maps;
  for (const ResizeAxis& axis : axes) maps.push_back(nearest_map(rule, axis));
  const MappedCopy copy(b.input_dims(0), std::move(maps), sizeof(T));
  const auto fill = static_cast<T>(b.attributes().float_or("extrapolation_value", 0));
  const size_t output = b.input_count();
  const int threads = b.threads();
  b.run([copy, fill, output, threads](const Call& call) {
    copy.run(call.in<std::byte>(0), call.out<std::byte>(output), reinterpret_cast<const std::byte*>(&fill),
             threads);
  });
}

// Puts the value where an axis says outside.
template <class T>
void extrapolate(const std::vector<std::vector<bool>>& outside, T value, T* target, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t left = i;
    for (size_t axis = outside.size(); axis-- > 0;) {
      const auto dim = static_cast<int64_t>(outside[axis].size());
      if (outside[axis][static_cast<size_t>(left % dim)]) {
        target[i] = value;
        break;
      }
      left /= dim;
    }
  }
}

template <class T, class C>
void widen(const T* source, C* target, int64_t count, int threads) {
  parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) target[i] = static_cast<C>(source[i]);
  });
}

// Integers lose their fraction and stay within their range.
template <class T, class C>
void narrow(const C* source, T* target, int64_t count, int threads) {
  parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if constexpr (kIsFloat<T>) {
        target[i] = static_cast<T>(source[i]);
      } else if (source[i] >= static_cast<C>(std::numeric_limits<T>::max())) {
        target[i] = std::numeric_limits<T>::max();
      } else if (source[i] <= static_cast<C>(std::numeric_limits<T>::min())) {
        target[i] = std::numeric_limits<T>::min();
      } else {
        target[i] = static_cast<T>(source[i]);
      }
    }
  });
}

template <class T>
void build_interpolated(Builder& b, const ResizeRule& rule, const std::vector<ResizeAxis>& axes) {
  using C = std::conditional_t<kIsFloat<T> && !std::is_same_v<T, double>, float, double>;
  std::vector<Taps> taps;
  std::vector<std::vector<bool>> outside;
  bool any_outside = false;
  for (size_t i = 0; i < axes.size(); ++i) {
    std::vector<bool> row;
    for (int64_t o = 0; o < axes[i].out; ++o) row.push_back(resize_outside(rule, axes[i], o));
    any_outside = any_outside || std::find(row.begin(), row.end(), true) != row.end();
    outside.push_back(std::move(row));
    if (is_kept(axes[i])) continue;
    taps.push_back(resize_taps(rule, axes[i]));
    taps.back().axis = i;
  }
  if (!any_outside) outside.clear();
  const Interpolation passes(b.input_dims(0), std::move(taps));
  const int64_t in_count = element_count(b.input_dims(0));
  const int64_t out_count = element_count(b.output_dims(0));
  const auto area = [&](int64_t elements) { return b.scratch(static_cast<uint64_t>(elements) * sizeof(C)); };
  const size_t first = area(passes.scratch_elements(0));
  const size_t second = area(passes.scratch_elements(1));
  constexpr bool kDirect = std::is_same_v<T, C>;
  [[maybe_unused]] const size_t wide_in = kDirect ? 0 : area(in_count);
  [[maybe_unused]] const size_t wide_out = kDirect ? 0 : area(out_count);
  const auto value = static_cast<C>(b.attributes().float_or("extrapolation_value", 0));
  const size_t output = b.input_count();
  const int threads = b.threads();
  b.run([=](const Call& call) {
    if constexpr (kDirect) {
      T* target = call.out<T>(output);
      passes.run<C>(call.in<T>(0), target, call.out<C>(first), call.out<C>(second), threads);
      if (any_outside) extrapolate(outside, value, target, out_count);
    } else {
      widen(call.in<T>(0), call.out<C>(wide_in), in_count, threads);
      C* target = call.out<C>(wide_out);
      passes.run<C>(call.in<C>(wide_in), target, call.out<C>(first), call.out<C>(second), threads);
      if (any_outside) extrapolate(outside, value, target, out_count);
      narrow(target, call.out<T>(output), out_count, threads);
    }
  });
}

// float32 in the layout in which a convolution left it, batch and channels kept. False: not such a case.
bool build_blocked(Builder& b, const ResizeRule& rule, const std::vector<ResizeAxis>& axes, const Dims& to) {
  const Layout layout = movable_layout(b);
  if (layout == Layout::kPlain || !is_kept(axes[0]) || !is_kept(axes[1])) return false;
  if (rule.coordinates == "tf_crop_and_resize") return false;
  const Dims lying = lying_dims(b.input_dims(0), layout);
  Builder::RawStep step;
  step.operands.push_back(b.read(b.node().inputs[0], layout));
  step.operands.push_back(b.write(b.node().outputs[0], to, layout));
  const int threads = b.threads();
  if (rule.mode == "nearest") {
    std::vector<std::vector<int64_t>> maps;
    for (const int64_t dim : lying) {
      maps.emplace_back(static_cast<size_t>(dim));
      std::iota(maps.back().begin(), maps.back().end(), 0);
    }
    for (size_t i = 2; i < axes.size(); ++i) {
      maps[lying_axis(i, axes.size(), layout)] = nearest_map(rule, axes[i]);
    }
    const MappedCopy copy(lying, std::move(maps), sizeof(float));
    step.kernel = make_kernel([copy, threads](const Call& call) {
      copy.run(call.in<std::byte>(0), call.out<std::byte>(1), nullptr, threads);
    });
  } else {
    std::vector<Taps> taps;
    for (size_t i = 2; i < axes.size(); ++i) {
      if (is_kept(axes[i])) continue;
      taps.push_back(resize_taps(rule, axes[i]));
      taps.back().axis = lying_axis(i, axes.size(), layout);
    }
    const Interpolation passes(lying, std::move(taps));
    for (const size_t area : {0U, 1U}) {
      step.operands.push_back(
          b.scratch_ref(static_cast<uint64_t>(passes.scratch_elements(area)) * sizeof(float)));
    }
    step.kernel = make_kernel([passes, threads](const Call& call) {
      passes.run<float>(call.in<float>(0), call.out<float>(1), call.out<float>(2), call.out<float>(3), threads);
    });
  }
  step.name = b.node().op_type;
  step.implementation = "blocked";
  step.nodes = {b.node_index()};
  b.raw_step(std::move(step));
  return true;
}

void build_resize(Builder& b) {
  const ResizeRule rule = read_rule(b.attributes());
  const std::vector<ResizeAxis> axes = read_axes(b);
  Dims to;
  for (const ResizeAxis& axis : axes) to.push_back(axis.out);
  if (std::all_of(axes.begin(), axes.end(), is_kept)) {
    b.alias(0, 0, to);
    return;
  }
  if (element_count(to) > 0 && build_blocked(b, rule, axes, to)) return;
  b.output(0, to);
  if (element_count(to) == 0) return;
  dispatch<kFixedSize>(b.input_type(0), [&]<class T>(Tag<T>) {
    if (rule.mode == "nearest") {
      build_nearest<T>(b, rule, axes);
    } else if constexpr (!std::is_same_v<T, bool>) {
      build_interpolated<T>(b, rule, axes);
    }
  });
}

constexpr Row kRows[] = {
    {"Resize", check_resize, build_resize, 11, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> resize_rows() { return kRows; }

}  // namespace bp::cpu
