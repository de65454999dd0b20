// ConvInteger and QLinearConv: exact 32-bit sums of products of bytes. The input becomes int16 from which the
// zero point is gone, so that padding is zeros, with channels last; rows copied from it are patches, and a
// convolution is a product of matrices.
#include <algorithm>
#include <utility>
#include <vector>

#include "constants.hpp"
#include "kernels/integer_product.hpp"
#include "kernels/strided_copy.hpp"
#include "ops/integer_convolution.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr ConvolutionInputs kPlainInputs{};
constexpr ConvolutionInputs kScaledInputs{0, 2, 3, 5, 8, true, {1, 4, 6, 7}};

constexpr int64_t kTileRows = 64;  // patches that one thread widens at a time

ConvolutionShapes read_shapes(Builder& b, const ConvolutionInputs& at) {
  const Dims& x = b.input_dims(at.x);
  const Dims& w = b.input_dims(at.w);
  ConvolutionShapes shapes;
  shapes.groups = b.attributes().int_or("group", 1);
  if (w.size() != x.size()) b.fail(text("input ", at.w, " must have ", x.size(), " dims, has ", w.size()));
  if (shapes.groups < 1 || x[1] != w[1] * shapes.groups || w[0] % shapes.groups != 0) {
    b.fail(text("input ", dims_text(x), " and weights ", dims_text(w), " do not fit group ", shapes.groups));
  }
  const Dims kernel = b.attributes().ints_or("kernel_shape", spatial_dims(w));
  if (kernel != spatial_dims(w)) b.fail("kernel_shape differs from the weights' dims");
  shapes.in = spatial_dims(x);
  shapes.window = read_window(b, shapes.in, kernel);
  shapes.out = window_output(b, shapes.in, shapes.window, false);
  shapes.batches = x[0];
  shapes.channels = w[1];
  shapes.out_channels = w[0] / shapes.groups;
  shapes.dims = {x[0], w[0]};
  shapes.dims.insert(shapes.dims.end(), shapes.out.begin(), shapes.out.end());
  return shapes;
}

// The input as int16 with its padding in it: [batches * groups, padded spatial..., channels].
struct PaddedImage {
  int64_t channels = 1;
  int64_t area = 1;  // of the source, per channel
  Dims in;
  Dims before;
  Dims padded;
  Dims steps;  // of the padded axes, in elements

  PaddedImage() = default;
  explicit PaddedImage(const ConvolutionShapes& shapes)
      : channels(shapes.channels), area(element_count(shapes.in)), in(shapes.in), padded(shapes.in) {
    for (size_t i = 0; i < in.size(); ++i) {
      before.push_back(std::max<int64_t>(shapes.window.pads_begin[i], 0));
      padded[i] += before[i] + std::max<int64_t>(shapes.window.pads_end[i], 0);
    }
    steps = row_major_strides(padded);
    for (int64_t& step : steps) step *= channels;
  }

  int64_t matrix_size() const { return element_count(padded) * channels; }
  int64_t lines() const { return element_count(Dims(padded.begin(), padded.end() - 1)); }  // of a matrix

  // Lines [begin, end) of all matrices.
  template <class T>
  void widen(const T* source, int32_t zero, int64_t begin, int64_t end, int16_t* target) const {
    const int64_t width = padded.back() * channels;
    for (int64_t line = begin; line < end; ++line) {
      int16_t* row = target + line * width;
      std::fill_n(row, width, int16_t{0});
      int64_t rest = line % lines();
      int64_t offset = 0;
      int64_t stride = in.back();
      bool inside = true;
      for (size_t i = in.size() - 1; i-- > 0;) {
        const int64_t at = rest % padded[i] - before[i];
        rest /= padded[i];
        inside = inside && at >= 0 && at < in[i];
        offset += at * stride;
        stride *= in[i];
      }
      if (!inside) continue;
      const T* from = source + line / lines() * channels * area + offset;
      for (int64_t channel = 0; channel < channels; ++channel, from += area) {
        int16_t* to = row + before.back() * channels + channel;
        for (int64_t x = 0; x < in.back(); ++x) to[x * channels] = static_cast<int16_t>(from[x] - zero);
      }
    }
  }
};

