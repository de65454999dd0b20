#include "infer/shape_values.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace bp {
namespace {

using Elements = std::optional<ShapeElements>;
using Rule = Elements (*)(const InferenceCall& call);

bool is_scalar(const InferenceCall& call, size_t i) { return call.dims(i) != nullptr && call.dims(i)->empty(); }

Elements of_shape(const InferenceCall& call) {
  const Dims* dims = call.dims(0);
  if (dims == nullptr) return {};
  const auto rank = static_cast<int64_t>(dims->size());
  const auto clamp = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t start = clamp(call.node.int_or("start", 0));
  const int64_t end = clamp(call.node.int_or("end", rank));
  ShapeElements elements;
  for (int64_t i = start; i < end; ++i) elements.push_back(ShapeElement::of((*dims)[static_cast<size_t>(i)]));
  return elements;
}

Elements of_size(const InferenceCall& call) {
  if (call.dims(0) == nullptr) return {};
  return ShapeElements{call.math.product(*call.dims(0))};
}

Elements first(const InferenceCall& call) { return call.elements(0); }

Elements of_cast(const InferenceCall& call) {
  const auto to = static_cast<ElementType>(call.node.int_or("to", 0));
  if (to != ElementType::kInt64 && to != ElementType::kInt32) return {};
  return call.elements(0);
}

Elements of_gather(const InferenceCall& call) {
  const Elements data = call.elements(0);
  const auto indices = call.ints(1);
  if (!data || !indices || is_scalar(call, 0) || call.node.int_or("axis", 0) > 0) return {};
  ShapeElements elements;
  const auto count = static_cast<int64_t>(data->size());
  for (const int64_t index : *indices) {
    const int64_t at = index < 0 ? index + count : index;
    if (at < 0 || at >= count) return {};
    elements.push_back((*data)[static_cast<size_t>(at)]);
  }
  return elements;
}

Elements of_concat(const InferenceCall& call) {
  ShapeElements elements;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const Elements part = call.elements(i);
    if (!part) return {};
    elements.insert(elements.end(), part->begin(), part->end());
  }
  return elements;
}

Elements of_slice(const InferenceCall& call) {
  const Elements data = call.elements(0);
  const auto starts = call.ints(1);
  const auto ends = call.ints(2);
  const auto steps = call.ints(4);
  if (!data || !starts || !ends || starts->size() != 1 || ends->size() != 1 || (call.has(4) && !steps))
    return {};
  const int64_t step = steps && !steps->empty() ? steps->front() : 1;
  const auto count = static_cast<int64_t>(data->size());
  // Only single steps: sparse slices of a shape are rare.
  if (step != 1 && step != -1) return {};
  const auto clamp = [&](int64_t at, int64_t low, int64_t high) {
    return std::clamp(at < 0 ? (at < -count ? low : at + count) : at, low, high);
  };
  ShapeElements elements;
  if (step == 1) {
    const int64_t end = clamp(ends->front(), 0, count);
    for (int64_t i = clamp(starts->front(), 0, count); i < end; ++i)
      elements.push_back((*data)[static_cast<size_t>(i)]);
  } else {
    const int64_t end = clamp(ends->front(), -1, count - 1);
    for (int64_t i = clamp(starts->front(), -1, count - 1); i > end; --i) {
      elements.push_back((*data)[static_cast<size_t>(i)]);
    }
  }
  return elements;
}

// Applies `operation` element by element, one-element operands repeated.
template <class Operation>
Elements pairwise(const InferenceCall& call, Operation operation) {
  const Elements a = call.elements(0);
  const Elements b = call.elements(1);
  if (!a || !b || a->empty() || b->empty()) return {};
  const size_t count = std::max(a->size(), b->size());
  if ((a->size() != 1 && a->size() != count) || (b->size() != 1 && b->size() != count)) return {};
  ShapeElements elements;
  for (size_t i = 0; i < count; ++i) {
    elements.push_back(operation((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]));
  }
  return elements;
}

