// Output position o of an axis, shifted by the padding, is q = o + pad = j * stride + r with phase r. What
// reaches it are the inputs j - t with the weights r + stride * t: for each r a convolution over j.
#include "ops/phase_convolution.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "constants.hpp"
#include "onednn_step.hpp"

namespace bp::cpu {

namespace {

// One spatial axis; the default is an axis of one element.
struct Axis {
  int64_t in = 1;
  int64_t out = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t pad = 0;

  int64_t taps() const { return (kernel + stride - 1) / stride; }
  int64_t first() const { return pad / stride; }  // the first j, and how many
  int64_t count() const { return (out - 1 + pad) / stride - first() + 1; }
  int64_t pad_begin() const { return taps() - 1 - first(); }
  int64_t pad_end() const { return count() + taps() - 1 - in - pad_begin(); }
  // Where the results of phase r begin: output position of its first j, which may lie before 0.
  int64_t start(int64_t phase) const { return first() * stride + phase - pad; }
};

struct Shape {
  Axis y, x;
  int64_t batch = 0;
  int64_t channels_in = 0;
  int64_t channels = 0;
  int64_t channel_stride = 0;  // channels of one phase, rounded up to whole blocks
  bool has_y = false;

  int64_t phases() const { return y.stride * x.stride; }
  Dims with_spatial(int64_t first, int64_t second, int64_t height, int64_t width) const {
    return has_y ? Dims{first, second, height, width} : Dims{first, second, width};
  }
};

Axis read_axis(const Dims& src, const Dims& dst, const Window& window, size_t i) {
  return {src[i + 2], dst[i + 2], window.kernel[i], window.strides[i], window.pads_begin[i]};
}

// Zeros that fill up the phases may not cost more than the convolution itself.
bool suits(const Axis& axis) {
  return axis.pad >= 0 && axis.pad_begin() >= 0 && axis.pad_end() >= 0 &&
         axis.taps() * axis.stride * 2 <= axis.kernel * 3;
}

// [C, M, spatial] to [phases, M, C, taps], the taps backwards.
void split_weights(const Shape& shape, const void* from, float* to) {
  const int64_t taps_y = shape.y.taps();
  const int64_t taps_x = shape.x.taps();
  std::fill_n(to, shape.phases() * shape.channel_stride * shape.channels_in * taps_y * taps_x, 0.0F);
  for (int64_t c = 0; c < shape.channels_in; ++c) {
    for (int64_t m = 0; m < shape.channels; ++m) {
      for (int64_t ky = 0; ky < shape.y.kernel; ++ky) {
        for (int64_t kx = 0; kx < shape.x.kernel; ++kx) {
          const int64_t phase = ky % shape.y.stride * shape.x.stride + kx % shape.x.stride;
          const int64_t tap_y = taps_y - 1 - ky / shape.y.stride;
          const int64_t tap_x = taps_x - 1 - kx / shape.x.stride;
          const int64_t row = (phase * shape.channel_stride + m) * shape.channels_in + c;
          const int64_t at = ((c * shape.channels + m) * shape.y.kernel + ky) * shape.x.kernel + kx;
          std::memcpy(to + (row * taps_y + tap_y) * taps_x + tap_x, static_cast<const float*>(from) + at,
                      sizeof(float));
        }
      }
    }
  }
}

// The positions of one row that phase r fills: j from `begin` to `end`, the first of them at output `at`.
struct Run {
  int64_t begin, end, at;
};

Run run_of(const Axis& axis, int64_t phase) {
  const int64_t start = axis.start(phase);
  const int64_t begin = start >= 0 ? 0 : (-start + axis.stride - 1) / axis.stride;
  const int64_t end = std::min(axis.count(), (axis.out - start + axis.stride - 1) / axis.stride);
  return {begin, std::max(begin, end), start + begin * axis.stride};
}

// Blocks of 16 channels: [phases, blocks, jy, jx, 16] to [blocks, y, x, 16].
void place_blocks(const Shape& shape, const float* from, float* to, int threads) {
  constexpr int64_t kBlock = 16;
  const int64_t blocks = shape.channel_stride / kBlock;
  const int64_t rows = shape.y.count();
  const int64_t columns = shape.x.count();
  const int64_t planes = shape.batch * blocks;
  parallel_for(threads, planes, planes * shape.y.out * shape.x.out * kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      float* target = to + plane * shape.y.out * shape.x.out * kBlock;
      for (int64_t phase = 0; phase < shape.phases(); ++phase) {
        const int64_t source = (plane / blocks * shape.phases() + phase) * blocks + plane % blocks;
        const Run y = run_of(shape.y, phase / shape.x.stride);
        const Run x = run_of(shape.x, phase % shape.x.stride);
        for (int64_t j = y.begin; j < y.end; ++j) {
          const float* in = from + ((source * rows + j) * columns + x.begin) * kBlock;
          float* out = target + ((y.at + (j - y.begin) * shape.y.stride) * shape.x.out + x.at) * kBlock;
          for (int64_t i = x.begin; i < x.end; ++i, in += kBlock, out += shape.x.stride * kBlock) {
            std::memcpy(out, in, kBlock * sizeof(float));
          }
        }
      }
    }
  });
}

