// DeformConv: a convolution whose taps lie between the input's elements, moved by offsets; as columns of
// bilinear samples times the weights. Two spatial dims.
#include <algorithm>
#include <cmath>

#include "kernels/column_conv.hpp"
#include "ops/table.hpp"
#include "ops/window.hpp"

namespace bp::cpu {

namespace {

void check_deform(Check& check) {
  for (size_t i = 0; i < 5; ++i) {
    if (i < 3) check.required(i);
    check.types(i, kFloats);
  }
  check.rank_between(0, 4, 4);
}

struct Deform {
  int64_t in[2] = {0, 0};
  int64_t out[2] = {0, 0};
  int64_t kernel[2] = {1, 1};
  int64_t stride[2] = {1, 1};
  int64_t dilation[2] = {1, 1};
  int64_t pad[2] = {0, 0};
  int64_t channels = 1;  // of a group
  int64_t all_channels = 1;
  int64_t offset_groups = 1;

  int64_t taps() const { return kernel[0] * kernel[1]; }
  int64_t area() const { return in[0] * in[1]; }
  int64_t positions() const { return out[0] * out[1]; }
};

// The four neighbours of a sample and their weights; those outside have weight 0 at offset 0.
template <class C>
struct Sample {
  int64_t at[4];
  C weight[4];
};

template <class C>
Sample<C> find_sample(const Deform& what, C y, C x, C scale) {
  Sample<C> sample{};
  const C height = static_cast<C>(what.in[0]);
  const C width = static_cast<C>(what.in[1]);
  if (!(y > C(-1)) || !(x > C(-1)) || y >= height || x >= width) return sample;
  const C top = std::floor(y);
  const C left = std::floor(x);
  const C down = y - top;
  const C right = x - left;
  for (int corner = 0; corner < 4; ++corner) {
    const auto row = static_cast<int64_t>(top) + corner / 2;
    const auto column = static_cast<int64_t>(left) + corner % 2;
    if (row < 0 || row >= what.in[0] || column < 0 || column >= what.in[1]) continue;
    sample.at[corner] = row * what.in[1] + column;
    sample.weight[corner] = scale * (corner / 2 == 1 ? down : 1 - down) * (corner % 2 == 1 ? right : 1 - right);
  }
  return sample;
}

// x: planes of one image; offsets: [offset groups, taps, 2, positions]; mask: [offset groups, taps, positions].
template <class T>
void fill_columns(const Deform& what, const T* x, const T* offsets, const T* mask, int64_t group,
                  int64_t position, int64_t count, Compute<T>* panel, int64_t width) {
  using C = Compute<T>;
  const int64_t per_offset_group = what.all_channels / what.offset_groups;
  const int64_t first = group * what.channels;
  for (int64_t tap = 0; tap < what.taps(); ++tap) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t place = position + i;
      const int64_t oy =
          place / what.out[1] * what.stride[0] - what.pad[0] + tap / what.kernel[1] * what.dilation[0];
      const int64_t ox =
          place % what.out[1] * what.stride[1] - what.pad[1] + tap % what.kernel[1] * what.dilation[1];
      Sample<C> sample{};
      int64_t sampled = -1;
      for (int64_t c = 0; c < what.channels; ++c) {
        const int64_t og = (first + c) / per_offset_group;
        if (og != sampled) {
          const int64_t at = og * what.taps() + tap;
          const C dy = static_cast<C>(offsets[2 * at * what.positions() + place]);
          const C dx = static_cast<C>(offsets[(2 * at + 1) * what.positions() + place]);
          const C scale = mask == nullptr ? C(1) : static_cast<C>(mask[at * what.positions() + place]);
          sample = find_sample<C>(what, static_cast<C>(oy) + dy, static_cast<C>(ox) + dx, scale);
          sampled = og;
        }
        const T* plane = x + (first + c) * what.area();
        C sum = C(0);
        for (int corner = 0; corner < 4; ++corner) {
          if (sample.weight[corner] != C(0))
            sum += sample.weight[corner] * static_cast<C>(plane[sample.at[corner]]);
        }
        panel[(c * what.taps() + tap) * width + i] = sum;
      }
    }
  }
}

