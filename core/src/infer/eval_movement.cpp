// Rules of the shape evaluator that move elements.
#include <algorithm>
#include <limits>
#include <numeric>

#include "infer/eval_call.hpp"

namespace bp::shape_eval {
namespace {

EvalResult one(HostTensor tensor) { return std::vector{std::move(tensor)}; }

// `source` seen through dims of the same count.
EvalResult renamed(const HostTensor& source, ConcreteDims dims) {
  HostTensor result = source;
  result.dims = std::move(dims);
  return one(std::move(result));
}

Result<std::vector<bool>> axis_set(const std::vector<int64_t>& axes, size_t rank) {
  std::vector<bool> set(rank, false);
  for (const int64_t axis : axes) {
    BP_ASSIGN_OR_RETURN(const size_t checked, eval_axis(axis, rank));
    if (set[checked]) return eval_error("axis {} is named twice", axis);
    set[checked] = true;
  }
  return set;
}

}  // namespace

EvalResult identity(const EvalCall& call) { return one(call.in(0)); }

EvalResult concat(const EvalCall& call) {
  ConcreteDims dims = call.in(0).dims;
  BP_ASSIGN_OR_RETURN(const size_t axis, eval_axis(call.node.int_or("axis", 0), dims.size()));
  dims[axis] = 0;
  for (const HostTensor& part : call.inputs) {
    if (part.rank() != dims.size()) return eval_error("inputs have {} and {} dims", dims.size(), part.rank());
    for (size_t i = 0; i < dims.size(); ++i) {
      if (i != axis && part.dims[i] != dims[i])
        return eval_error("inputs have {} and {} at dim {}", dims[i], part.dims[i], i);
    }
    dims[axis] += part.dims[axis];
  }
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(call.in(0).element, dims));
  const std::vector<int64_t> strides = strides_of(dims);
  int64_t start = 0;
  for (const HostTensor& part : call.inputs) {
    std::vector<int64_t> index(dims.size(), 0);
    for (size_t i = 0; i < part.count(); ++i) {
      int64_t to = start * strides[axis];
      for (size_t d = 0; d < dims.size(); ++d) to += index[d] * strides[d];
      copy_element(part, i, result, static_cast<size_t>(to));
      advance(index, part.dims);
    }
    start += part.dims[axis];
  }
  return one(std::move(result));
}

EvalResult slice(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const std::vector<int64_t> starts = call.ints(1, "starts");
  const std::vector<int64_t> ends = call.ints(2, "ends");
  std::vector<int64_t> axes = call.ints(3, "axes");
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  std::vector<int64_t> steps = call.has(4) ? call.in(4).ints : std::vector<int64_t>(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    return eval_error("starts, ends, axes and steps have {}, {}, {} and {} entries", starts.size(), ends.size(),
                      axes.size(), steps.size());
  }
  ConcreteDims dims = source.dims;
  std::vector<int64_t> first(dims.size(), 0);
  std::vector<int64_t> stride(dims.size(), 1);
  for (size_t i = 0; i < axes.size(); ++i) {
    BP_ASSIGN_OR_RETURN(const size_t axis, eval_axis(axes[i], dims.size()));
    const int64_t size = source.dims[axis];
    const int64_t step = std::max(steps[i], -std::numeric_limits<int64_t>::max());
    if (step == 0) return eval_error("step {} is 0", i);
    const int64_t low = step > 0 ? 0 : -1;
    const int64_t high = step > 0 ? size : size - 1;
    const auto clamp = [&](int64_t at) {
      return std::clamp(at < 0 ? (at < -size ? low : at + size) : at, low, high);
    };
    first[axis] = clamp(starts[i]);
    stride[axis] = step;
    const int64_t span = step > 0 ? clamp(ends[i]) - first[axis] : first[axis] - clamp(ends[i]);
    dims[axis] = span <= 0 ? 0 : (span - 1) / std::abs(step) + 1;
  }
  HostTensor result = zeros(source.element, dims);
  const std::vector<int64_t> strides = strides_of(source.dims);
  std::vector<int64_t> index(dims.size(), 0);
  for (size_t i = 0; i < result.count(); ++i) {
    int64_t from = 0;
    for (size_t d = 0; d < dims.size(); ++d) from += (first[d] + index[d] * stride[d]) * strides[d];
    copy_element(source, static_cast<size_t>(from), result, i);
    advance(index, dims);
  }
  return one(std::move(result));
}

