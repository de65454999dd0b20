// Convolutions of zeros by zeros.
#include "ops/convolution_candidates.hpp"

#include <cstring>
#include <memory>
#include <unordered_map>

#include "kernels/winograd.hpp"
#include "kernels/winograd_weights.hpp"
#include "ops/winograd_convolution.hpp"

namespace bp::cpu {

namespace {

struct OnednnTrial {
  dnnl::primitive primitive;
  dnnl::stream stream{cpu_engine()};
  std::unordered_map<int, dnnl::memory> memories;

  void add(int id, const dnnl::memory::desc& desc) {
    if (desc.get_size() == 0) return;
    const dnnl::memory memory(desc, cpu_engine());
    std::memset(memory.get_data_handle(), 0, desc.get_size());
    memories.emplace(id, memory);
  }
};

}  // namespace

Candidate onednn_candidate(std::string name, std::function<Primitive()> describe,
                           const dnnl::memory::desc& bias) {
  return {std::move(name), [describe = std::move(describe), bias]() -> std::function<void()> {
            const Primitive primitive = describe();
            const auto trial = std::make_shared<OnednnTrial>();
            trial->primitive = primitive.make();
            trial->add(DNNL_ARG_SRC, primitive.src);
            trial->add(DNNL_ARG_WEIGHTS, primitive.weights);
            trial->add(DNNL_ARG_BIAS, bias);
            trial->add(DNNL_ARG_DST, primitive.dst);
            trial->add(DNNL_ARG_SCRATCHPAD, primitive.scratchpad);
            return [trial] { trial->primitive.execute(trial->stream, trial->memories); };
          }};
}

Candidate winograd_candidate(const FloatConvolution& shapes, int tile, Layout layout, int threads) {
  const WinogradPlan plan = winograd_plan(shapes, tile, layout, threads);
  return {
      winograd_name(tile), [plan]() -> std::function<void()> {
        const auto numbers = [](uint64_t count) { return std::make_shared<std::vector<float>>(count); };
        const auto src = numbers(static_cast<uint64_t>(plan.images * plan.src.image));
        const auto dst = numbers(static_cast<uint64_t>(plan.images * plan.dst.image));
        const WinogradWeights layout_of_weights{plan.tile, plan.channels, plan.outputs};
        const auto weights = numbers(static_cast<uint64_t>(layout_of_weights.elements()));
        const auto scratch = numbers(plan.scratch_bytes() / sizeof(float));
        return [=] {
          run_winograd(plan, {src->data(), weights->data(), nullptr, dst->data(), scratch->data(), nullptr});
        };
      }};
}

std::string convolution_key(const FloatConvolution& shapes, Layout layout, bool bias, int threads) {
  const Window& window = shapes.window;
  return text("conv ", dims_text(shapes.src), " by ", dims_text(shapes.weights_dims), " strides ",
              dims_text(window.strides), " dilations ", dims_text(window.dilations), " pads ",
              dims_text(window.pads_begin), dims_text(window.pads_end), bias ? " bias" : "", " layout ",
              static_cast<int>(layout), " threads ", threads);
}

}  // namespace bp::cpu
