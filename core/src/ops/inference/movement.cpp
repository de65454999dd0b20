// Reshape, Flatten, Concat, Slice, Split, Expand, Tile, Pad, CenterCropPad.
#include <algorithm>
#include <limits>

#include "ops/inference/families.hpp"

namespace bp::inference {
namespace {

// Axes from an input; all axes in order when it is omitted; nothing when it is not known.
Result<std::optional<std::vector<size_t>>> read_axes(const std::optional<std::vector<int64_t>>& given,
                                                     bool present, size_t rank) {
  std::vector<size_t> axes;
  if (!present) {
    for (size_t i = 0; i < rank; ++i) axes.push_back(i);
    return std::optional(std::move(axes));
  }
  if (!given) return std::optional<std::vector<size_t>>();
  for (const int64_t axis : *given) {
    BP_ASSIGN_OR_RETURN(const size_t checked, checked_axis(axis, rank));
    if (std::find(axes.begin(), axes.end(), checked) != axes.end())
      return inference_error("axis {} is named twice", axis);
    axes.push_back(checked);
  }
  return std::optional(std::move(axes));
}

// The dim that -1 stands for: all elements divided by the product of the other dims.
Result<Dim> rest_dim(InferenceCall& call, const Dims& in, const Dims& out, size_t rest) {
  ShapeElement others = ShapeElement::of(1);
  for (size_t i = 0; i < out.size(); ++i) {
    if (i != rest) others = call.math.mul(others, ShapeElement::of(out[i]));
  }
  const ShapeElement all = call.math.product(in);
  if (others.is(0)) return inference_error("the size of dim {} (-1) does not follow: another dim is 0", rest);
  if (all.known() && others.known() && all.value % others.value != 0) {
    return inference_error("{} elements do not fit dim {} (-1): the other dims make {}", all.value, rest,
                           others.value);
  }
  return call.math.exact_div(all, others).dim();
}

}  // namespace

Status reshape(InferenceCall& call) {
  call.set(0, call.element(0));
  const auto shape = call.elements(1);
  if (!shape) return {};
  const Dims* in = call.dims(0);
  const bool zero_is_zero = call.node.int_or("allowzero", 0) != 0;
  Dims out;
  size_t rest = shape->size();
  bool unsure = false;  // an unknown element may be -1 or a copy
  for (size_t i = 0; i < shape->size(); ++i) {
    const ShapeElement& size = (*shape)[i];
    unsure = unsure || size.kind == ShapeElement::Kind::kUnknown;
    if (size.is(-1)) {
      if (rest != shape->size()) return inference_error("the shape has more than one -1");
      rest = i;
      out.emplace_back();
    } else if (size.known() && size.value < 0) {
      return inference_error("dim {} of the shape is {}", i, size.value);
    } else if (size.is(0) && !zero_is_zero) {
      if (in != nullptr && i >= in->size())
        return inference_error("dim {} of the shape is 0 (copy), the input has {} dims", i, in->size());
      out.push_back(in == nullptr ? Dim{} : (*in)[i]);
    } else {
      out.push_back(size.dim());
    }
  }
  if (in != nullptr && !unsure) {
    if (rest < out.size()) {
      BP_ASSIGN_OR_RETURN(out[rest], rest_dim(call, *in, out, rest));
    } else {
      const int64_t before = element_count(*in);
      const int64_t after = element_count(out);
      if (before >= 0 && after >= 0 && before != after) {
        return inference_error("the input has {} elements, the shape wants {}", before, after);
      }
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status flatten(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const auto rank = static_cast<int64_t>(in->size());
  const int64_t axis = call.node.int_or("axis", 1);
  if (axis < -rank || axis > rank) return inference_error("axis must be in [{}, {}], is {}", -rank, rank, axis);
  const auto cut = static_cast<size_t>(axis < 0 ? axis + rank : axis);
  call.set(0, call.element(0),
           {call.math.product(*in, 0, cut).dim(), call.math.product(*in, cut, in->size()).dim()});
  return {};
}

Status concat(InferenceCall& call) {
  call.set(0, call.element(0));
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    if (call.dims(i) == nullptr) return {};
  }
  Dims out = *call.dims(0);
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", 0), out.size()));
  for (size_t i = 1; i < call.inputs.size(); ++i) {
    const Dims& dims = *call.dims(i);
    if (dims.size() != out.size())
      return inference_error("input {} must have {} dims, has {}", i, out.size(), dims.size());
    for (size_t d = 0; d < dims.size(); ++d) {
      if (d == axis) {
        out[d] = call.math.add(ShapeElement::of(out[d]), ShapeElement::of(dims[d])).dim();
      } else if (out[d].known() && dims[d].known() && out[d].size != dims[d].size) {
        return inference_error("input {} must have {} at dim {}, has {}", i, out[d].size, d, dims[d].size);
      } else if (!out[d].known() && (dims[d].known() || out[d].symbol == 0)) {
        out[d] = dims[d];
      }
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

namespace {

// The sliced length of one axis.
ShapeElement slice_length(DimMath& math, const ShapeElement& size, const ShapeElement& start,
                          const ShapeElement& end, int64_t step) {
  // Everything from `start` on, or all but the last ones, also of a symbolic size that is taken to be large
  // enough.
  constexpr int64_t kEnd = std::numeric_limits<int32_t>::max();
  if (size.known() && start.known() && end.known()) {
    const auto clamp = [&](int64_t at, int64_t low, int64_t high) {
      return std::clamp(at < 0 ? (at < -size.value ? low : at + size.value) : at, low, high);
    };
    const int64_t first = step > 0 ? clamp(start.value, 0, size.value) : clamp(start.value, -1, size.value - 1);
    const int64_t last = step > 0 ? clamp(end.value, 0, size.value) : clamp(end.value, -1, size.value - 1);
    const int64_t span = step > 0 ? last - first : first - last;
    if (span <= 0) return ShapeElement::of(0);
    // -INT64_MIN does not exist; one step larger than any tensor gives one element.
    const int64_t stride =
        step == std::numeric_limits<int64_t>::min() ? std::numeric_limits<int64_t>::max() : std::abs(step);
    return ShapeElement::of((span - 1) / stride + 1);
  }
  if (step != 1 || !start.known() || start.value < 0 || !size.is_symbol()) {
    const bool reversed = step == -1 && start.is(-1) && end.known() && end.value < -kEnd;
    return reversed ? size : ShapeElement{};
  }
  if (end.known() && end.value >= kEnd) return math.sub(size, ShapeElement::of(start.value));
  if (end.known() && end.value < 0) return math.add(size, ShapeElement::of(end.value - start.value));
  return end == size ? math.sub(size, ShapeElement::of(start.value)) : ShapeElement{};
}

}  // namespace

Status slice(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const auto bounds = [&](size_t i, const char* attribute) -> std::optional<ShapeElements> {
    if (call.has(i)) return call.elements(i);
    const std::vector<int64_t>* list = call.node.ints(attribute);
    if (list == nullptr) return std::nullopt;
    ShapeElements elements;
    for (const int64_t value : *list) elements.push_back(ShapeElement::of(value));
    return elements;
  };
  const auto starts = bounds(1, "starts");
  const auto ends = bounds(2, "ends");
  if (!starts || !ends) {
    call.set(0, call.element(0), Dims(in->size()));
    return {};
  }
  if (starts->size() != ends->size())
    return inference_error("starts has {} entries, ends {}", starts->size(), ends->size());
  const auto given = call.int_operand(3, "axes");
  std::vector<int64_t> numbered(starts->size());
  for (size_t i = 0; i < numbered.size(); ++i) numbered[i] = static_cast<int64_t>(i);
  BP_ASSIGN_OR_RETURN(const auto axes,
                      read_axes(given.stated ? given.values : std::optional(numbered), true, in->size()));
  const auto steps = call.ints(4);
  Dims out = axes ? *in : Dims(in->size());
  if (axes && axes->size() != starts->size())
    return inference_error("axes has {} entries, starts {}", axes->size(), starts->size());
  if (steps && steps->size() != starts->size())
    return inference_error("steps has {} entries, starts {}", steps->size(), starts->size());
  for (size_t i = 0; axes && i < axes->size(); ++i) {
    Dim& dim = out[(*axes)[i]];
    const int64_t step = call.has(4) ? (steps ? (*steps)[i] : 0) : 1;
    if (step == 0 && steps) return inference_error("step {} is 0", i);
    dim = step == 0 ? Dim{}
                    : slice_length(call.math, ShapeElement::of(dim), (*starts)[i], (*ends)[i], step).dim();
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status split(InferenceCall& call) {
  const size_t parts = call.outputs.size();
  const Dims* in = call.dims(0);
  for (size_t i = 0; i < parts; ++i) call.set(i, call.element(0));
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const size_t axis, checked_axis(call.node.int_or("axis", 0), in->size()));
  const ShapeElement size = ShapeElement::of((*in)[axis]);
  auto lengths = call.elements(1);
  if (const std::vector<int64_t>* list = call.node.ints("split"); list != nullptr && !call.has(1)) {
    lengths.emplace();
    for (const int64_t length : *list) lengths->push_back(ShapeElement::of(length));
  }
  if (lengths && lengths->size() != parts)
    return inference_error("split has {} entries, the node {} outputs", lengths->size(), parts);
  const int64_t stated = call.node.int_or("num_outputs", static_cast<int64_t>(parts));
  if (stated != static_cast<int64_t>(parts))
    return inference_error("attribute 'num_outputs' is {}, the node has {} outputs", stated, parts);
  if (lengths && size.known()) {
    int64_t sum = 0;
    bool known = true;
    for (const ShapeElement& length : *lengths) {
      if (length.known() && length.value < 0)
        return inference_error("split has a negative entry, {}", length.value);
      known = known && length.known() && !__builtin_add_overflow(sum, length.value, &sum);
    }
    if (known && sum != size.value)
      return inference_error("split sums to {}, dim {} is {}", sum, axis, size.value);
  }
  // Equal chunks, the last one smaller.
  const ShapeElement chunk = call.math.floor_div(call.math.add(size, ShapeElement::of(stated - 1)), stated);
  for (size_t i = 0; i < parts; ++i) {
    Dims out = *in;
    if (call.has(1) || lengths) {
      out[axis] = lengths ? (*lengths)[i].dim() : Dim{};
    } else if (size.known() && chunk.known()) {
      const int64_t before = chunk.value * static_cast<int64_t>(i);
      out[axis] = Dim::of(std::clamp<int64_t>(size.value - before, 0, chunk.value));
    } else {
      out[axis] = call.math.exact_div(size, ShapeElement::of(stated)).dim();
    }
    call.set(i, call.element(0), std::move(out));
  }
  return {};
}

Status expand(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  const auto shape = call.elements(1);
  if (in == nullptr || !shape) return {};
  Dims wanted;
  for (size_t i = 0; i < shape->size(); ++i) {
    if ((*shape)[i].known() && (*shape)[i].value < 0)
      return inference_error("dim {} of the shape is {}", i, (*shape)[i].value);
    wanted.push_back((*shape)[i].dim());
  }
  const Dims* const both[] = {in, &wanted};
  BP_ASSIGN_OR_RETURN(Dims out, broadcast_dims(both));
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status tile(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const auto repeats = call.elements(1);
  Dims out(in->size());
  if (repeats) {
    if (repeats->size() != in->size())
      return inference_error("repeats must have {} entries, has {}", in->size(), repeats->size());
    for (size_t i = 0; i < out.size(); ++i) {
      if ((*repeats)[i].known() && (*repeats)[i].value < 0)
        return inference_error("repeats has {} at dim {}", (*repeats)[i].value, i);
      out[i] = call.math.mul(ShapeElement::of((*in)[i]), (*repeats)[i]).dim();
    }
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status pad(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  BP_ASSIGN_OR_RETURN(const auto axes, read_axes(call.ints(3), call.has(3), in->size()));
  auto pads = call.elements(1);
  if (const std::vector<int64_t>* list = call.node.ints("pads"); list != nullptr && !call.has(1)) {
    pads.emplace();
    for (const int64_t width : *list) pads->push_back(ShapeElement::of(width));
  }
  if (!axes || !pads) {
    call.set(0, call.element(0), Dims(in->size()));
    return {};
  }
  if (pads->size() != 2 * axes->size())
    return inference_error("pads must have {} entries, has {}", 2 * axes->size(), pads->size());
  Dims out = *in;
  for (size_t i = 0; i < axes->size(); ++i) {
    Dim& dim = out[(*axes)[i]];
    const ShapeElement both = call.math.add((*pads)[i], (*pads)[i + axes->size()]);
    const ShapeElement size = call.math.add(ShapeElement::of(dim), both);
    if (size.known() && size.value < 0)
      return inference_error("dim {} would be {} after padding", (*axes)[i], size.value);
    dim = size.dim();
  }
  call.set(0, call.element(0), std::move(out));
  return {};
}

Status center_crop_pad(InferenceCall& call) {
  call.set(0, call.element(0));
  const Dims* in = call.dims(0);
  if (in == nullptr) return {};
  const std::vector<int64_t>* given = call.node.ints("axes");
  BP_ASSIGN_OR_RETURN(const auto axes,
                      read_axes(given ? std::optional(*given) : std::nullopt, given != nullptr, in->size()));
  const auto shape = call.elements(1);
  Dims out = *in;
  if (shape && shape->size() != axes->size())
    return inference_error("the shape must have {} entries, has {}", axes->size(), shape->size());
  for (size_t i = 0; i < axes->size(); ++i) out[(*axes)[i]] = shape ? (*shape)[i].dim() : Dim{};
  call.set(0, call.element(0), std::move(out));
  return {};
}

}  // namespace bp::inference