EvalResult gather(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const HostTensor& indices = call.in(1);
  BP_ASSIGN_OR_RETURN(const size_t axis, eval_axis(call.node.int_or("axis", 0), source.rank()));
  ConcreteDims dims(source.dims.begin(), source.dims.begin() + static_cast<int64_t>(axis));
  dims.insert(dims.end(), indices.dims.begin(), indices.dims.end());
  dims.insert(dims.end(), source.dims.begin() + static_cast<int64_t>(axis) + 1, source.dims.end());
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(source.element, dims));
  const int64_t size = source.dims[axis];
  int64_t inner = 1;
  for (size_t i = axis + 1; i < source.rank(); ++i) inner *= source.dims[i];
  const auto picks = static_cast<int64_t>(indices.count());
  for (size_t i = 0; i < result.count(); ++i) {
    const auto at = static_cast<int64_t>(i);
    const int64_t outer = at / (inner * picks);
    int64_t pick = indices.ints[static_cast<size_t>(at / inner % picks)];
    if (pick < -size || pick >= size) return eval_error("index {} is outside [{}, {})", pick, -size, size);
    if (pick < 0) pick += size;
    copy_element(source, static_cast<size_t>((outer * size + pick) * inner + at % inner), result, i);
  }
  return one(std::move(result));
}

EvalResult squeeze(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const std::vector<int64_t> axes = call.ints(1, "axes");
  BP_ASSIGN_OR_RETURN(const std::vector<bool> gone, axis_set(axes, source.rank()));
  ConcreteDims dims;
  for (size_t i = 0; i < source.rank(); ++i) {
    const bool remove = axes.empty() ? source.dims[i] == 1 : gone[i];
    if (remove && source.dims[i] != 1)
      return eval_error("dim {} is {}, only 1 can be squeezed", i, source.dims[i]);
    if (!remove) dims.push_back(source.dims[i]);
  }
  return renamed(source, std::move(dims));
}

EvalResult unsqueeze(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const std::vector<int64_t> axes = call.ints(1, "axes");
  BP_ASSIGN_OR_RETURN(const std::vector<bool> fresh, axis_set(axes, source.rank() + axes.size()));
  ConcreteDims dims;
  size_t next = 0;
  for (size_t i = 0; i < fresh.size(); ++i) dims.push_back(fresh[i] ? 1 : source.dims[next++]);
  return renamed(source, std::move(dims));
}

EvalResult reshape(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  ConcreteDims dims = call.in(1).ints;
  const bool zero_is_zero = call.node.int_or("allowzero", 0) != 0;
  int64_t others = 1;
  size_t rest = dims.size();
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !zero_is_zero) {
      if (i >= source.rank())
        return eval_error("dim {} of the shape is 0 (copy), the input has {} dims", i, source.rank());
      dims[i] = source.dims[i];
    }
    if (dims[i] == -1 && rest == dims.size()) {
      rest = i;
    } else if (dims[i] < 0 || __builtin_mul_overflow(others, dims[i], &others)) {
      return eval_error("dim {} of the shape is {}", i, dims[i]);
    }
  }
  const auto count = static_cast<int64_t>(source.count());
  if (rest < dims.size()) {
    if (others == 0 || count % others != 0)
      return eval_error("{} elements do not fit dim {} (-1)", count, rest);
    dims[rest] = count / others;
    others *= dims[rest];
  }
  if (others != count) return eval_error("the input has {} elements, the shape wants {}", count, others);
  return renamed(source, std::move(dims));
}

