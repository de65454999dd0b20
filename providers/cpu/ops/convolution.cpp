// Conv and ConvTranspose, 1 to 3 spatial dims, on oneDNN: blocked layouts where it prefers them, constant
// weights packed once, what follows fused as post-ops. Other types than float32: convolution_columns.
#include <functional>
#include <iterator>
#include <vector>

#include "fusion.hpp"
#include "onednn_step.hpp"
#include "ops/convolution_candidates.hpp"
#include "ops/convolution_columns.hpp"
#include "ops/float_convolution.hpp"
#include "ops/phase_convolution.hpp"
#include "ops/table.hpp"
#include "ops/winograd_convolution.hpp"
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

// How a convolution is done: algorithm and the layouts of its input and output.
struct Plan {
  ConvolutionKind kind = ConvolutionKind::kDirect;
  Layout src = Layout::kPlain;
  Layout dst = Layout::kPlain;
};

Primitive describe(const FloatConvolution& shapes, ConvolutionKind kind, const memory::desc& src,
                   const memory::desc& dst, const memory::desc* bias, const dnnl::post_ops& post_ops) {
  return describe_convolution(kind, src, any_desc(shapes.weights_dims, Type::kFloat32), bias, dst,
                              shapes.window, attributes_with(post_ops));
}

// oneDNN's last resort, plain loops that are a hundred times slower than what it generates.
bool is_reference(const Primitive& primitive) { return primitive.implementation.starts_with("ref"); }

// Blocks of 16 channels that are at most half air: reordering costs more than that.
bool fills_blocks(int64_t channels) { return (channels + 15) / 16 * 16 <= channels * 2; }

