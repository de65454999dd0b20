// Conv and ConvTranspose, 1 to 3 spatial dims, on oneDNN: blocked layouts where it prefers them, constant
// weights packed once, what follows fused as post-ops. Other types than float32: convolution_columns.
#include <algorithm>
#include <numeric>

#include "fusion.hpp"
#include "onednn_step.hpp"
#include "ops/convolution_columns.hpp"
#include "ops/phase_convolution.hpp"
#include "ops/table.hpp"
#include "ops/window.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

using dnnl::memory;

void check_convolution(Check& check) {
  check.required(0);
  check.required(1);
  for (size_t i = 0; i < 3; ++i) check.types(i, kFloats);
  // An input whose rank nobody knows yet has that of the weights.
  if (check.has_input(0) && check.input(0).has_rank) check.rank_between(0, 3, 5);
  check.rank_between(1, 3, 5);
  check.string_attribute("auto_pad", "NOTSET", {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"});
}

struct Shapes {
  ConvolutionKind kind = ConvolutionKind::kDirect;
  Dims src;
  Dims dst;
  Window window;
  memory::desc weights;  // row-major as the model has it
  Dims weights_dims;     // [G,] O, I, spatial
  int64_t output_channels = 0;
};

Shapes read_forward(Builder& b) {
  Shapes shapes;
  shapes.src = b.input_dims(0);
  const Dims& weights = b.input_dims(1);
  const int64_t groups = b.attributes().int_or("group", 1);
  if (weights.size() != shapes.src.size()) {
    b.fail(text("input 1 must have ", shapes.src.size(), " dims, has ", weights.size()));
  }
  if (groups < 1 || shapes.src[1] != weights[1] * groups || weights[0] % groups != 0) {
    b.fail(text("input ", dims_text(shapes.src), " and weights ", dims_text(weights), " do not fit group ",
                groups));
  }
  const Dims spatial = spatial_dims(shapes.src);
  const Dims kernel = b.attributes().ints_or("kernel_shape", spatial_dims(weights));
  if (kernel != spatial_dims(weights)) b.fail("kernel_shape differs from the weights' dims");
  shapes.window = read_window(b, spatial, kernel);
  shapes.output_channels = weights[0];
  shapes.dst = {shapes.src[0], weights[0]};
  const Dims out = window_output(b, spatial, shapes.window, false);
  shapes.dst.insert(shapes.dst.end(), out.begin(), out.end());
  shapes.weights_dims = weights;
  if (groups > 1) {
    shapes.weights_dims[0] /= groups;
    shapes.weights_dims.insert(shapes.weights_dims.begin(), groups);
  }
  shapes.weights = plain_desc(shapes.weights_dims, Type::kFloat32);
  return shapes;
}

// Pads of a transposed convolution follow from output_shape where that is given (ONNX: ConvTranspose).
void pads_for_output(const Builder& b, const Dims& spatial, const Dims& out_padding, Shapes& shapes) {
  Window& window = shapes.window;
  const Attributes& attributes = b.attributes();
  const std::string automatic = attributes.string_or("auto_pad", "NOTSET");
  Dims wanted = attributes.ints_or("output_shape", {});
  if (wanted.size() == spatial.size() + 2) wanted.erase(wanted.begin(), wanted.begin() + 2);
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t full = (spatial[i] - 1) * window.strides[i] + out_padding[i] +
                         (window.kernel[i] - 1) * window.dilations[i] + 1;
    if (wanted.empty() && !same) {
      shapes.dst.push_back(full - window.pads_begin[i] - window.pads_end[i]);
      continue;
    }
    if (!wanted.empty() && wanted.size() != spatial.size()) b.fail("output_shape has another rank");
    const int64_t out = wanted.empty() ? spatial[i] * window.strides[i] : wanted[i];
    // A larger output than the input reaches has zeros (and bias) at its end.
    const int64_t total = std::max<int64_t>(0, full - out);
    const int64_t small = total / 2;
    window.pads_begin[i] = automatic == "SAME_UPPER" ? small : total - small;
    window.pads_end[i] = total - window.pads_begin[i];
    shapes.dst.push_back(out);
  }
}

Shapes read_transposed(Builder& b) {
  Shapes shapes;
  shapes.kind = ConvolutionKind::kTransposed;
  shapes.src = b.input_dims(0);
  const Dims& weights = b.input_dims(1);  // [C, M / group, spatial]
  const int64_t groups = b.attributes().int_or("group", 1);
  if (weights.size() != shapes.src.size()) {
    b.fail(text("input 1 must have ", shapes.src.size(), " dims, has ", weights.size()));
  }
  if (groups < 1 || shapes.src[1] != weights[0] || weights[0] % groups != 0) {
    b.fail(text("input ", dims_text(shapes.src), " and weights ", dims_text(weights), " do not fit group ",
                groups));
  }
  const Dims spatial = spatial_dims(shapes.src);
  const Dims kernel = spatial_dims(weights);
  shapes.window.kernel = kernel;
  shapes.window.strides = b.attributes().ints_or("strides", Dims(spatial.size(), 1));
  shapes.window.dilations = b.attributes().ints_or("dilations", Dims(spatial.size(), 1));
  const Dims pads = b.attributes().ints_or("pads", Dims(2 * spatial.size(), 0));
  const Dims out_padding = b.attributes().ints_or("output_padding", Dims(spatial.size(), 0));
  if (shapes.window.strides.size() != spatial.size() || shapes.window.dilations.size() != spatial.size() ||
      pads.size() != 2 * spatial.size() || out_padding.size() != spatial.size()) {
    b.fail("strides, dilations, pads or output_padding have another rank than the input");
  }
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(spatial.size());
  shapes.window.pads_begin.assign(pads.begin(), middle);
  shapes.window.pads_end.assign(middle, pads.end());
  if (b.attributes().string_or("auto_pad", "NOTSET") == "VALID") {
    shapes.window.pads_begin.assign(spatial.size(), 0);
    shapes.window.pads_end.assign(spatial.size(), 0);
  }
  shapes.output_channels = weights[1] * groups;
  shapes.dst = {shapes.src[0], shapes.output_channels};
  pads_for_output(b, spatial, out_padding, shapes);
  // oneDNN checks that its own formula gives dst: what output_padding adds becomes less padding at the end.
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t plain =
        (spatial[i] - 1) * shapes.window.strides[i] + (kernel[i] - 1) * shapes.window.dilations[i] + 1;
    shapes.window.pads_end[i] = plain - shapes.window.pads_begin[i] - shapes.dst[i + 2];
  }
  // Memory order I, O/G, spatial, seen as [G,] O/G, I/G, spatial.
  const int64_t area = element_count(kernel);
  Dims& dims = shapes.weights_dims;
  Dims strides;
  if (groups > 1) {
    dims.push_back(groups);
    strides.push_back(weights[0] / groups * weights[1] * area);
  }
  dims.insert(dims.end(), {weights[1], weights[0] / groups});
  strides.insert(strides.end(), {area, weights[1] * area});
  int64_t stride = area;
  for (const int64_t extent : kernel) {
    stride /= std::max<int64_t>(extent, 1);
    dims.push_back(extent);
    strides.push_back(stride);
  }
  shapes.weights = strided_desc(dims, Type::kFloat32, strides);
  return shapes;
}