Elements of_add(const InferenceCall& call) {
  return pairwise(call, [&](const auto& a, const auto& b) { return call.math.add(a, b); });
}
Elements of_sub(const InferenceCall& call) {
  return pairwise(call, [&](const auto& a, const auto& b) { return call.math.sub(a, b); });
}
Elements of_mul(const InferenceCall& call) {
  return pairwise(call, [&](const auto& a, const auto& b) { return call.math.mul(a, b); });
}
// Integer division rounds towards zero; a symbol is a size and not negative.
Elements of_div(const InferenceCall& call) {
  return pairwise(call, [&](const ShapeElement& a, const ShapeElement& b) {
    if (a.known() && b.known()) {
      const bool defined = b.value != 0 && !(a.value == std::numeric_limits<int64_t>::min() && b.value == -1);
      return defined ? ShapeElement::of(a.value / b.value) : ShapeElement{};
    }
    return b.known() ? call.math.floor_div(a, b.value) : call.math.exact_div(a, b);
  });
}

Elements of_max(const InferenceCall& call) {
  if (call.inputs.size() != 2) return {};
  return pairwise(call, [](const ShapeElement& a, const ShapeElement& b) {
    if (a.known() && b.known()) return ShapeElement::of(std::max(a.value, b.value));
    return a == b ? a : ShapeElement{};
  });
}
Elements of_min(const InferenceCall& call) {
  if (call.inputs.size() != 2) return {};
  return pairwise(call, [](const ShapeElement& a, const ShapeElement& b) {
    if (a.known() && b.known()) return ShapeElement::of(std::min(a.value, b.value));
    return a == b ? a : ShapeElement{};
  });
}

Elements of_reduce_prod(const InferenceCall& call) {
  const Elements data = call.elements(0);
  if (!data || is_scalar(call, 0)) return {};
  ShapeElement result = ShapeElement::of(1);
  for (const ShapeElement& element : *data) result = call.math.mul(result, element);
  return ShapeElements{result};
}

Elements of_where(const InferenceCall& call) {
  const auto condition = call.ints(0);
  const Elements yes = call.elements(1);
  const Elements no = call.elements(2);
  if (!condition || !yes || !no || condition->empty() || yes->empty() || no->empty()) return {};
  const size_t count = std::max({condition->size(), yes->size(), no->size()});
  const auto at = [&](const auto& list, size_t i) { return list[list.size() == 1 ? 0 : i]; };
  for (const size_t size : {condition->size(), yes->size(), no->size()}) {
    if (size != 1 && size != count) return {};
  }
  ShapeElements elements;
  for (size_t i = 0; i < count; ++i) elements.push_back(at(*condition, i) != 0 ? at(*yes, i) : at(*no, i));
  return elements;
}

Elements of_expand(const InferenceCall& call) {
  const Elements data = call.elements(0);
  const auto shape = call.ints(1);
  if (!data || data->size() != 1 || !shape || shape->size() > 1) return {};
  const int64_t count = shape->empty() ? 1 : shape->front();
  if (count < 0 || count > static_cast<int64_t>(kMaxShapeElements)) return {};
  return ShapeElements(static_cast<size_t>(count), data->front());
}

struct Entry {
  std::string_view op_type;
  Rule rule;
};

// Sorted by operator.
constexpr Entry kRules[] = {
    {"Add", of_add},
    {"Cast", of_cast},
    {"Concat", of_concat},
    {"Div", of_div},
    {"Expand", of_expand},
    {"Gather", of_gather},
    {"Identity", first},
    {"Max", of_max},
    {"Min", of_min},
    {"Mul", of_mul},
    {"ReduceProd", of_reduce_prod},
    {"Reshape", first},
    {"Shape", of_shape},
    {"Size", of_size},
    {"Slice", of_slice},
    {"Squeeze", first},
    {"Sub", of_sub},
    {"Unsqueeze", first},
    {"Where", of_where},
};

bool is_integer(ElementType type) { return type == ElementType::kInt64 || type == ElementType::kInt32; }

}  // namespace

std::optional<ShapeElements> propagate_elements(const InferenceCall& call) {
  if (!call.node.domain.empty() || call.outputs.size() != 1) return {};
  const ValueType& type = call.outputs[0];
  if (!type.is_tensor() || !is_integer(type.element) || !type.has_rank || type.dims.size() > 1) return {};
  const auto less = [&](const Entry& entry) { return entry.op_type < call.node.op_type; };
  const auto entry = std::partition_point(std::begin(kRules), std::end(kRules), less);
  if (entry == std::end(kRules) || entry->op_type != call.node.op_type) return {};
  Elements elements = entry->rule(call);
  if (!elements || elements->size() > kMaxShapeElements) return {};
  // A rule that reads the shape path wrongly must not invent elements.
  const int64_t count = element_count(type.dims);
  if (count >= 0 && static_cast<size_t>(count) != elements->size()) return {};
  return elements;
}

}  // namespace bp