// Where a patch lies in the padded image: pieces of memory, taps outside and channels inside.
struct Patches {
  Dims out;
  Dims first;  // of the first patch, in elements, by axis
  Dims steps;  // from patch to patch
  std::vector<int64_t> pieces;
  int64_t piece = 0;  // elements

  Patches() = default;
  Patches(const ConvolutionShapes& shapes, const PaddedImage& image) : out(shapes.out) {
    const Window& window = shapes.window;
    const size_t last = out.size() - 1;
    for (size_t i = 0; i <= last; ++i) {
      first.push_back((image.before[i] - window.pads_begin[i]) * image.steps[i]);
      steps.push_back(window.strides[i] * image.steps[i]);
    }
    // Neighbouring taps of a line without gaps are one piece.
    const bool whole = window.dilations[last] == 1;
    const int64_t taps = whole ? window.kernel[last] : 1;
    piece = taps * shapes.channels;
    for (int64_t tap = 0; tap < shapes.taps(); tap += taps) {
      int64_t rest = tap;
      int64_t offset = 0;
      for (size_t i = last + 1; i-- > 0;) {
        offset += rest % window.kernel[i] * window.dilations[i] * image.steps[i];
        rest /= window.kernel[i];
      }
      pieces.push_back(offset);
    }
  }

  void copy(const int16_t* matrix, int64_t pixel, int16_t* row) const {
    for (size_t i = out.size(); i-- > 0;) {
      matrix += first[i] + pixel % out[i] * steps[i];
      pixel /= out[i];
    }
    for (const int64_t offset : pieces) {
      for (int64_t i = 0; i < piece; ++i) row[i] = matrix[offset + i];
      row += piece;
    }
  }
};

struct ConvolutionKernel {
  ConvolutionShapes shapes;
  ConvolutionInputs at;
  bool x_signed = false;
  bool w_signed = false;
  ZeroPoint x_zero;
  ZeroPoint w_zero;
  PaddedImage image;
  Patches patches_of;
  size_t widened = 0;  // the padded image
  size_t weights = 0;  // widened, [out channels of all groups, padded depth], channels inside
  bool once = false;   // by the program, not by every run
  size_t patches = 0;  // one tile for every thread
  int threads = 1;

  template <class ZeroAt>
  void widen_weights(const void* bytes, int64_t begin, int64_t end, int16_t* target, ZeroAt&& zero_of) const {
    const int64_t depth = shapes.depth();
    const int64_t taps = shapes.taps();
    const int64_t padded = padded_depth(depth);
    for (int64_t channel = begin; channel < end; ++channel) {
      int16_t* row = target + channel * padded;
      const int32_t zero = zero_of(channel);
      for (int64_t tap = 0; tap < taps; ++tap) {
        const int64_t start = channel * depth + tap;
        int16_t* to = row + tap * shapes.channels;
        if (w_signed) {
          widen_row(static_cast<const int8_t*>(bytes) + start, taps, shapes.channels, zero, shapes.channels,
                    to);
        } else {
          widen_row(static_cast<const uint8_t*>(bytes) + start, taps, shapes.channels, zero, shapes.channels,
                    to);
        }
      }
      std::fill(row + depth, row + padded, int16_t{0});
    }
  }

  void tile(const Call& call, int64_t batch, int64_t group, int64_t first, int64_t rows, int16_t* rows_at,
            int32_t* sums) const {
    const int64_t padded = padded_depth(shapes.depth());
    const int64_t matrix = batch * shapes.groups + group;
    const int16_t* source = call.in<int16_t>(widened) + matrix * image.matrix_size();
    for (int64_t i = 0; i < rows; ++i) {
      int16_t* row = rows_at + i * padded;
      patches_of.copy(source, first + i, row);
      std::fill(row + shapes.depth(), row + padded, int16_t{0});
    }
    IntegerProduct product;
    product.a = rows_at;
    product.b = call.in<int16_t>(weights) + group * shapes.out_channels * padded;
    product.rows = rows;
    product.columns = shapes.out_channels;
    product.depth = padded;
    product.sums = sums + matrix * shapes.out_channels * shapes.pixels() + first;
    product.row_stride = 1;
    product.column_stride = shapes.pixels();
    multiply(product);
  }