EvalResult flatten(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const auto rank = static_cast<int64_t>(source.rank());
  const int64_t axis = call.node.int_or("axis", 1);
  if (axis < -rank || axis > rank) return eval_error("axis must be in [{}, {}], is {}", -rank, rank, axis);
  ConcreteDims dims{1, 1};
  for (int64_t i = 0; i < rank; ++i)
    dims[i < (axis < 0 ? axis + rank : axis) ? 0 : 1] *= source.dims[static_cast<size_t>(i)];
  return renamed(source, std::move(dims));
}

EvalResult transpose(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  std::vector<int64_t> order(source.rank());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(order.size() - 1 - i);
  if (const std::vector<int64_t>* given = call.node.ints("perm")) order = *given;
  if (order.size() != source.rank())
    return eval_error("perm has {} entries, the input {} dims", order.size(), source.rank());
  BP_ASSIGN_OR_RETURN(const std::vector<bool> all, axis_set(order, source.rank()));
  const std::vector<int64_t> strides = strides_of(source.dims);
  ConcreteDims dims;
  std::vector<int64_t> moved;
  for (const int64_t axis : order) {
    BP_ASSIGN_OR_RETURN(const size_t from, eval_axis(axis, source.rank()));
    dims.push_back(source.dims[from]);
    moved.push_back(strides[from]);
  }
  HostTensor result = zeros(source.element, dims);
  std::vector<int64_t> index(dims.size(), 0);
  for (size_t i = 0; i < result.count(); ++i) {
    int64_t from = 0;
    for (size_t d = 0; d < dims.size(); ++d) from += index[d] * moved[d];
    copy_element(source, static_cast<size_t>(from), result, i);
    advance(index, dims);
  }
  return one(std::move(result));
}

EvalResult expand(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  BP_ASSIGN_OR_RETURN(const ConcreteDims dims, broadcast_shape(source.dims, call.in(1).ints));
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(source.element, dims));
  std::vector<int64_t> index(dims.size(), 0);
  for (size_t i = 0; i < result.count(); ++i) {
    copy_element(source, broadcast_offset(index, source.dims), result, i);
    advance(index, dims);
  }
  return one(std::move(result));
}

EvalResult tile(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const std::vector<int64_t>& repeats = call.in(1).ints;
  if (repeats.size() != source.rank())
    return eval_error("repeats must have {} entries, has {}", source.rank(), repeats.size());
  ConcreteDims dims = source.dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (repeats[i] < 0 || __builtin_mul_overflow(dims[i], repeats[i], &dims[i]))
      return eval_error("repeats has {}", repeats[i]);
  }
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(source.element, dims));
  const std::vector<int64_t> strides = strides_of(source.dims);
  std::vector<int64_t> index(dims.size(), 0);
  for (size_t i = 0; i < result.count(); ++i) {
    int64_t from = 0;
    for (size_t d = 0; d < dims.size(); ++d) from += index[d] % source.dims[d] * strides[d];
    copy_element(source, static_cast<size_t>(from), result, i);
    advance(index, dims);
  }
  return one(std::move(result));
}

EvalResult split(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const size_t parts = call.node.outputs.size();
  BP_ASSIGN_OR_RETURN(const size_t axis, eval_axis(call.node.int_or("axis", 0), source.rank()));
  const int64_t size = source.dims[axis];
  std::vector<int64_t> lengths = call.ints(1, "split");
  if (lengths.empty()) {
    const int64_t chunk = (size + static_cast<int64_t>(parts) - 1) / static_cast<int64_t>(parts);
    for (size_t i = 0; i < parts; ++i) {
      lengths.push_back(std::clamp<int64_t>(size - chunk * static_cast<int64_t>(i), 0, chunk));
    }
  }
  if (lengths.size() != parts ||
      std::accumulate(lengths.begin(), lengths.end(), 0.0) != static_cast<double>(size) ||
      std::any_of(lengths.begin(), lengths.end(), [](int64_t length) { return length < 0; })) {
    return eval_error("split does not cut {} into {} parts", size, parts);
  }
  const std::vector<int64_t> strides = strides_of(source.dims);
  std::vector<HostTensor> results;
  int64_t start = 0;
  for (const int64_t length : lengths) {
    ConcreteDims dims = source.dims;
    dims[axis] = length;
    HostTensor part = zeros(source.element, dims);
    std::vector<int64_t> index(dims.size(), 0);
    for (size_t i = 0; i < part.count(); ++i) {
      int64_t from = start * strides[axis];
      for (size_t d = 0; d < dims.size(); ++d) from += index[d] * strides[d];
      copy_element(source, static_cast<size_t>(from), part, i);
      advance(index, dims);
    }
    results.push_back(std::move(part));
    start += length;
  }
  return results;
}

