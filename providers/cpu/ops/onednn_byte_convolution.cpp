// Convolutions of bytes through oneDNN. It pads with zeros, the standard with the input's zero point: so the
// input is padded here, into channels-last memory, and what the zero point adds to every sum is the same for a
// channel.
#include <algorithm>
#include <cstring>

#include "byte_products.hpp"
#include "constants.hpp"
#include "onednn_step.hpp"
#include "ops/integer_convolution.hpp"

namespace bp::cpu {

namespace {

// [rows, channels, width] bytes or [rows, width, channels], of which every `row` belongs to a place in the
// padded image; rows are all spatial axes but the last, of all images.
struct Padding {
  Dims in;  // spatial
  Dims before;
  Dims padded;
  int64_t batches = 1;
  int64_t channels = 1;
  bool plain = true;  // the source lies row-major, else channels last
  ZeroPoint zero;
  int threads = 1;

  int64_t lines() const { return batches * element_count(padded) / std::max<int64_t>(padded.back(), 1); }

  // The source line of a padded line, -1 where all of it is padding.
  int64_t source_line(int64_t line) const {
    int64_t result = 0;
    int64_t stride = 1;
    for (size_t axis = padded.size() - 1; axis-- > 0;) {
      const int64_t at = line % padded[axis] - before[axis];
      line /= padded[axis];
      if (at < 0 || at >= in[axis]) return -1;
      result += at * stride;
      stride *= in[axis];
    }
    return line * stride + result;
  }

  void run(const uint8_t* source, uint8_t fill, uint8_t* target) const {
    const int64_t width = in.back();
    const int64_t left = before.back();
    const int64_t padded_width = padded.back();
    const int64_t image_lines = element_count(in) / std::max<int64_t>(width, 1);
    const int64_t total = lines() * padded_width * channels;
    parallel_for(threads, lines(), total, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        uint8_t* row = target + line * padded_width * channels;
        const int64_t from = source_line(line);
        if (from < 0) {
          std::memset(row, fill, static_cast<size_t>(padded_width * channels));
          continue;
        }
        std::memset(row, fill, static_cast<size_t>(left * channels));
        std::memset(row + (left + width) * channels, fill,
                    static_cast<size_t>((padded_width - left - width) * channels));
        uint8_t* inside = row + left * channels;
        if (!plain) {
          std::memcpy(inside, source + from * width * channels, static_cast<size_t>(width * channels));
          continue;
        }
        const int64_t image = from / image_lines;
        const uint8_t* first = source + (image * channels * image_lines + from % image_lines) * width;
        for (int64_t channel = 0; channel < channels; ++channel) {
          const uint8_t* numbers = first + channel * image_lines * width;
          for (int64_t i = 0; i < width; ++i) inside[i * channels + channel] = numbers[i];
        }
      }
    });
  }
};

// The input as channels-last memory with its padding in it.
Builder::Ref padded_source(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes,
                           const Dims& padded) {
  const uint32_t value = b.node().inputs[at.x];
  if (padded == shapes.in) return b.read(value, Layout::kChannelsLast);
  Padding padding;
  padding.in = shapes.in;
  padding.before = shapes.window.pads_begin;
  padding.padded = padded;
  padding.batches = shapes.batches;
  padding.channels = shapes.channels * shapes.groups;
  padding.plain = b.layout_of(value) != Layout::kChannelsLast;
  padding.zero = zero_point(b, at.x_zero);
  padding.threads = b.threads();
  const Builder::Ref target =
      b.scratch_ref(static_cast<uint64_t>(shapes.batches * padding.channels * element_count(padded)));
  Builder::RawStep step;
  step.operands = {
      b.read(value, padding.plain ? Layout::kPlain : Layout::kChannelsLast), target,
      b.has_input(at.x_zero) ? b.read(b.node().inputs[at.x_zero], Layout::kPlain) : Builder::Ref{}};
  step.kernel = make_kernel([padding](const Call& call) {
    const uint8_t fill = call.args[2] == nullptr ? uint8_t{0} : *call.in<uint8_t>(2);
    padding.run(call.in<uint8_t>(0), fill, call.out<uint8_t>(1));
  });
  step.name = "pad";
  step.implementation = "plain";
  step.nodes = {b.node_index()};
  b.raw_step(std::move(step));
  return target;
}

// Signed weights as the primitive wants them.
Builder::Ref packed_weights(Builder& b, const ConvolutionInputs& at, const dnnl::memory::desc& plain,
                            const dnnl::memory::desc& wanted) {
  const uint64_t id = b.graph().values[b.node().inputs[at.w]].constant_id;
  Constants& constants = b.constants();
  return b.packed_ref(text("bytes/", id, "/") + desc_key(wanted), wanted.get_size(),
                      [=, &constants](void* target) {
                        constants.with_bytes(id, [&](const HostTensor& source) {
                          const std::vector<int8_t> bytes = symmetric_bytes(source);
                          reorder_now(plain, bytes.data(), wanted, target);
                        });
                      });
}

