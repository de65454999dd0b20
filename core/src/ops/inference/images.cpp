// Resize, GridSample, AffineGrid, ImageDecoder.
#include <algorithm>
#include <cmath>

#include "ops/inference/families.hpp"

namespace bp::inference {
namespace {

struct ResizePlan {
  std::vector<size_t> axes;
  std::optional<std::vector<float>> scales;
  std::optional<ShapeElements> sizes;
};

Result<ResizePlan> read_resize(const InferenceCall& call, size_t rank) {
  ResizePlan plan;
  if (const std::vector<int64_t>* axes = call.node.ints("axes")) {
    for (const int64_t axis : *axes) {
      BP_ASSIGN_OR_RETURN(const size_t checked, checked_axis(axis, rank));
      plan.axes.push_back(checked);
    }
  } else {
    for (size_t i = 0; i < rank; ++i) plan.axes.push_back(i);
  }
  // Upsample and the first Resize have scales at input 1, or as an attribute.
  const bool old_form = call.node.op_type == "Upsample" || call.node.inputs.size() == 2;
  plan.scales = call.floats(old_form ? 1 : 2);
  if (const Attribute* scales = call.node.find_attribute("scales")) {
    if (const auto* list = std::get_if<std::vector<float>>(&scales->value)) plan.scales = *list;
  }
  // An empty tensor is how older files omit the operand.
  if (plan.scales && plan.scales->empty()) plan.scales.reset();
  if (!plan.scales) plan.sizes = call.elements(3);
  if (plan.scales && plan.scales->size() != plan.axes.size()) {
    return inference_error("scales must have {} entries, has {}", plan.axes.size(), plan.scales->size());
  }
  if (plan.sizes && plan.sizes->size() != plan.axes.size()) {
    return inference_error("sizes must have {} entries, has {}", plan.axes.size(), plan.sizes->size());
  }
  return plan;
}

// A size computed in float; one that no tensor has is unknown.
Dim whole(float size) { return size >= 0 && size < 1e15F ? Dim::of(static_cast<int64_t>(size)) : Dim{}; }

// Sizes that keep the aspect ratio: one factor for all axes, the smallest or the largest that `sizes` asks for.
void keep_ratio(const Dims& in, const ResizePlan& plan, bool smallest, Dims& out) {
  float factor = 0;
  for (size_t i = 0; i < plan.axes.size(); ++i) {
    const Dim& dim = in[plan.axes[i]];
    if (!dim.known() || dim.size == 0 || !(*plan.sizes)[i].known()) {
      for (const size_t axis : plan.axes) out[axis] = Dim{};
      return;
    }
    const float wanted = static_cast<float>((*plan.sizes)[i].value) / static_cast<float>(dim.size);
    factor = i == 0 ? wanted : smallest ? std::min(factor, wanted) : std::max(factor, wanted);
  }
  for (const size_t axis : plan.axes) {
    out[axis] = whole(std::floor(factor * static_cast<float>(in[axis].size) + 0.5F));
  }
}

}  // namespace

Status resize(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const ResizePlan plan, read_resize(call, in->size()));
  Dims out = *in;
  for (size_t i = 0; i < plan.axes.size(); ++i) {
    Dim& dim = out[plan.axes[i]];
    if (plan.scales) {
      const float scale = (*plan.scales)[i];
      if (!(scale > 0)) return inference_error("scales has {} at {}", scale, i);
      if (dim.known()) {
        dim = whole(std::floor(static_cast<float>(dim.size) * scale));
      } else if (scale == std::floor(scale) && scale < 1e6F) {
        dim = call.math.mul(ShapeElement::of(dim), ShapeElement::of(static_cast<int64_t>(scale))).dim();
      } else {
        dim = {};
      }
    } else {
      dim = plan.sizes ? (*plan.sizes)[i].dim() : Dim{};
    }
  }
  const std::string policy = call.node.string_or("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && plan.sizes) keep_ratio(*in, plan, policy == "not_larger", out);
  call.set(0, call.element(0), std::move(out));
  return {};
}

// [N, C, in...] sampled at [N, out..., r] gives [N, C, out...].
Status grid_sample(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  const Dims* grid = call.dims(1);
  if (in == nullptr || grid == nullptr) return {};
  if (in->size() < 3) return inference_error("input 0 must have at least 3 dims, has {}", in->size());
  if (grid->size() != in->size())
    return inference_error("input 1 must have {} dims, has {}", in->size(), grid->size());
  Dims out{(*in)[0], (*in)[1]};
  out.insert(out.end(), grid->begin() + 1, grid->end() - 1);
  call.set(0, call.element(0), std::move(out));
  return {};
}

// size [N, C, (D,) H, W] gives [N, (D,) H, W, 2 or 3].
Status affine_grid(InferenceCall& call) {
  call.set(0, call.element(0));
  const auto size = call.elements(1);
  if (!size) return {};
  if (size->size() != 4 && size->size() != 5)
    return inference_error("input 1 must have 4 or 5 entries, has {}", size->size());
  Dims out{(*size)[0].dim()};
  for (size_t i = 2; i < size->size(); ++i) out.push_back((*size)[i].dim());
  out.push_back(Dim::of(static_cast<int64_t>(size->size()) - 2));
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status image_decoder(InferenceCall& call) {
  const bool gray = call.node.string_or("pixel_format", "RGB") == "Grayscale";
  call.set(0, ElementType::kUint8, {Dim{}, Dim{}, Dim::of(gray ? 1 : 3)});
  return {};
}

}  // namespace bp::inference
