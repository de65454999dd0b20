// Index arithmetic shared by the evaluator's rules.
#include "infer/eval_call.hpp"

#include <algorithm>

namespace bp::shape_eval {

std::vector<int64_t> EvalCall::ints(size_t input, const char* attribute) const {
  if (has(input)) return inputs[input].ints;
  const std::vector<int64_t>* list = node.ints(attribute);
  return list == nullptr ? std::vector<int64_t>() : *list;
}

std::vector<int64_t> strides_of(const ConcreteDims& dims) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

Result<HostTensor> make_result(ElementType element, ConcreteDims dims) {
  for (const int64_t dim : dims) {
    if (dim < 0) return eval_error("a dim of the result would be {}", dim);
  }
  const int64_t count = element_count(dims);
  if (count < 0 || count > kMaxResultElements) {
    return Status(ErrorCode::kUnsupported,
                  fmt::format("a tensor on a shape path would have more than {} elements", kMaxResultElements));
  }
  return zeros(element, std::move(dims));
}

void copy_element(const HostTensor& source, size_t from, HostTensor& target, size_t to) {
  if (source.is_real()) {
    target.reals[to] = source.reals[from];
  } else {
    target.ints[to] = source.ints[from];
  }
}

Result<size_t> eval_axis(int64_t axis, size_t rank) {
  const auto signed_rank = static_cast<int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) {
    return eval_error("axis must be in [{}, {}), is {}", -signed_rank, signed_rank, axis);
  }
  return static_cast<size_t>(axis < 0 ? axis + signed_rank : axis);
}

bool advance(std::vector<int64_t>& index, const ConcreteDims& dims) {
  for (size_t i = dims.size(); i-- > 0;) {
    if (++index[i] < dims[i]) return true;
    index[i] = 0;
  }
  return false;
}

Result<ConcreteDims> broadcast_shape(const ConcreteDims& a, const ConcreteDims& b) {
  ConcreteDims dims(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return eval_error("dims {} and {} do not broadcast", x, y);
    dims[dims.size() - 1 - i] = x == 1 ? y : x;
  }
  return dims;
}

size_t broadcast_offset(const std::vector<int64_t>& index, const ConcreteDims& dims) {
  int64_t offset = 0;
  const size_t skip = index.size() - dims.size();
  for (size_t i = 0; i < dims.size(); ++i) offset = offset * dims[i] + (dims[i] == 1 ? 0 : index[skip + i]);
  return static_cast<size_t>(offset);
}

}  // namespace bp::shape_eval