// Descriptors that oneDNN chooses must be layouts that other steps understand; false otherwise.
bool try_plan(const FloatConvolution& shapes, ConvolutionKind kind, const memory::desc& src,
              const memory::desc& dst, const memory::desc* bias, Plan* plan) {
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

// What the rule is surer of than this is not timed in a quick tuning.
constexpr double kUnsure = 1.5;

// Winograd's tile that costs least, 0: the direct sum. `direct` does that, its result in `plan`'s layout.
int winograd_tile(Builder& b, const FloatConvolution& shapes, const Plan& plan,
                  const std::function<Primitive()>& direct, const memory::desc& bias, std::string* note) {
  if (!b.options().winograd || !fits_winograd(shapes)) return 0;
  constexpr int kTiles[] = {0, 2, 4};
  const bool constant = b.is_constant(1);
  const auto cost = [&](size_t way) { return winograd_cost(shapes, kTiles[way], constant); };
  size_t best = 0;
  for (const size_t way : {1, 2}) {
    if (cost(way) < cost(best)) best = way;
  }
  if (b.tuning().is_idle()) return kTiles[best];
  std::vector<Candidate> candidates;
  std::vector<int> tiles;
  size_t by_rule = 0;
  for (size_t way = 0; way < std::size(kTiles); ++way) {
    if (way == best) by_rule = candidates.size();
    if (b.tuning().mode() != TuningMode::kFull && cost(way) > cost(best) * kUnsure) continue;
    candidates.push_back(way == 0 ? onednn_candidate("direct", direct, bias)
                                  : winograd_candidate(shapes, kTiles[way], plan.src, b.threads()));
    tiles.push_back(kTiles[way]);
  }
  const std::string key = convolution_key(shapes, plan.src, bias.get_size() > 0, b.threads());
  const Choice choice = b.tuning().choose(key, candidates, by_rule);
  *note = choice.note;
  return tiles[choice.index];
}

// `preferred`: see layout_choice; blocks of 16 channels only where they are full enough, else what oneDNN
// takes. `found`: the layout in which the input lies; depthwise between others of channels last, it stays.
Plan choose_plan(const FloatConvolution& shapes, const memory::desc* bias, Layout preferred, Layout found) {
  Plan plan;
  const size_t rank = shapes.src.size();
  const bool grouped = shapes.weights_dims.size() > rank;
  const bool depthwise = grouped && shapes.weights_dims[1] == 1 && shapes.weights_dims[2] == 1;
  const bool first = shapes.src[1] <= 4 && !grouped;
  if (depthwise && found == Layout::kChannelsLast) {
    const auto src = layout_desc(shapes.src, Type::kFloat32, found);
    const auto dst = layout_desc(shapes.dst, Type::kFloat32, found);
    if (try_plan(shapes, shapes.kind, src, dst, bias, &plan)) return plan;
  }
  const bool blocks = preferred == Layout::kBlocked16 && (!grouped || depthwise);
  if (blocks && fills_blocks(shapes.dst[1]) && (first || fills_blocks(shapes.src[1]))) {
    const auto src = first ? any_desc(shapes.src, Type::kFloat32)
                           : layout_desc(shapes.src, Type::kFloat32, Layout::kBlocked16);
    const auto dst = layout_desc(shapes.dst, Type::kFloat32, Layout::kBlocked16);
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

void build(Builder& b, const FloatConvolution& model) {
  const FloatConvolution shapes = with_rows(model);
  const uint32_t output = b.node().outputs[0];
  if (element_count(model.dst) == 0) return b.output(0, model.dst);
  if (element_count(shapes.src) == 0 || element_count(shapes.weights_dims) == 0) {
    b.fail("an input without elements", BP_STATUS_UNSUPPORTED);
  }
  const bool has_bias = b.has_input(2);
  if (has_bias && b.input_dims(2) != Dims{shapes.output_channels}) {
    b.fail(text("bias must have dims [", shapes.output_channels, "], has ", dims_text(b.input_dims(2))));
  }
  if (b.input_type(0) != Type::kFloat32) {
    const bool transposed = shapes.kind == ConvolutionKind::kTransposed;
    return build_column_convolution(b, transposed, model.src, model.dst, model.window,
                                    b.attributes().int_or("group", 1));
  }
  const memory::desc bias = has_bias ? plain_desc({shapes.output_channels}, Type::kFloat32) : memory::desc();
  const memory::desc* bias_pointer = has_bias ? &bias : nullptr;

  const Plan plan = choose_plan(shapes, bias_pointer, b.convolution_layout(), b.layout_of(b.node().inputs[0]));
  const memory::desc src = layout_desc(shapes.src, Type::kFloat32, plan.src);
  const memory::desc dst = layout_desc(shapes.dst, Type::kFloat32, plan.dst);
  std::string note;
  if (plan.src == plan.dst && (plan.src == Layout::kBlocked16 || plan.src == Layout::kChannelsLast)) {
    const auto direct = [=] {
      return describe(shapes, plan.kind, src, dst, bias.get_size() > 0 ? &bias : nullptr, {});
    };
    const int tile = winograd_tile(b, shapes, plan, direct, bias, &note);
    if (tile != 0) return build_winograd(b, shapes, tile, plan.src, note);
  }

  // The longest chain for which oneDNN has fast code; where it has not, what its last operation needs is left
  // to other steps.
  FusedChain chain = find_chain(b, output, model.dst);
  ChainOperands operands;
  Primitive primitive;
  while (true) {
    operands = {};
    try {
      append_chain(b, chain, model.dst, shapes.dst, plan.dst, operands);
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
  step.add(DNNL_ARG_DST, dst, finish_chain(b, chain, operands, model.dst, plan.dst));
  step.finish(primitive, step_name(b, chain), step_nodes(b, chain), note);
}

void build_forward(Builder& b) { build(b, read_convolution(b)); }
void build_transposed(Builder& b) {
  const FloatConvolution shapes = read_transposed_convolution(b);
  if (!build_phase_convolution(b, shapes.src, shapes.dst, shapes.window)) build(b, shapes);
}

constexpr Row kRows[] = {
    {"Conv", check_convolution, build_forward, 1, LayoutUse::kOwn},
    {"ConvTranspose", check_convolution, build_transposed, 1, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> convolution_rows() { return kRows; }

}  // namespace bp::cpu