// What each channel's weights add up to.
Builder::Ref weight_sums(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes) {
  const uint64_t id = b.graph().values[b.node().inputs[at.w]].constant_id;
  Constants& constants = b.constants();
  const auto channels = static_cast<size_t>(shapes.all_channels());
  const auto depth = static_cast<size_t>(shapes.depth());
  return b.packed_ref(text("sums/", id), channels * sizeof(int32_t), [=, &constants](void* target) {
    constants.with_bytes(id, [&](const HostTensor& source) {
      const std::vector<int8_t> bytes = symmetric_bytes(source);
      auto* sums = static_cast<int32_t*>(target);
      for (size_t channel = 0; channel < channels; ++channel) {
        sums[channel] = 0;
        for (size_t i = 0; i < depth; ++i) sums[channel] += bytes[channel * depth + i];
      }
    });
  });
}

// From the raw sums, channels last, to the output, which lies the same way.
void add_finish(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes, Builder::Ref raw,
                Builder::Ref sums_of_weights) {
  OwnStep step(b, shapes.dims, b.layout_of(b.node().inputs[at.x]), Layout::kChannelsLast);
  const size_t from = step.operand(raw);
  const size_t weights = step.operand(sums_of_weights);
  const int64_t channels = shapes.all_channels();
  const size_t offsets = step.scratch(static_cast<uint64_t>(channels) * sizeof(int32_t));
  const ZeroPoint zero = zero_point(b, at.x_zero);
  const bool has_bias = b.has_input(at.bias);
  const int64_t pixels = shapes.batches * shapes.pixels();
  const int threads = b.threads();
  const auto offsets_of = [=, bias = at.bias](const Call& call) {
    auto* list = call.out<int32_t>(offsets);
    const int32_t minus = zero.at(call, 0);
    const auto* sums = call.in<int32_t>(weights);
    for (int64_t i = 0; i < channels; ++i) {
      list[i] = wrapping_sum(has_bias ? call.in<int32_t>(bias)[i] : 0, -minus * sums[i]);
    }
    return static_cast<const int32_t*>(list);
  };
  if (!at.scaled) {
    step.run(
        [=, out = step.output()](const Call& call) {
          const int32_t* add = offsets_of(call);
          parallel_for(threads, pixels, pixels * channels, [&](int64_t begin, int64_t end) {
            for (int64_t pixel = begin; pixel < end; ++pixel) {
              const int32_t* source = call.in<int32_t>(from) + pixel * channels;
              int32_t* target = call.out<int32_t>(out) + pixel * channels;
              for (int64_t i = 0; i < channels; ++i) target[i] = wrapping_sum(source[i], add[i]);
            }
          });
        },
        "plain");
    return;
  }
  const OutputScales output(b, step, at.scales, 1, channels);
  step.run(
      [=, out = step.output()](const Call& call) {
        const int32_t* add = offsets_of(call);
        const OutputScales::Ready ready = output.make(call);
        parallel_for(threads, pixels, pixels * channels, [&](int64_t begin, int64_t end) {
          for (int64_t pixel = begin; pixel < end; ++pixel) {
            int32_t* sums = call.out<int32_t>(from) + pixel * channels;
            for (int64_t i = 0; i < channels; ++i) sums[i] = wrapping_sum(sums[i], add[i]);
            requantize(output.type(), sums, ready.scales, ready.step, ready.zero,
                       call.out<std::byte>(out) + pixel * channels, channels);
          }
        });
      },
      "plain");
}

}  // namespace

bool onednn_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes) {
  if (!has_exact_byte_products() || !is_symmetric(b, at.w, at.w_zero)) return false;
  if (element_count(shapes.dims) == 0 || shapes.depth() == 0 || element_count(shapes.in) == 0) return false;
  Dims padded = shapes.in;
  Window window = shapes.window;
  for (size_t i = 0; i < padded.size(); ++i) {
    if (window.pads_begin[i] < 0 || window.pads_end[i] < 0) return false;
    padded[i] += window.pads_begin[i] + window.pads_end[i];
    window.pads_begin[i] = window.pads_end[i] = 0;
  }
  Dims src_dims = {shapes.batches, shapes.channels * shapes.groups};
  src_dims.insert(src_dims.end(), padded.begin(), padded.end());
  Dims weight_dims = {shapes.out_channels, shapes.channels};
  if (shapes.groups > 1) weight_dims.insert(weight_dims.begin(), shapes.groups);
  weight_dims.insert(weight_dims.end(), window.kernel.begin(), window.kernel.end());
  const auto src = layout_desc(src_dims, b.input_type(at.x), Layout::kChannelsLast);
  const auto dst = layout_desc(shapes.dims, Type::kInt32, Layout::kChannelsLast);
  Primitive primitive;
  try {
    primitive = describe_convolution(ConvolutionKind::kDirect, src, any_desc(weight_dims, Type::kInt8), nullptr,
                                     dst, window, attributes_with({}));
  } catch (const Error&) {
    return false;  // none for these shapes
  }
  if (primitive.implementation.starts_with("ref")) return false;

  const Builder::Ref raw = b.scratch_ref(dst.get_size());
  OnednnStep step(b);
  step.add(DNNL_ARG_SRC, src, padded_source(b, at, shapes, padded));
  step.add(DNNL_ARG_WEIGHTS, primitive.weights,
           packed_weights(b, at, plain_desc(weight_dims, Type::kInt8), primitive.weights));
  step.add(DNNL_ARG_DST, dst, raw);
  step.finish(primitive, b.node().op_type, {b.node_index()});
  add_finish(b, at, shapes, raw, weight_sums(b, at, shapes));
  return true;
}

}  // namespace bp::cpu