  // sums: [batches, out channels, pixels]
  void run(const Call& call, int32_t* sums) const {
    const int64_t all_channels = shapes.all_channels();
    if (!once) {
      parallel_for(threads, all_channels, all_channels * shapes.depth(), [&](int64_t begin, int64_t end) {
        widen_weights(call.args[at.w], begin, end, call.out<int16_t>(weights),
                      [&](int64_t channel) { return w_zero.at(call, channel); });
      });
    }
    const int64_t lines = shapes.batches * shapes.groups * image.lines();
    const int32_t zero = x_zero.at(call, 0);
    parallel_for(threads, lines, shapes.batches * shapes.groups * image.matrix_size(),
                 [&](int64_t begin, int64_t end) {
                   auto* target = call.out<int16_t>(widened);
                   x_signed ? image.widen(call.in<int8_t>(at.x), zero, begin, end, target)
                            : image.widen(call.in<uint8_t>(at.x), zero, begin, end, target);
                 });
    const int64_t pixels = shapes.pixels();
    const int64_t padded = padded_depth(shapes.depth());
    const int64_t tiles = (pixels + kTileRows - 1) / kTileRows;
    const int64_t tasks = shapes.batches * shapes.groups * tiles;
    const int64_t work = shapes.batches * all_channels * pixels * padded / 16;
    // As many pieces as there are tiles of patches to write to.
    parallel_for(threads, threads, work, [&](int64_t begin, int64_t end) {
      int16_t* rows_at = call.out<int16_t>(patches) + begin * kTileRows * padded;
      for (int64_t task = tasks * begin / threads; task < tasks * end / threads; ++task) {
        const int64_t first = task % tiles * kTileRows;
        const int64_t matrix = task / tiles;
        tile(call, matrix / shapes.groups, matrix % shapes.groups, first, std::min(kTileRows, pixels - first),
             rows_at, sums);
      }
    });
  }
};

ConvolutionKernel convolution_kernel(Builder& b, OwnStep& step, const ConvolutionInputs& at,
                                     ConvolutionShapes shapes) {
  ConvolutionKernel kernel;
  kernel.shapes = std::move(shapes);
  kernel.at = at;
  kernel.x_signed = b.input_type(at.x) == Type::kInt8;
  kernel.w_signed = b.input_type(at.w) == Type::kInt8;
  kernel.x_zero = zero_point(b, at.x_zero);
  kernel.w_zero = zero_point(b, at.w_zero);
  kernel.threads = b.threads();
  const int64_t channels = kernel.shapes.all_channels();
  if (kernel.x_zero.count != 1) b.fail(text("input ", at.x_zero, " must be one element"));
  if (kernel.w_zero.count != 1 && kernel.w_zero.count != channels) {
    b.fail(text("input ", at.w_zero, " must be one element or one for each of ", channels,
                " channels, has dims ", dims_text(b.input_dims(at.w_zero))));
  }
  const auto padded = static_cast<uint64_t>(padded_depth(kernel.shapes.depth()));
  const uint64_t bytes = static_cast<uint64_t>(channels) * padded * sizeof(int16_t);
  kernel.once = b.is_constant(at.w) && (!kernel.w_zero.present || b.is_constant(at.w_zero));
  if (kernel.once) {
    Constants& constants = b.constants();
    const auto id_of = [&](size_t index) { return b.graph().values[b.node().inputs[index]].constant_id; };
    const uint64_t id = id_of(at.w);
    std::vector<int32_t> zeros(static_cast<size_t>(kernel.w_zero.count), 0);
    if (kernel.w_zero.present) {
      const HostTensor& tensor = b.needed_value(at.w_zero);
      for (size_t i = 0; i < zeros.size(); ++i) {
        zeros[i] = kernel.w_zero.read(tensor.data, static_cast<int64_t>(i));
      }
    }
    const std::string zero_key = kernel.w_zero.present ? text(id_of(at.w_zero)) : std::string("none");
    kernel.weights = step.packed(text("taps/", id, "/", zero_key), bytes, [=, &constants](void* target) {
      constants.with_bytes(id, [&](const HostTensor& source) {
        kernel.widen_weights(source.data, 0, channels, static_cast<int16_t*>(target), [&](int64_t channel) {
          return zeros[zeros.size() == 1 ? 0 : static_cast<size_t>(channel)];
        });
      });
    });
  } else {
    kernel.weights = step.scratch(bytes);
  }
  kernel.image = PaddedImage(kernel.shapes);
  kernel.patches_of = Patches(kernel.shapes, kernel.image);
  const int64_t images = kernel.shapes.batches * kernel.shapes.groups;
  kernel.widened = step.scratch(static_cast<uint64_t>(images * kernel.image.matrix_size()) * sizeof(int16_t));
  kernel.patches = step.scratch(static_cast<uint64_t>(kernel.threads * kTileRows) * padded * sizeof(int16_t));
  return kernel;
}

