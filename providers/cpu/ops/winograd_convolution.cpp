// Steps that convolve by Winograd's algorithm, with what follows them.
#include "ops/winograd_convolution.hpp"

#include <algorithm>
#include <array>

#include "constants.hpp"
#include "fusion.hpp"
#include "kernels/winograd.hpp"
#include "kernels/winograd_weights.hpp"
#include "onednn_step.hpp"

namespace bp::cpu {

namespace {

enum Operand : size_t { kSrc, kWeights, kBias, kDst, kScratch, kFirstFinish };

ChannelStrides strides(const Dims& dims, Layout layout) {
  const int64_t area = dims[2] * dims[3];
  if (layout == Layout::kChannelsLast) return {area * dims[1], 16, dims[3] * dims[1], dims[1]};
  return {area * dims[1], area * 16, dims[3] * 16, 16};
}

// What the kernel does itself; false for what is left to other steps.
bool read_finish(const Builder& b, const FusedOp& op, const Dims& dims, WinogradFinish& finish) {
  using Kind = WinogradFinish::Kind;
  finish.alpha = op.alpha;
  finish.beta = op.beta;
  if (op.kind == FusedOp::Kind::kEltwise) {
    if (op.algorithm == dnnl::algorithm::eltwise_relu) {
      finish.kind = Kind::kRelu;
    } else if (op.algorithm == dnnl::algorithm::eltwise_clip) {
      finish.kind = Kind::kClip;
    } else if (op.algorithm == dnnl::algorithm::eltwise_linear) {
      finish.kind = Kind::kLinear;
    } else {
      return false;
    }
    return true;
  }
  if (op.kind != FusedOp::Kind::kBinary || b.value_dims(op.value) != dims) return false;
  finish.kind = op.algorithm == dnnl::algorithm::binary_add ? Kind::kAdd : Kind::kMultiply;
  return op.algorithm == dnnl::algorithm::binary_add || op.algorithm == dnnl::algorithm::binary_mul;
}

// Transformed once where they are constant, at every run where not.
Builder::Ref transformed_weights(Builder& b, const WinogradWeights& layout) {
  const uint32_t value = b.node().inputs[1];
  const auto bytes = static_cast<uint64_t>(layout.elements()) * sizeof(float);
  if (!b.is_constant(1)) {
    const Builder::Ref target = b.scratch_ref(bytes);
    Builder::RawStep step;
    step.operands = {b.read(value, Layout::kPlain), target};
    step.kernel = make_kernel(
        [layout](const Call& call) { transform_winograd_weights(layout, call.args[0], call.out<float>(1)); });
    step.name = "transform weights";
    step.implementation = "plain";
    step.nodes = {b.node_index()};
    b.raw_step(std::move(step));
    return target;
  }
  const uint64_t id = b.graph().values[value].constant_id;
  Constants& constants = b.constants();
  return b.packed_ref(text(id, "/winograd/", layout.tile), bytes, [=, &constants](void* target) {
    constants.with_bytes(id, [&](const HostTensor& source) {
      transform_winograd_weights(layout, source.data, static_cast<float*>(target));
    });
  });
}

}  // namespace

bool fits_winograd(const FloatConvolution& shapes) {
  const Window& window = shapes.window;
  return shapes.kind == ConvolutionKind::kDirect && window.kernel == Dims{3, 3} &&
         window.strides == Dims{1, 1} && window.dilations == Dims{1, 1} && shapes.weights_dims.size() == 4 &&
         shapes.src[1] % 16 == 0 && shapes.dst[1] % 16 == 0;
}

// Measured on AVX-512: an element of a transform costs about as much as 12 to 16 multiplications, one of the
// weights, which come from memory, as 8, of weights that are transformed at each run as 24.
double winograd_cost(const FloatConvolution& shapes, int tile, bool constant) {
  constexpr double kRead = 16, kWrite = 12;
  const double fetch = constant || tile == 0 ? 8 : 24;
  const auto inputs = static_cast<double>(shapes.src[1]);
  const auto outputs = static_cast<double>(shapes.dst[1]);
  const auto images = static_cast<double>(shapes.dst[0]);
  const auto count = [](int64_t size, int64_t step) { return static_cast<double>((size + step - 1) / step); };
  if (tile == 0) {
    const auto area = images * static_cast<double>(shapes.dst[2] * shapes.dst[3]);
    return 9 * inputs * outputs * (area + fetch);
  }
  const double tiles = images * count(shapes.dst[2], tile) * count(shapes.dst[3], tile);
  const double points = (tile + 2) * (tile + 2);
  return points * (inputs * outputs * (tiles + fetch) + tiles * (inputs * kRead + outputs * kWrite));
}

WinogradPlan winograd_plan(const FloatConvolution& shapes, int tile, Layout layout, int threads) {
  WinogradPlan plan;
  plan.tile = tile;
  plan.images = shapes.src[0];
  plan.channels = shapes.src[1];
  plan.height = shapes.src[2];
  plan.width = shapes.src[3];
  plan.outputs = shapes.dst[1];
  plan.out_height = shapes.dst[2];
  plan.out_width = shapes.dst[3];
  plan.pad_top = shapes.window.pads_begin[0];
  plan.pad_left = shapes.window.pads_begin[1];
  plan.src = strides(shapes.src, layout);
  plan.dst = strides(shapes.dst, layout);
  plan.threads = threads;
  return plan;
}

std::string winograd_name(int tile) { return text("winograd ", tile, "x", tile); }

void build_winograd(Builder& b, const FloatConvolution& shapes, int tile, Layout layout, std::string note) {
  WinogradPlan plan = winograd_plan(shapes, tile, layout, b.threads());
  FusedChain chain = find_chain(b, b.node().outputs[0], shapes.dst);
  size_t able = 0;
  while (able < chain.ops.size() && able < size_t{kMostWinogradFinishes} &&
         read_finish(b, chain.ops[able], shapes.dst, plan.finishes[able])) {
    ++able;
  }
  while (chain.ops.size() > able) chain.cut_last_node();
  ChainOperands operands;
  append_chain(b, chain, shapes.dst, shapes.dst, layout, operands);

  Builder::RawStep step;
  step.operands = {b.read(b.node().inputs[0], layout),
                   transformed_weights(b, {tile, plan.channels, plan.outputs}),
                   b.has_input(2) ? b.read(b.node().inputs[2], Layout::kPlain) : Builder::Ref{}};
  std::vector<Builder::Ref> extras;
  for (const FusedOp& op : chain.ops) {
    WinogradFinish& finish = plan.finishes[plan.finish_count++];
    if (op.kind != FusedOp::Kind::kBinary) continue;
    finish.operand = kFirstFinish + extras.size();
    extras.push_back(b.read(op.value, layout));
  }
  step.operands.push_back(finish_chain(b, chain, operands, shapes.dst, layout));
  step.operands.push_back(b.scratch_ref(plan.scratch_bytes()));
  step.operands.insert(step.operands.end(), extras.begin(), extras.end());
  step.kernel = make_kernel([plan](const Call& call) {
    run_winograd(plan, {call.in<float>(kSrc), call.in<float>(kWeights), call.in<float>(kBias),
                        call.out<float>(kDst), call.out<float>(kScratch), call.args});
  });
  step.name = step_name(b, chain);
  step.implementation = winograd_name(tile);
  step.note = std::move(note);
  step.nodes = step_nodes(b, chain);
  b.raw_step(std::move(step));
}

}  // namespace bp::cpu
