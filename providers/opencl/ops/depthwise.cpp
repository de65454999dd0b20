// Depthwise convolution in two dimensions on a processor.
#include <algorithm>
#include <optional>

#include "expression.hpp"
#include "ops/convolution.hpp"
#include "specialize.hpp"

namespace bp::opencl {

namespace {

constexpr int64_t kLongestRow = 1024;  // elements that lie on a work-item's stack

class DepthwiseRoot final : public Root {
 public:
  ConvolutionShapes shapes;
  Ref src, weights;
  std::optional<Ref> bias;

  void emit(Specializer& specializer, const Expression& expression, Ref output) const override {
    const Window& w = shapes.window;
    Launch launch("depthwise", "depthwise");
    launch.define("BP_KH", w.kernel[1]).define("BP_KW", w.kernel[2]);
    launch.define("BP_SY", w.strides[1]).define("BP_SX", w.strides[2]);
    launch.define("BP_DY", w.dilations[1]).define("BP_DX", w.dilations[2]);
    // Whole vectors, and what the last tap is shifted by; a multiple of 32, so that few kernels are compiled.
    const auto vectors = [](int64_t count) { return (count + 15) / 16 * 16; };
    const int64_t reach = (w.kernel[2] - 1) * w.dilations[2] / w.strides[2];
    const int64_t copied = w.strides[2] == 1 ? w.pads_begin[2] + vectors(shapes.in[2]) : 0;
    launch.define("BP_ROW", (std::max(vectors(shapes.out[2]) + reach, copied) + 31) / 32 * 32);
    launch.define("BP_START(x)", bias ? "(x)" : "0");
    launch.memory(src, sizeof(float)).memory(weights, sizeof(float));
    launch.memory(bias.value_or(Ref{}), sizeof(float)).memory(output, expression.type());
    launch.integer(shapes.groups);
    for (const int64_t number :
         {shapes.in[1], shapes.in[2], shapes.out[1], shapes.out[2], w.pads_begin[1], w.pads_begin[2]}) {
      launch.integer(number);
    }
    finish_with(launch, expression);
    launch.work(shapes.images * shapes.groups, 1);
    specializer.launch(std::move(launch));
  }
};

}  // namespace

bool fits_depthwise(const Builder& b, const ConvolutionShapes& shapes) {
  const Window& w = shapes.window;
  const bool flat = shapes.in[0] == 1 && shapes.out[0] == 1 && w.kernel[0] == 1;
  const bool padded = w.pads_begin[1] >= 0 && w.pads_begin[2] >= 0;
  return b.traits().is_cpu && shapes.channels == 1 && shapes.outputs == 1 && shapes.groups > 1 && flat &&
         padded && shapes.taps() <= 49 && shapes.out[2] <= kLongestRow && w.dilations[1] <= 4;
}

void build_depthwise(Builder& b, const ConvolutionShapes& shapes, const Dims& dims) {
  auto root = std::make_shared<DepthwiseRoot>();
  root->shapes = shapes;
  root->src = b.input(0);
  root->weights = b.input(1);
  if (b.has_input(2)) root->bias = b.input(2);
  b.root(dims, std::move(root));
}

}  // namespace bp::opencl