// Channels last to row-major: [jy, jx, phases, channels] to [channels, y, x].
void place_channels(const Shape& shape, const float* from, float* to, int threads) {
  const int64_t rows = shape.y.count();
  const int64_t columns = shape.x.count();
  const int64_t step = shape.phases() * shape.channel_stride;
  const int64_t count = shape.batch * rows;
  parallel_for(threads, count, shape.batch * shape.channels * shape.y.out * shape.x.out,
               [&](int64_t begin, int64_t end) {
                 for (int64_t index = begin; index < end; ++index) {
                   const int64_t n = index / rows;
                   const int64_t j = index % rows;
                   for (int64_t phase_y = 0; phase_y < shape.y.stride; ++phase_y) {
                     const Run y = run_of(shape.y, phase_y);
                     if (j < y.begin || j >= y.end) continue;
                     const int64_t row = y.at + (j - y.begin) * shape.y.stride;
                     for (int64_t channel = 0; channel < shape.channels; ++channel) {
                       float* out = to + ((n * shape.channels + channel) * shape.y.out + row) * shape.x.out;
                       for (int64_t phase_x = 0; phase_x < shape.x.stride; ++phase_x) {
                         const Run x = run_of(shape.x, phase_x);
                         const float* in = from + (index * columns + x.begin) * step +
                                           (phase_y * shape.x.stride + phase_x) * shape.channel_stride +
                                           channel;
                         for (int64_t i = 0; i < x.end - x.begin; ++i)
                           out[x.at + i * shape.x.stride] = in[i * step];
                       }
                     }
                   }
                 }
               });
}

// The part of a chain that needs only the element itself, which any place of the channels permits.
void keep_elementwise(FusedChain& chain) {
  const auto binary = [](const FusedOp& op) { return op.kind == FusedOp::Kind::kBinary; };
  while (std::any_of(chain.ops.begin(), chain.ops.end(), binary)) chain.cut_last_node();
}

struct Chosen {
  Primitive primitive;
  Layout src = Layout::kPlain;
};

// In `dst` layout with fast code; false where oneDNN has none.
bool choose(Builder& b, const Shape& shape, const Dims& src, const Dims& z, bool has_bias, Layout dst,
            const FusedChain& chain, Chosen& chosen) {
  Window window;
  window.kernel = {shape.x.taps()};
  window.pads_begin = {shape.x.pad_begin()};
  window.pads_end = {shape.x.pad_end()};
  if (shape.has_y) {
    window.kernel.insert(window.kernel.begin(), shape.y.taps());
    window.pads_begin.insert(window.pads_begin.begin(), shape.y.pad_begin());
    window.pads_end.insert(window.pads_end.begin(), shape.y.pad_end());
  }
  window.strides.assign(window.kernel.size(), 1);
  window.dilations = window.strides;
  const auto weights =
      any_desc(shape.with_spatial(z[1], src[1], shape.y.taps(), shape.x.taps()), Type::kFloat32);
  const auto bias = plain_desc({z[1]}, Type::kFloat32);
  ChainOperands operands;
  append_chain(b, chain, z, z, dst, operands);
  for (const Layout layout : {b.layout_of(b.node().inputs[0]), dst}) {
    try {
      chosen.src = layout;
      chosen.primitive =
          describe_convolution(ConvolutionKind::kDirect, layout_desc(src, Type::kFloat32, layout), weights,
                               has_bias ? &bias : nullptr, layout_desc(z, Type::kFloat32, dst), window,
                               attributes_with(operands.post_ops));
      if (!chosen.primitive.implementation.starts_with("ref")) return true;
    } catch (const Error&) {
    }
  }
  return false;
}

}  // namespace

