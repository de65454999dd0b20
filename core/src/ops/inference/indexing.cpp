// Gather and its kin, Transpose, Squeeze, Unsqueeze, TopK, OneHot, Shape, Size, DepthToSpace, SpaceToDepth,
// NonZero.
#include <algorithm>
#include <cmath>

#include "ops/inference/families.hpp"

namespace bp::inference {

Status gather(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* data = call.dims(0);
  const Dims* indices = call.dims(1);
  if (data == nullptr || indices == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", 0), data->size()));
  Dims out(data->begin(), data->begin() + static_cast<int64_t>(axis));
  out.insert(out.end(), indices->begin(), indices->end());
  out.insert(out.end(), data->begin() + static_cast<int64_t>(axis) + 1, data->end());
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status gather_elements(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* data = call.dims(0);
  const Dims* indices = call.dims(1);
  if (indices == nullptr) return {};
  if (data != nullptr && data->size() != indices->size()) {
    return inference_error("input 1 must have {} dims, has {}", data->size(), indices->size());
  }
  call.set(0, call.element(0), *indices);
  return {};
}

Status gather_nd(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* data = call.dims(0);
  const Dims* indices = call.dims(1);
  if (data == nullptr || indices == nullptr || indices->empty() || !indices->back().known()) return {};
  const auto rank = static_cast<int64_t>(data->size());
  const int64_t batch_dims = call.node.int_or("batch_dims", 0);
  if (batch_dims < 0 || batch_dims >= rank) {
    return inference_error("attribute 'batch_dims' must be in [0, {}), is {}", rank, batch_dims);
  }
  const int64_t skip = std::min(indices->back().size, rank + 1) + batch_dims;
  if (skip > rank) {
    return inference_error("the last dim of input 1 must be at most {}, is {}", data->size(),
                           indices->back().size);
  }
  Dims out(indices->begin(), indices->end() - 1);
  out.insert(out.end(), data->begin() + skip, data->end());
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status transpose(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const std::vector<int64_t>* order = call.node.ints("perm");
  if (order == nullptr) {
    call.set(0, call.element(0), Dims(in->rbegin(), in->rend()));
    return {};
  }
  if (order->size() != in->size())
    return inference_error("perm must have {} entries, has {}", in->size(), order->size());
  Dims out;
  std::vector<bool> used(in->size(), false);
  for (const int64_t axis : *order) {
    BP_ASSIGN_OR_RETURN(const size_t from, checked_axis(axis, in->size()));
    if (used[from]) return inference_error("perm names axis {} twice", axis);
    used[from] = true;
    out.push_back((*in)[from]);
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

namespace {

// The axes operand as marks; empty optional when it is not known.
Result<std::optional<std::vector<bool>>> axis_marks(const std::optional<std::vector<int64_t>>& axes,
                                                    size_t rank) {
  if (!axes) return std::optional<std::vector<bool>>();
  std::vector<bool> marks(rank, false);
  for (const int64_t axis : *axes) {
    BP_ASSIGN_OR_RETURN(const size_t checked, checked_axis(axis, rank));
    if (marks[checked]) return inference_error("axis {} is named twice", axis);
    marks[checked] = true;
  }
  return std::optional(std::move(marks));
}

}  // namespace

Status squeeze(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const auto axes = call.int_operand(1, "axes");
  Dims out;
  if (!axes.stated) {
    for (const Dim& dim : *in) {
      if (!dim.known()) return {};  // which dims are 1 is not known
      if (dim.size != 1) out.push_back(dim);
    }
  } else {
    BP_ASSIGN_OR_RETURN(const auto marks, axis_marks(axes.values, in->size()));
    if (!marks) return {};
    for (size_t i = 0; i < in->size(); ++i) {
      if (!(*marks)[i]) {
        out.push_back((*in)[i]);
      } else if ((*in)[i].known() && (*in)[i].size != 1) {
        return inference_error("dim {} is {}, only 1 can be squeezed", i, (*in)[i].size);
      }
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status unsqueeze(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (const Dims* dims = call.dims(1); dims != nullptr && dims->size() > 1)
    return inference_error("input 1 must have 1 dim, has {}", dims->size());
  const auto axes = call.int_operand(1, "axes").values;
  if (in == nullptr || !axes) return {};
  BP_ASSIGN_OR_RETURN(const auto marks, axis_marks(axes, in->size() + axes->size()));
  Dims out;
  size_t next = 0;
  for (const bool fresh : *marks) out.push_back(fresh ? Dim::of(1) : (*in)[next++]);
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status top_k(InferenceCall& call) {
  call.set(0, call.element(0));
  call.set(1, ElementType::kInt64);
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", -1), in->size()));
  auto k = call.elements(1);
  if (!call.has(1) && call.node.find_attribute("k") != nullptr)
    k = ShapeElements{ShapeElement::of(call.node.int_or("k", 1))};
  Dims out = *in;
  out[axis] = k && k->size() == 1 ? k->front().dim() : Dim{};
  if (out[axis].known() && (*in)[axis].known() && out[axis].size > (*in)[axis].size) {
    return inference_error("k is {}, axis {} has {} entries", out[axis].size, axis, (*in)[axis].size);
  }
  call.set(0, call.element(0), out);
  call.set(1, ElementType::kInt64, std::move(out));
  return {};
}

// indices, depth, values: a dim of `depth` put in at `axis`.
Status one_hot(InferenceCall& call) {
  call.set(0, call.element(2));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", -1), in->size() + 1));
  Dim depth;
  if (const auto whole = call.elements(1); whole && whole->size() == 1) depth = whole->front().dim();
  if (const auto real = call.floats(1);
      real && real->size() == 1 && real->front() >= 0 && real->front() < 1e15F) {
    depth = Dim::of(static_cast<int64_t>(real->front()));
  }
  Dims out = *in;
  out.insert(out.begin() + static_cast<int64_t>(axis), depth);
  call.set(0, call.element(2), std::move(out));
  return {};
}

Status shape(InferenceCall& call) {
  call.set(0, ElementType::kInt64, {Dim{}});
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const auto rank = static_cast<int64_t>(in->size());
  const auto clamp = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t count = clamp(call.node.int_or("end", rank)) - clamp(call.node.int_or("start", 0));
  call.set(0, ElementType::kInt64, {Dim::of(std::max<int64_t>(count, 0))});
  return {};
}

Status size(InferenceCall& call) {
  call.set(0, ElementType::kInt64, {});
  return {};
}

namespace {

// Moves factors of the block size between the channels and the two spatial dims.
Status move_blocks(InferenceCall& call, bool to_space) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  const int64_t block = call.node.int_or("blocksize", 0);
  if (block < 1) return inference_error("attribute 'blocksize' must be at least 1, is {}", block);
  if (in == nullptr) return {};
  if (in->size() != 4) return inference_error("input 0 must have 4 dims, has {}", in->size());
  const ShapeElement side = ShapeElement::of(block);
  const ShapeElement area = call.math.mul(side, side);
  const auto grow = [&](const Dim& dim, const ShapeElement& by) {
    return call.math.mul(ShapeElement::of(dim), by).dim();
  };
  const auto shrink = [&](const Dim& dim, const ShapeElement& by) -> Result<Dim> {
    if (dim.known() && dim.size % by.value != 0)
      return inference_error("a dim of input 0 is {}, no multiple of {}", dim.size, by.value);
    return call.math.exact_div(ShapeElement::of(dim), by).dim();
  };
  Dims out = *in;
  if (to_space) {
    BP_ASSIGN_OR_RETURN(out[1], shrink((*in)[1], area));
    out[2] = grow((*in)[2], side);
    out[3] = grow((*in)[3], side);
  } else {
    out[1] = grow((*in)[1], area);
    BP_ASSIGN_OR_RETURN(out[2], shrink((*in)[2], side));
    BP_ASSIGN_OR_RETURN(out[3], shrink((*in)[3], side));
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

}  // namespace

Status depth_to_space(InferenceCall& call) { return move_blocks(call, true); }
Status space_to_depth(InferenceCall& call) { return move_blocks(call, false); }

// Boxes chosen: rows of (batch, class, box).
Status non_max_suppression(InferenceCall& call) {
  call.set(0, ElementType::kInt64, {Dim{}, Dim::of(3)});
  return {};
}

// Entries of one axis, or of the flattened input, where the condition holds.
Status compress(InferenceCall& call) {
  call.set(0, call.element(0));
  if (const Dims* condition = call.dims(1); condition != nullptr && condition->size() != 1)
    return inference_error("input 1 must have 1 dim, has {}", condition->size());
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  if (call.node.find_attribute("axis") == nullptr) {
    call.set(0, call.element(0), {Dim{}});
    return {};
  }
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", 0), in->size()));
  Dims out = *in;
  out[axis] = {};
  call.set(0, call.element(0), std::move(out));
  return {};
}

// X [N, C, H, W], rois [R, 4]: [R, C, output_height, output_width].
Status roi_align(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  const Dims* rois = call.dims(1);
  if (in == nullptr || rois == nullptr) return {};
  if (in->size() != 4) return inference_error("input 0 must have 4 dims, has {}", in->size());
  if (rois->size() != 2) return inference_error("input 1 must have 2 dims, has {}", rois->size());
  const auto side = [&](const char* name) {
    const int64_t size = call.node.int_or(name, 1);
    return size >= 0 ? Dim::of(size) : Dim{};
  };
  call.set(0, call.element(0), {(*rois)[0], (*in)[1], side("output_height"), side("output_width")});
  return {};
}

Status eye_like(InferenceCall& call) {
  const auto stated = static_cast<ElementType>(call.node.int_or("dtype", 0));
  BP_RETURN_IF_ERROR(same_as_first(call));
  if (stated != ElementType::kUndefined && !call.outputs.empty()) call.outputs[0].element = stated;
  return {};
}

Status non_zero(InferenceCall& call) {
  const Dims* in = call.dims(0);
  const Dim rank = in == nullptr ? Dim{} : Dim::of(std::max<int64_t>(1, static_cast<int64_t>(in->size())));
  call.set(0, ElementType::kInt64, {rank, Dim{}});
  return {};
}

}  // namespace bp::inference