namespace {

// The offsets in `data` that the rows of `indices` point at, and the elements that follow each.
struct Rows {
  std::vector<size_t> offsets;
  size_t length = 1;
};

Result<Rows> rows_of(const HostTensor& data, const HostTensor& indices) {
  if (indices.rank() == 0) return eval_error("indices must have at least 1 dim");
  const auto depth = static_cast<size_t>(indices.dims.back());
  if (depth > data.rank()) return eval_error("indices name {} axes, the input has {} dims", depth, data.rank());
  const std::vector<int64_t> strides = strides_of(data.dims);
  Rows rows;
  for (size_t i = depth; i < data.rank(); ++i) rows.length *= static_cast<size_t>(data.dims[i]);
  int64_t count = 1;
  for (size_t i = 0; i + 1 < indices.rank(); ++i) count *= indices.dims[i];
  for (size_t row = 0; row < static_cast<size_t>(count); ++row) {
    int64_t offset = 0;
    for (size_t d = 0; d < depth; ++d) {
      int64_t at = indices.ints[row * depth + d];
      if (at < -data.dims[d] || at >= data.dims[d])
        return eval_error("index {} is outside [{}, {})", at, -data.dims[d], data.dims[d]);
      offset += (at < 0 ? at + data.dims[d] : at) * strides[d];
    }
    rows.offsets.push_back(static_cast<size_t>(offset));
  }
  return rows;
}

}  // namespace

EvalResult scatter_nd(const EvalCall& call) {
  if (call.node.string_or("reduction", "none") != "none") {
    return Status(ErrorCode::kUnsupported, "ScatterND with a reduction on a shape path");
  }
  HostTensor result = call.in(0);
  BP_ASSIGN_OR_RETURN(const Rows rows, rows_of(result, call.in(1)));
  const HostTensor& updates = call.in(2);
  if (updates.count() != rows.offsets.size() * rows.length)
    return eval_error("updates have {} elements, the indices want {}", updates.count(),
                      rows.offsets.size() * rows.length);
  for (size_t r = 0; r < rows.offsets.size(); ++r) {
    for (size_t i = 0; i < rows.length; ++i)
      copy_element(updates, r * rows.length + i, result, rows.offsets[r] + i);
  }
  return one(std::move(result));
}

EvalResult gather_nd(const EvalCall& call) {
  if (call.node.int_or("batch_dims", 0) != 0) {
    return Status(ErrorCode::kUnsupported, "GatherND with batch dims on a shape path");
  }
  const HostTensor& data = call.in(0);
  const HostTensor& indices = call.in(1);
  BP_ASSIGN_OR_RETURN(const Rows rows, rows_of(data, indices));
  ConcreteDims dims(indices.dims.begin(), indices.dims.end() - 1);
  dims.insert(dims.end(), data.dims.begin() + indices.dims.back(), data.dims.end());
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(data.element, dims));
  for (size_t r = 0; r < rows.offsets.size(); ++r) {
    for (size_t i = 0; i < rows.length; ++i)
      copy_element(data, rows.offsets[r] + i, result, r * rows.length + i);
  }
  return one(std::move(result));
}

}  // namespace bp::shape_eval