// How a convolution is done: algorithm and the layouts of its input and output.
struct Plan {
  ConvolutionKind kind = ConvolutionKind::kDirect;
  Layout src = Layout::kPlain;
  Layout dst = Layout::kPlain;
};

Primitive describe(const Shapes& shapes, ConvolutionKind kind, const memory::desc& src, const memory::desc& dst,
                   const memory::desc* bias, const dnnl::post_ops& post_ops) {
  return describe_convolution(kind, src, any_desc(shapes.weights_dims, Type::kFloat32), bias, dst,
                              shapes.window, attributes_with(post_ops));
}

// oneDNN's last resort, plain loops that are a hundred times slower than what it generates.
bool is_reference(const Primitive& primitive) { return primitive.implementation.starts_with("ref"); }

// Blocks of 16 channels that are at most a quarter air.
bool fills_blocks(int64_t channels) { return (channels + 15) / 16 * 16 * 3 <= channels * 4; }

// Descriptors that oneDNN chooses must be layouts that other steps understand; false otherwise.
bool try_plan(const Shapes& shapes, ConvolutionKind kind, const memory::desc& src, const memory::desc& dst,
              const memory::desc* bias, Plan* plan) {
  try {
    const Primitive found = describe(shapes, kind, src, dst, bias, {});
    plan->kind = kind;
    if (is_reference(found) || !find_layout(found.src, shapes.src, Type::kFloat32, &plan->src) ||
        !find_layout(found.dst, shapes.dst, Type::kFloat32, &plan->dst)) {
      return false;
    }
    // One channel lies the same way plain and channels last, but oneDNN has fast code only where it is called
    // what the other side is called.
    const bool one_in = shapes.src[1] == 1;
    const bool one_out = shapes.dst[1] == 1;
    if ((one_in || plan->src == Layout::kChannelsLast) && (one_out || plan->dst == Layout::kChannelsLast)) {
      plan->src = plan->dst = Layout::kChannelsLast;
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Winograd's F(2x2, 3x3) and F(4x4, 3x3) halve the time of wide 3x3 layers (measured on AVX-512, 64 to 512
// channels, 7x7 to 56x56); narrow ones lose it in the transforms.
bool suits_winograd(const Shapes& shapes) {
  constexpr int64_t kLeastChannels = 64;
  const Window& window = shapes.window;
  const Dims three(2, 3);
  return shapes.kind == ConvolutionKind::kDirect && window.kernel == three &&
         element_count(window.strides) == 1 && element_count(window.dilations) == 1 &&
         shapes.weights_dims.size() == 4 && shapes.src[1] >= kLeastChannels &&
         shapes.dst[1] >= kLeastChannels && shapes.src[1] % 16 == 0 && shapes.dst[1] % 16 == 0;
}

// Blocks of 16 channels where they are full enough: oneDNN's own first choice, channels last, is a little
// faster for dense layers and slower for depthwise ones, and has no Winograd. A network stays in one layout
// this way.
Plan choose_plan(const Builder& b, const Shapes& shapes, const memory::desc* bias) {
  Plan plan;
  const size_t rank = shapes.src.size();
  const bool grouped = shapes.weights_dims.size() > rank;
  const bool depthwise = grouped && shapes.weights_dims[1] == 1 && shapes.weights_dims[2] == 1;
  const bool first = shapes.src[1] <= 4 && !grouped;
  if ((!grouped || depthwise) && fills_blocks(shapes.dst[1]) && (first || fills_blocks(shapes.src[1]))) {
    const auto src = first ? any_desc(shapes.src, Type::kFloat32)
                           : layout_desc(shapes.src, Type::kFloat32, Layout::kBlocked16);
    const auto dst = layout_desc(shapes.dst, Type::kFloat32, Layout::kBlocked16);
    if (b.options().winograd && suits_winograd(shapes) &&
        try_plan(shapes, ConvolutionKind::kWinograd, src, dst, bias, &plan)) {
      return plan;
    }
    if (__builtin_cpu_supports("avx512f") && try_plan(shapes, shapes.kind, src, dst, bias, &plan)) return plan;
  }
  const auto src = any_desc(shapes.src, Type::kFloat32);
  const auto dst = any_desc(shapes.dst, Type::kFloat32);
  if (!try_plan(shapes, shapes.kind, src, dst, bias, &plan)) {
    plan = {};
    plan.kind = shapes.kind;
  }
  return plan;
}

void build(Builder& b, const Shapes& shapes) {
  const uint32_t output = b.node().outputs[0];
  if (element_count(shapes.dst) == 0) return b.output(0, shapes.dst);
  if (element_count(shapes.src) == 0 || element_count(shapes.weights_dims) == 0) {
    b.fail("an input without elements", BP_STATUS_UNSUPPORTED);
  }
  const bool has_bias = b.has_input(2);
  if (has_bias && b.input_dims(2) != Dims{shapes.output_channels}) {
    b.fail(text("bias must have dims [", shapes.output_channels, "], has ", dims_text(b.input_dims(2))));
  }
  if (b.input_type(0) != Type::kFloat32) {
    const bool transposed = shapes.kind == ConvolutionKind::kTransposed;
    return build_column_convolution(b, transposed, shapes.src, shapes.dst, shapes.window,
                                    b.attributes().int_or("group", 1));
  }
  const memory::desc bias = has_bias ? plain_desc({shapes.output_channels}, Type::kFloat32) : memory::desc();
  const memory::desc* bias_pointer = has_bias ? &bias : nullptr;

  const Plan plan = choose_plan(b, shapes, bias_pointer);
  const memory::desc src = layout_desc(shapes.src, Type::kFloat32, plan.src);
  const memory::desc dst = layout_desc(shapes.dst, Type::kFloat32, plan.dst);

  // The longest chain for which oneDNN has fast code; where it has not, what its last operation needs is left
  // to other steps.
  FusedChain chain = find_chain(b, output, shapes.dst);
  ChainOperands operands;
  Primitive primitive;
  while (true) {
    operands = {};
    try {
      append_chain(b, chain, shapes.dst, shapes.dst, plan.dst, operands);
      primitive = describe(shapes, plan.kind, src, dst, bias_pointer, operands.post_ops);
      if (chain.ops.empty() || !is_reference(primitive)) break;
      chain.cut_last_node();
    } catch (const Error&) {
      if (chain.ops.empty()) throw;
      chain.cut_last_node();
    }
  }

  OnednnStep step(b);
  step.add_input(DNNL_ARG_SRC, b.node().inputs[0], src, plan.src);
  step.add_packed(DNNL_ARG_WEIGHTS, b.node().inputs[1], shapes.weights, primitive.weights);
  if (has_bias) step.add_input(DNNL_ARG_BIAS, b.node().inputs[2], bias, Layout::kPlain);
  step.add_chain(operands);
  step.add(DNNL_ARG_DST, dst, finish_chain(b, chain, operands, shapes.dst, plan.dst));
  step.finish(primitive, step_name(b, chain), step_nodes(b, chain));
}

void build_forward(Builder& b) { build(b, read_forward(b)); }
void build_transposed(Builder& b) {
  const Shapes shapes = read_transposed(b);
  if (!build_phase_convolution(b, shapes.src, shapes.dst, shapes.window)) build(b, shapes);
}

constexpr Row kRows[] = {
    {"Conv", check_convolution, build_forward, 1, LayoutUse::kOwn},
    {"ConvTranspose", check_convolution, build_transposed, 1, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> convolution_rows() { return kRows; }

}  // namespace bp::cpu
