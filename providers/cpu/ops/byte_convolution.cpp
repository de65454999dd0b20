// oneDNN pads with zeros, the standard with the input's zero point: where that is another number the input is
// padded here, into channels-last memory.
#include "ops/byte_convolution.hpp"

#include <algorithm>
#include <cstring>

#include "byte_products.hpp"
#include "constants.hpp"

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

}  // namespace

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

std::vector<int32_t> sums_of_channels(const HostTensor& weights, const ConvolutionShapes& shapes) {
  const std::vector<int8_t> bytes = symmetric_bytes(weights);
  const auto depth = static_cast<size_t>(shapes.depth());
  std::vector<int32_t> sums(static_cast<size_t>(shapes.all_channels()), 0);
  for (size_t channel = 0; channel < sums.size(); ++channel) {
    for (size_t i = 0; i < depth; ++i) sums[channel] += bytes[channel * depth + i];
  }
  return sums;
}

Builder::Ref weight_sums(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes) {
  const uint64_t id = b.graph().values[b.node().inputs[at.w]].constant_id;
  Constants& constants = b.constants();
  const auto channels = static_cast<size_t>(shapes.all_channels());
  return b.packed_ref(text("sums/", id), channels * sizeof(int32_t), [=, &constants](void* target) {
    constants.with_bytes(id, [&](const HostTensor& source) {
      const std::vector<int32_t> sums = sums_of_channels(source, shapes);
      std::copy(sums.begin(), sums.end(), static_cast<int32_t*>(target));
    });
  });
}

bool byte_convolution(Builder& b, const ConvolutionInputs& at, const ConvolutionShapes& shapes, bool pads_zeros,
                      ByteConvolution* found) {
  if (!has_exact_byte_products() || !is_symmetric(b, at.w, at.w_zero)) return false;
  if (element_count(shapes.dims) == 0 || shapes.depth() == 0 || element_count(shapes.in) == 0) return false;
  found->padded = shapes.in;
  found->window = shapes.window;
  for (size_t i = 0; i < found->padded.size(); ++i) {
    if (shapes.window.pads_begin[i] < 0 || shapes.window.pads_end[i] < 0) return false;
    if (pads_zeros) continue;
    found->padded[i] += shapes.window.pads_begin[i] + shapes.window.pads_end[i];
    found->window.pads_begin[i] = found->window.pads_end[i] = 0;
  }
  Dims src_dims = {shapes.batches, shapes.channels * shapes.groups};
  src_dims.insert(src_dims.end(), found->padded.begin(), found->padded.end());
  found->weights = {shapes.out_channels, shapes.channels};
  if (shapes.groups > 1) found->weights.insert(found->weights.begin(), shapes.groups);
  found->weights.insert(found->weights.end(), shapes.window.kernel.begin(), shapes.window.kernel.end());
  found->src = layout_desc(src_dims, b.input_type(at.x), Layout::kChannelsLast);
  return true;
}

bool describe_bytes(const ByteConvolution& convolution, const dnnl::memory::desc* bias,
                    const dnnl::memory::desc& dst, const dnnl::primitive_attr& attributes,
                    Primitive* primitive) {
  try {
    *primitive = describe_convolution(ConvolutionKind::kDirect, convolution.src,
                                      any_desc(convolution.weights, Type::kInt8), bias, dst, convolution.window,
                                      attributes);
  } catch (const Error&) {
    return false;  // none for these shapes
  }
  return !primitive->implementation.starts_with("ref");
}

}  // namespace bp::cpu