void check_convolution(Check& check, const ConvolutionInputs& at) {
  check.required(at.x);
  check.required(at.w);
  for (const size_t input : {at.x, at.w, at.x_zero, at.w_zero}) check.types(input, kBytes);
  check_zero_point(check, at.x_zero, at.x);
  check_zero_point(check, at.w_zero, at.w);
  check.rank_between(at.x, 3, 5);
  check.rank_between(at.w, 3, 5);
  check.string_attribute("auto_pad", "NOTSET", {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"});
}

void check_conv_integer(Check& check) { check_convolution(check, kPlainInputs); }

void build_conv_integer(Builder& b) {
  ConvolutionShapes shapes = read_shapes(b, kPlainInputs);
  if (onednn_convolution(b, kPlainInputs, shapes)) return;
  OwnStep step(b, shapes.dims);
  const ConvolutionKernel kernel = convolution_kernel(b, step, kPlainInputs, std::move(shapes));
  step.run([kernel, out = step.output()](const Call& call) { kernel.run(call, call.out<int32_t>(out)); },
           "int16");
}

void check_qlinear_conv(Check& check) {
  for (size_t i = 0; i < 8; ++i) check.required(i);
  check_convolution(check, kScaledInputs);
  for (const size_t input : {1, 4, 6}) check.types(input, kFloat);
  check.types(7, kBytes);
  check.types(8, mask(Type::kInt32));
}

void build_qlinear_conv(Builder& b) {
  ConvolutionShapes shapes = read_shapes(b, kScaledInputs);
  const int64_t channels = shapes.all_channels();
  if (b.has_input(8) && b.input_dims(8) != Dims{channels}) {
    b.fail(text("bias must have dims [", channels, "], has ", dims_text(b.input_dims(8))));
  }
  if (quantized_convolution(b, kScaledInputs, shapes)) return;
  if (onednn_convolution(b, kScaledInputs, shapes)) return;
  OwnStep step(b, shapes.dims);
  const ConvolutionKernel kernel = convolution_kernel(b, step, kScaledInputs, std::move(shapes));
  const OutputScales output(b, step, kScaledInputs.scales, 1, channels);
  const int64_t count = element_count(kernel.shapes.dims);
  const int64_t pixels = kernel.shapes.pixels();
  const int64_t lines = pixels == 0 ? 0 : count / pixels;
  const size_t sums = step.scratch(static_cast<uint64_t>(count) * sizeof(int32_t));
  const bool has_bias = b.has_input(8);
  const int threads = b.threads();
  step.run(
      [=, out = step.output()](const Call& call) {
        kernel.run(call, call.out<int32_t>(sums));
        const OutputScales::Ready ready = output.make(call);
        parallel_for(threads, lines, count, [&](int64_t begin, int64_t end) {
          for (int64_t line = begin; line < end; ++line) {
            const int64_t channel = line % channels;
            int32_t* at = call.out<int32_t>(sums) + line * pixels;
            if (has_bias) {
              const int32_t bias = call.in<int32_t>(8)[channel];
              for (int64_t i = 0; i < pixels; ++i) at[i] = wrapping_sum(at[i], bias);
            }
            requantize(output.type(), at, ready.scales + channel * ready.step, 0, ready.zero,
                       call.out<std::byte>(out) + line * pixels, pixels);
          }
        });
      },
      "int16");
}

constexpr Row kRows[] = {
    {"ConvInteger", check_conv_integer, build_conv_integer, 10, LayoutUse::kOwn},
    {"QLinearConv", check_qlinear_conv, build_qlinear_conv, 10, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> integer_convolution_rows() { return kRows; }

}  // namespace bp::cpu
