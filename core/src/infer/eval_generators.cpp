// Rules of the shape evaluator that make tensors: Range, ConstantOfShape, NonZero, CumSum.
#include <cmath>

#include "infer/eval_call.hpp"

namespace bp::shape_eval {

EvalResult range(const EvalCall& call) {
  const HostTensor& start = call.in(0);
  const HostTensor& limit = call.in(1);
  const HostTensor& delta = call.in(2);
  for (const HostTensor* operand : {&start, &limit, &delta}) {
    if (operand->count() != 1) return eval_error("start, limit and delta must be scalars");
  }
  double exact = 0;
  if (start.is_real()) {
    exact = std::ceil((limit.reals[0] - start.reals[0]) / delta.reals[0]);
  } else {
    if (delta.ints[0] == 0) return eval_error("delta is 0");
    exact = std::ceil((static_cast<double>(limit.ints[0]) - static_cast<double>(start.ints[0])) /
                      static_cast<double>(delta.ints[0]));
  }
  if (!(exact < static_cast<double>(kMaxResultElements)))
    return Status(ErrorCode::kUnsupported, fmt::format("a range of {} elements", exact));
  BP_ASSIGN_OR_RETURN(HostTensor result,
                      make_result(start.element, {exact > 0 ? static_cast<int64_t>(exact) : 0}));
  for (size_t i = 0; i < result.count(); ++i) {
    if (start.is_real()) {
      result.reals[i] = rounded(start.reals[0] + static_cast<double>(i) * delta.reals[0], start.element);
    } else {
      const uint64_t at = static_cast<uint64_t>(start.ints[0]) + i * static_cast<uint64_t>(delta.ints[0]);
      result.ints[i] = wrapped(static_cast<int64_t>(at), start.element);
    }
  }
  return std::vector{std::move(result)};
}

EvalResult constant_of_shape(const EvalCall& call) {
  HostTensor value = zeros(ElementType::kFloat32, {1});
  if (const Attribute* attribute = call.node.find_attribute("value")) {
    const TensorPtr* tensor = std::get_if<TensorPtr>(&attribute->value);
    const auto host = tensor != nullptr && *tensor ? read_host_tensor(**tensor) : std::nullopt;
    if (!host || host->count() != 1)
      return Status(ErrorCode::kUnsupported, "attribute 'value' is no small scalar");
    value = *host;
  }
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(value.element, call.in(0).ints));
  for (size_t i = 0; i < result.count(); ++i) copy_element(value, 0, result, i);
  return std::vector{std::move(result)};
}

// Indices of the elements that are not zero: [rank, how many]; a scalar counts as [1].
EvalResult non_zero(const EvalCall& call) {
  HostTensor source = call.in(0);
  if (source.rank() == 0) source.dims = {1};
  std::vector<std::vector<int64_t>> found;
  std::vector<int64_t> index(source.rank(), 0);
  for (size_t i = 0; i < source.count(); ++i) {
    if (source.is_real() ? source.reals[i] != 0 : source.ints[i] != 0) found.push_back(index);
    advance(index, source.dims);
  }
  HostTensor result =
      zeros(ElementType::kInt64, {static_cast<int64_t>(source.rank()), static_cast<int64_t>(found.size())});
  for (size_t d = 0; d < source.rank(); ++d) {
    for (size_t i = 0; i < found.size(); ++i) result.ints[d * found.size() + i] = found[i][d];
  }
  return std::vector{std::move(result)};
}

EvalResult cum_sum(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  if (call.in(1).count() != 1 || call.in(1).is_real()) return eval_error("axis must be one integer");
  BP_ASSIGN_OR_RETURN(const size_t axis, eval_axis(call.in(1).ints[0], source.rank()));
  const bool exclusive = call.node.int_or("exclusive", 0) != 0;
  const bool reverse = call.node.int_or("reverse", 0) != 0;
  HostTensor result = zeros(source.element, source.dims);
  const int64_t size = source.dims[axis];
  const int64_t stride = strides_of(source.dims)[axis];
  std::vector<int64_t> index(source.rank(), 0);
  for (size_t i = 0; i < source.count(); ++i, advance(index, source.dims)) {
    if (index[axis] != 0) continue;
    double real = 0;
    uint64_t whole = 0;
    for (int64_t step = 0; step < size; ++step) {
      const size_t at = i + static_cast<size_t>((reverse ? size - 1 - step : step) * stride);
      const double before = real;
      const uint64_t whole_before = whole;
      if (source.is_real()) {
        real = rounded(real + source.reals[at], source.element);
        result.reals[at] = exclusive ? before : real;
      } else {
        whole += static_cast<uint64_t>(source.ints[at]);
        result.ints[at] = wrapped(static_cast<int64_t>(exclusive ? whole_before : whole), source.element);
      }
    }
  }
  return std::vector{std::move(result)};
}

}  // namespace bp::shape_eval
