// Conv and ConvTranspose, 1 to 3 spatial dims. float32 convolutions are products of matrices whose columns are
// positions of the input: with padding and strides taken out of it first (planes), every tap of the kernel is
// one shift. Everything else is computed element by element.
#include <algorithm>
#include <cstring>

#include "ops/convolution.hpp"
#include "ops/product.hpp"
#include "ops/table.hpp"

namespace bp::opencl {

namespace {

void check_convolution(Check& check) {
  check.required(0);
  check.required(1);
  for (size_t i = 0; i < 3; ++i) check.types(i, kFloats);
  if (check.has_input(0) && check.input(0).has_rank) check.rank_between(0, 3, 5);
  check.rank_between(1, 3, 5);
  check.string_attribute("auto_pad", "NOTSET", {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"});
}

void widen(Window& window) {
  window.kernel = three(window.kernel, 1);
  window.strides = three(window.strides, 1);
  window.dilations = three(window.dilations, 1);
  window.pads_begin = three(window.pads_begin, 0);
  window.pads_end = three(window.pads_end, 0);
}

// How far the taps reach along each axis once a stride's phases lie apart.
struct Planes {
  Dims phases, size;  // z, y, x
  int64_t elements() const { return element_count(phases) * element_count(size); }
};

Planes plan_planes(const ConvolutionShapes& s) {
  Planes planes{Dims(3), Dims(3)};
  for (size_t i = 0; i < 3; ++i) {
    const int64_t stride = s.window.strides[i];
    const int64_t reach = (s.window.kernel[i] - 1) * s.window.dilations[i];
    planes.phases[i] = std::min(stride, reach + 1);
    planes.size[i] = s.out[i] + reach / stride;
  }
  return planes;
}

bool reads_input_as_it_is(const ConvolutionShapes& s) {
  const auto all = [](const Dims& dims, int64_t value) {
    return std::all_of(dims.begin(), dims.end(), [=](int64_t dim) { return dim == value; });
  };
  return all(s.window.kernel, 1) && all(s.window.strides, 1) && all(s.window.pads_begin, 0) &&
         all(s.window.pads_end, 0);
}

Ref make_planes(Builder& b, const ConvolutionShapes& s, const Planes& planes) {
  const int64_t channels = s.images * s.groups * s.channels;
  constexpr int64_t kSlack = 64;  // a tile reads whole vectors behind the last position
  const Ref target = b.scratch(static_cast<uint64_t>(channels * planes.elements() + kSlack) * sizeof(float));
  Launch launch("planes", b.traits().is_cpu ? "whole_planes" : "planes");
  launch.memory(b.input(0), Type::kFloat32).memory(target, Type::kFloat32);
  for (const int64_t dim : s.in) launch.integer(dim);
  const auto backwards = [&](const Dims& dims) {
    for (size_t i = 3; i-- > 0;) launch.integer(dims[i]);
  };
  backwards(planes.size);
  backwards(planes.phases);
  backwards(s.window.strides);
  backwards(s.window.pads_begin);
  const int64_t rows = element_count(planes.phases) * planes.size[0] * planes.size[1];
  if (b.traits().is_cpu) {
    launch.work(channels, 1);
  } else {
    launch.work({planes.size[2], rows, channels}, {planes.size[2] >= 64 ? 64 : 16, 1, 1});
  }
  launch.name = "Conv planes";
  b.launch(std::move(launch));
  return target;
}

// By k = (channel, tap): where its positions begin.
Ref make_shifts(Builder& b, const ConvolutionShapes& s, const Planes& planes) {
  std::vector<int32_t> shifts;
  const Window& w = s.window;
  for (int64_t channel = 0; channel < s.channels; ++channel) {
    for (int64_t tap = 0; tap < s.taps(); ++tap) {
      const Dims at{tap / (w.kernel[1] * w.kernel[2]), tap / w.kernel[2] % w.kernel[1], tap % w.kernel[2]};
      int64_t phase = 0;
      int64_t shift = 0;
      for (size_t i = 0; i < 3; ++i) {
        const int64_t distance = at[i] * w.dilations[i];
        phase = phase * planes.phases[i] + distance % w.strides[i];
        shift = shift * planes.size[i] + distance / w.strides[i];
      }
      shifts.push_back(
          static_cast<int32_t>(channel * planes.elements() + phase * element_count(planes.size) + shift));
    }
  }
  return b.table(shifts);
}

void build_product_convolution(Builder& b, const ConvolutionShapes& s, const Dims& dims) {
  auto root = std::make_shared<ProductRoot>();
  ProductShape& shape = root->shape;
  const int64_t pixels = element_count(s.out);
  shape.rows = s.outputs;
  shape.depth = s.channels * s.taps();
  shape.batches = s.images * s.groups;
  shape.out_row = pixels;
  shape.out_batch = s.outputs * pixels;
  shape.a_batches = s.groups;
  if (reads_input_as_it_is(s)) {
    shape.columns = pixels;
    shape.b_step = pixels;
    shape.b_batch = s.channels * pixels;
    shape.b_count = shape.batches * shape.b_batch;
    shape.guard = true;
    root->b = b.input(0);
  } else {
    const Planes planes = plan_planes(s);
    shape.columns = ((s.out[0] - 1) * planes.size[1] + s.out[1] - 1) * planes.size[2] + s.out[2];
    shape.b_batch = s.channels * planes.elements();
    shape.gaps = true;
    shape.gap_row = planes.size[2];
    shape.gap_kept = s.out[2];
    shape.gap_rows = planes.size[1];
    shape.gap_rows_kept = s.out[1];
    root->shifts = make_shifts(b, s, planes);
    root->b = make_planes(b, s, planes);
  }
  choose_tile(shape);
  shape.b_panel = shape.tile_columns();
  shape.a_batch = shape.rows * shape.depth;
  if (b.is_constant(1)) {
    root->a = pack_rows(b, 1, shape, shape.depth, 1);
  } else {
    shape.a_tile = shape.tile_rows * shape.depth;
    shape.a_row = shape.depth;
    shape.a_step = 1;
    root->a = b.input(1);
  }
  if (b.has_input(2)) root->first = b.input(2);
  b.root(dims, std::move(root), "", {});
}

// One work-item per element of the output, of any type and either direction.
void build_plain(Builder& b, const ConvolutionShapes& s, const Dims& dims, bool transposed) {
  const Type type = b.input_type(0);
  const Ref output = b.output(0, dims);
  if (element_count(dims) == 0) return;
  Launch launch("convolution", transposed ? "transposed" : "forward");
  launch.define("T", storage_name(type)).define("C", compute_name(type));
  launch.memory(b.input(0), type).memory(b.input(1), type);
  launch.memory(b.has_input(2) ? b.input(2) : Ref{}, type).memory(output, type);
  launch.integer(b.has_input(2) ? 1 : 0).integer(element_count(s.out));
  launch.integer(s.groups).integer(s.channels).integer(s.outputs);
  for (const Dims* list :
       {&s.in, &s.out, &s.window.kernel, &s.window.strides, &s.window.dilations, &s.window.pads_begin}) {
    for (const int64_t dim : *list) launch.integer(dim);
  }
  const int64_t pixels = element_count(s.out);
  launch.work({pixels, s.images * s.groups * s.outputs, 1}, {pixels >= 64 ? 64 : 16, 1, 1});
  b.launch(std::move(launch));
}

void expect_bias(Builder& b, int64_t outputs) {
  if (!b.has_input(2) || b.input_dims(2) == Dims{outputs}) return;
  b.fail(text("bias must have dims [", outputs, "], has ", dims_text(b.input_dims(2))));
}

void build_convolution(Builder& b) {
  const Dims src = b.input_dims(0);
  const Dims weights = b.input_dims(1);
  if (src.size() != weights.size() || src.size() < 3) {
    b.fail(text("input ", dims_text(src), " and weights ", dims_text(weights), " must have as many dims"));
  }
  ConvolutionShapes s;
  s.groups = b.attributes().int_or("group", 1);
  if (s.groups < 1 || src[1] != weights[1] * s.groups || weights[0] % s.groups != 0) {
    b.fail(text("weights ", dims_text(weights), " in ", s.groups, " groups do not fit input ", dims_text(src)));
  }
  const Dims kernel = b.attributes().ints_or("kernel_shape", spatial_dims(weights));
  if (kernel != spatial_dims(weights)) {
    b.fail(text("kernel_shape ", dims_text(kernel), " is not that of the weights ", dims_text(weights)));
  }
  s.images = src[0];
  s.channels = weights[1];
  s.outputs = weights[0] / s.groups;
  expect_bias(b, weights[0]);
  s.window = read_window(b, spatial_dims(src), kernel);
  const Dims out = window_output(b, spatial_dims(src), s.window, false);
  Dims dims{src[0], weights[0]};
  dims.insert(dims.end(), out.begin(), out.end());
  widen(s.window);
  s.in = three(spatial_dims(src), 1);
  s.out = three(out, 1);
  const bool empty = element_count(dims) == 0 || element_count(src) == 0 || element_count(weights) == 0;
  if (b.input_type(0) == Type::kFloat32 && !empty) {
    if (fits_depthwise(b, s)) return build_depthwise(b, s, dims);
    return build_product_convolution(b, s, dims);
  }
  build_plain(b, s, dims, false);
}

void build_transposed(Builder& b) {
  const Dims src = b.input_dims(0);
  const Dims weights = b.input_dims(1);
  if (src.size() != weights.size() || src.size() < 3) {
    b.fail(text("input ", dims_text(src), " and weights ", dims_text(weights), " must have as many dims"));
  }
  ConvolutionShapes s;
  s.groups = b.attributes().int_or("group", 1);
  if (s.groups < 1 || src[1] != weights[0] || weights[0] % s.groups != 0) {
    b.fail(text("weights ", dims_text(weights), " in ", s.groups, " groups do not fit input ", dims_text(src)));
  }
  s.images = src[0];
  s.channels = weights[0] / s.groups;
  s.outputs = weights[1];
  const Dims spatial = spatial_dims(src);
  const Dims kernel = spatial_dims(weights);
  const size_t count = spatial.size();
  expect_bias(b, s.outputs * s.groups);
  const std::string automatic = b.attributes().string_or("auto_pad", "NOTSET");
  s.window = read_window(b, spatial, kernel);
  const Dims extra = b.attributes().ints_or("output_padding", Dims(count, 0));
  const Dims wanted = b.attributes().ints_or("output_shape", {});
  Dims dims{src[0], s.outputs * s.groups};
  for (size_t i = 0; i < count; ++i) {
    const int64_t stride = s.window.strides[i];
    const int64_t reach = (kernel[i] - 1) * s.window.dilations[i] + 1;
    const int64_t full = (spatial[i] - 1) * stride + extra[i] + reach;
    const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
    if (!wanted.empty() || same) {
      const int64_t out = !wanted.empty() ? wanted[wanted.size() - count + i] : spatial[i] * stride;
      const int64_t total = std::max<int64_t>(0, full - out);
      const int64_t small = total / 2;
      s.window.pads_begin[i] = automatic == "SAME_UPPER" ? small : total - small;
      dims.push_back(out);
    } else {
      dims.push_back(full - s.window.pads_begin[i] - s.window.pads_end[i]);
    }
  }
  widen(s.window);
  s.in = three(spatial, 1);
  s.out = three(spatial_dims(dims), 1);
  build_plain(b, s, dims, true);
}

constexpr Row kRows[] = {
    {"Conv", check_convolution, build_convolution, 1},
    {"ConvTranspose", check_convolution, build_transposed, 1},
};

}  // namespace

std::span<const Row> convolution_rows() { return kRows; }

}  // namespace bp::opencl