Deform read_deform(Builder& b, ColumnConvolution& columns, Dims& dst) {
  const Dims& src = b.input_dims(0);
  const Dims& weights = b.input_dims(1);
  const int64_t groups = b.attributes().int_or("group", 1);
  if (weights.size() != 4) b.fail(text("input 1 must have 4 dims, has ", weights.size()));
  if (groups < 1 || src[1] != weights[1] * groups || weights[0] % groups != 0) {
    b.fail(text("input ", dims_text(src), " and weights ", dims_text(weights), " do not fit group ", groups));
  }
  const Dims kernel = b.attributes().ints_or("kernel_shape", spatial_dims(weights));
  if (kernel != spatial_dims(weights)) b.fail("kernel_shape differs from the weights' dims");
  const Window window = read_window(b, spatial_dims(src), kernel);
  const Dims out = window_output(b, spatial_dims(src), window, false);
  Deform what;
  for (size_t d = 0; d < 2; ++d) {
    what.in[d] = src[d + 2];
    what.out[d] = out[d];
    what.kernel[d] = kernel[d];
    what.stride[d] = window.strides[d];
    what.dilation[d] = window.dilations[d];
    what.pad[d] = window.pads_begin[d];
  }
  what.channels = weights[1];
  what.all_channels = src[1];
  what.offset_groups = b.attributes().int_or("offset_group", 1);
  if (what.offset_groups < 1 || src[1] % what.offset_groups != 0) {
    b.fail(text(src[1], " channels do not fit offset_group ", what.offset_groups));
  }
  dst = {src[0], weights[0], out[0], out[1]};
  const auto expect = [&](size_t input, const Dims& dims) {
    if (!b.has_input(input) || b.input_dims(input) == dims) return;
    b.fail(
        text("input ", input, " must have dims ", dims_text(dims), ", has ", dims_text(b.input_dims(input))));
  };
  expect(2, {src[0], what.offset_groups * what.taps() * 2, out[0], out[1]});
  expect(3, {weights[0]});
  expect(4, {src[0], what.offset_groups * what.taps(), out[0], out[1]});
  columns = {src[0], groups, weights[0] / groups, what.channels * what.taps(), out[0] * out[1], b.threads()};
  return what;
}

void build_deform(Builder& b) {
  ColumnConvolution columns;
  Dims dst;
  const Deform what = read_deform(b, columns, dst);
  b.output(0, dst);
  const bool has_bias = b.has_input(3);
  const bool has_mask = b.has_input(4);
  const size_t out = b.input_count();
  const int64_t weights = columns.groups * columns.rows * columns.depth;
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    const size_t scratch = b.scratch(static_cast<uint64_t>(column_scratch_elements<T>(columns)) * sizeof(C));
    const size_t converted = b.scratch(std::is_same_v<T, C> ? 0 : static_cast<uint64_t>(weights) * sizeof(C));
    b.run(
        [=](const Call& call) {
          const C* w = nullptr;
          if constexpr (std::is_same_v<T, C>) {
            w = call.in<C>(1);
          } else {
            for (int64_t i = 0; i < weights; ++i) call.out<C>(converted)[i] = static_cast<C>(call.in<T>(1)[i]);
            w = call.in<C>(converted);
          }
          const T* bias = has_bias ? call.in<T>(3) : nullptr;
          const int64_t taps = what.offset_groups * what.taps() * what.positions();
          run_columns<T>(columns, w, bias, call.out<T>(out), call.out<C>(scratch),
                         [&](int64_t n, int64_t g, int64_t position, int64_t count, C* panel, int64_t width) {
                           const T* mask = has_mask ? call.in<T>(4) + n * taps : nullptr;
                           fill_columns<T>(what, call.in<T>(0) + n * what.all_channels * what.area(),
                                           call.in<T>(2) + n * 2 * taps, mask, g, position, count, panel,
                                           width);
                         });
        },
        "columns");
  });
}

constexpr Row kRows[] = {
    {"DeformConv", check_deform, build_deform, 19},
};

}  // namespace

std::span<const Row> deform_rows() { return kRows; }

}  // namespace bp::cpu
