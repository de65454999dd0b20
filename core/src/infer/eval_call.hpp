// What a rule of the shape evaluator sees. Inside infer only.
#pragma once

#include <fmt/format.h>

#include <span>
#include <vector>

#include "backplane/status.hpp"
#include "graph/graph.hpp"
#include "infer/host_tensor.hpp"

namespace bp::shape_eval {

// More elements in one result are refused; a shape path never needs them.
inline constexpr int64_t kMaxResultElements = int64_t{1} << 22;

struct EvalCall {
  const Node& node;
  std::vector<HostTensor> inputs;  // in the node's order
  std::vector<bool> present;

  bool has(size_t i) const noexcept { return i < present.size() && present[i]; }
  const HostTensor& in(size_t i) const noexcept { return inputs[i]; }
  // The elements of an integer operand, else of the attribute of that name; empty when neither is there.
  std::vector<int64_t> ints(size_t input, const char* attribute) const;
};

using EvalResult = Result<std::vector<HostTensor>>;
using EvalRule = EvalResult (*)(const EvalCall& call);

template <class... Args>
Status eval_error(fmt::format_string<Args...> format, Args&&... args) {
  return {ErrorCode::kInvalidModel, fmt::format(format, std::forward<Args>(args)...)};
}

// Row-major strides in elements.
std::vector<int64_t> strides_of(const ConcreteDims& dims);
// A result of these dims; an error when it would be too large.
Result<HostTensor> make_result(ElementType element, ConcreteDims dims);
// Copies element `from` of `source` to element `to` of `target`, which has the same element type.
void copy_element(const HostTensor& source, size_t from, HostTensor& target, size_t to);
Result<size_t> eval_axis(int64_t axis, size_t rank);
// The next index in row-major order; false after the last.
bool advance(std::vector<int64_t>& index, const ConcreteDims& dims);
Result<ConcreteDims> broadcast_shape(const ConcreteDims& a, const ConcreteDims& b);
// Offset of `index` (of the broadcast result) in an operand of dims `dims`.
size_t broadcast_offset(const std::vector<int64_t>& index, const ConcreteDims& dims);

// eval_arithmetic.cpp
EvalResult binary(const EvalCall& call);
EvalResult variadic(const EvalCall& call);
EvalResult compare(const EvalCall& call);
EvalResult unary(const EvalCall& call);
EvalResult cast(const EvalCall& call);
EvalResult where(const EvalCall& call);
EvalResult reduce(const EvalCall& call);

// eval_movement.cpp
EvalResult identity(const EvalCall& call);
EvalResult concat(const EvalCall& call);
EvalResult slice(const EvalCall& call);
EvalResult gather(const EvalCall& call);
EvalResult squeeze(const EvalCall& call);
EvalResult unsqueeze(const EvalCall& call);
EvalResult reshape(const EvalCall& call);
EvalResult flatten(const EvalCall& call);
EvalResult transpose(const EvalCall& call);
EvalResult expand(const EvalCall& call);
EvalResult tile(const EvalCall& call);
EvalResult split(const EvalCall& call);
EvalResult scatter_nd(const EvalCall& call);
EvalResult gather_nd(const EvalCall& call);

// eval_generators.cpp
EvalResult range(const EvalCall& call);
EvalResult constant_of_shape(const EvalCall& call);
EvalResult non_zero(const EvalCall& call);
EvalResult cum_sum(const EvalCall& call);

}  // namespace bp::shape_eval