bool build_phase_convolution(Builder& b, const Dims& src, const Dims& dst, const Window& window) {
  const size_t spatial = src.size() - 2;
  const bool has_bias = b.has_input(2);
  if (spatial > 2 || b.input_type(0) != Type::kFloat32 || !b.is_constant(1) ||
      (has_bias && !b.is_constant(2)) || b.attributes().int_or("group", 1) != 1 ||
      element_count(window.dilations) != 1 || element_count(src) == 0 || element_count(dst) == 0 ||
      (has_bias && b.input_dims(2) != Dims{dst[1]})) {
    return false;
  }
  Shape shape;
  shape.batch = src[0];
  shape.channels_in = src[1];
  shape.channels = dst[1];
  shape.has_y = spatial == 2;
  shape.x = read_axis(src, dst, window, spatial - 1);
  if (shape.has_y) shape.y = read_axis(src, dst, window, 0);
  if (!suits(shape.x) || !suits(shape.y)) return false;

  // Blocks that are at most a quarter air, as other convolutions have them.
  const int64_t whole = (shape.channels + 15) / 16 * 16;
  const bool blocked = whole * 3 <= shape.channels * 4;
  const Layout layout = blocked ? Layout::kBlocked16 : Layout::kChannelsLast;
  shape.channel_stride = blocked ? whole : shape.channels;
  const Dims z =
      shape.with_spatial(shape.batch, shape.phases() * shape.channel_stride, shape.y.count(), shape.x.count());

  FusedChain chain = find_chain(b, b.node().outputs[0], dst);
  keep_elementwise(chain);
  Chosen chosen;
  while (!choose(b, shape, src, z, has_bias, layout, chain, chosen)) {
    if (chain.ops.empty()) return false;
    chain.cut_last_node();
  }

  OnednnStep step(b);
  step.add_input(DNNL_ARG_SRC, b.node().inputs[0], layout_desc(src, Type::kFloat32, chosen.src), chosen.src);
  Constants& constants = b.constants();
  const uint64_t weights_id = b.graph().values[b.node().inputs[1]].constant_id;
  const auto wanted = chosen.primitive.weights;
  const auto plain =
      plain_desc(shape.with_spatial(z[1], src[1], shape.y.taps(), shape.x.taps()), Type::kFloat32);
  const std::string key =
      text("phases/", weights_id, "/", shape.x.stride, "/", shape.y.stride, "/") + desc_key(wanted);
  step.add(DNNL_ARG_WEIGHTS, wanted, b.packed_ref(key, wanted.get_size(), [=, &constants](void* target) {
    std::vector<float> split(plain.get_size() / sizeof(float));
    constants.with_bytes(weights_id,
                         [&](const HostTensor& from) { split_weights(shape, from.data, split.data()); });
    reorder_now(plain, split.data(), wanted, target);
  }));
  if (has_bias) {
    const uint64_t bias_id = b.graph().values[b.node().inputs[2]].constant_id;
    const auto fill = [=, &constants](void* target) {
      auto* to = static_cast<float*>(target);
      std::fill_n(to, z[1], 0.0F);
      constants.with_bytes(bias_id, [&](const HostTensor& from) {
        for (int64_t phase = 0; phase < shape.phases(); ++phase) {
          std::memcpy(to + phase * shape.channel_stride, from.data, from.size_bytes);
        }
      });
    };
    const std::string bias_key = text("phases/", bias_id, "/", shape.phases(), "/", shape.channel_stride);
    step.add(DNNL_ARG_BIAS, plain_desc({z[1]}, Type::kFloat32),
             b.packed_ref(bias_key, static_cast<uint64_t>(z[1]) * sizeof(float), fill));
  }
  ChainOperands operands;
  append_chain(b, chain, z, z, layout, operands);
  const auto z_desc = layout_desc(z, Type::kFloat32, layout);
  const Builder::Ref phases = b.scratch_ref(z_desc.get_size());
  step.add(DNNL_ARG_DST, z_desc, phases);
  step.finish(chosen.primitive, step_name(b, chain), step_nodes(b, chain));

  Builder::RawStep placing;
  placing.operands = {phases, finish_chain(b, chain, operands, dst, blocked ? layout : Layout::kPlain)};
  const int threads = b.threads();
  placing.kernel = make_kernel([shape, blocked, threads](const Call& call) {
    (blocked ? place_blocks : place_channels)(shape, call.in<float>(0), call.out<float>(1), threads);
  });
  placing.name = b.node().op_type;
  placing.implementation = "phases";
  placing.nodes = step_nodes(b, chain);
  b.raw_step(std::move(placing));
  return true;
}

}  // namespace bp::cpu
