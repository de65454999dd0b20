// Elementwise arithmetic, comparisons, casts and reductions of the shape evaluator.
#include <algorithm>
#include <cmath>
#include <limits>

#include "infer/eval_call.hpp"

namespace bp::shape_eval {
namespace {

// Wraps instead of overflowing.
int64_t wrap_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t wrap_sub(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t wrap_mul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

Result<int64_t> divide(int64_t a, int64_t b) {
  if (b == 0) return eval_error("division by 0");
  return b == -1 ? wrap_sub(0, a) : a / b;
}

// fmod: the sign of the dividend; otherwise that of the divisor.
Result<int64_t> modulo(int64_t a, int64_t b, bool fmod) {
  if (b == 0) return eval_error("division by 0");
  if (b == -1) return int64_t{0};
  const int64_t rest = a % b;
  return !fmod && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Result<int64_t> power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 || base == -1 ? (exponent % 2 == 0 ? int64_t{1} : base) : int64_t{0};
  int64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = wrap_mul(result, base);
    base = wrap_mul(base, base);
  }
  return result;
}

Result<int64_t> apply_ints(const std::string& op, int64_t a, int64_t b, bool fmod) {
  if (op == "Add" || op == "Sum") return wrap_add(a, b);
  if (op == "Sub") return wrap_sub(a, b);
  if (op == "Mul") return wrap_mul(a, b);
  if (op == "Div") return divide(a, b);
  if (op == "Mod") return modulo(a, b, fmod);
  if (op == "Pow") return power(a, b);
  if (op == "Max") return std::max(a, b);
  if (op == "Min") return std::min(a, b);
  if (op == "And") return int64_t{a != 0 && b != 0};
  if (op == "Or") return int64_t{a != 0 || b != 0};
  return int64_t{(a != 0) != (b != 0)};  // Xor
}

double apply_reals(const std::string& op, double a, double b) {
  if (op == "Add" || op == "Sum") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Div") return a / b;
  if (op == "Mod") return std::fmod(a, b);
  if (op == "Pow") return std::pow(a, b);
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  return op == "Max" ? std::max(a, b) : std::min(a, b);
}

bool compare_values(const std::string& op, auto a, auto b) {
  if (op == "Equal") return a == b;
  if (op == "Less") return a < b;
  if (op == "LessOrEqual") return a <= b;
  if (op == "Greater") return a > b;
  return a >= b;
}

// Runs `use(result offset, offset in a, offset in b)` over the broadcast of both.
template <class Use>
Status for_each_pair(const ConcreteDims& dims, const HostTensor& a, const HostTensor& b, Use use) {
  std::vector<int64_t> index(dims.size(), 0);
  const auto count = static_cast<size_t>(element_count(dims));
  for (size_t i = 0; i < count; ++i) {
    BP_RETURN_IF_ERROR(use(i, broadcast_offset(index, a.dims), broadcast_offset(index, b.dims)));
    advance(index, dims);
  }
  return {};
}

Result<HostTensor> combine(const EvalCall& call, const HostTensor& a, const HostTensor& b) {
  BP_ASSIGN_OR_RETURN(const ConcreteDims dims, broadcast_shape(a.dims, b.dims));
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(a.element, dims));
  const std::string& op = call.node.op_type;
  const bool fmod = call.node.int_or("fmod", 0) != 0;
  // Pow takes an exponent of another type.
  const bool reals = a.is_real() || b.is_real();
  const auto real = [](const HostTensor& t, size_t i) {
    return t.is_real() ? t.reals[i] : static_cast<double>(t.ints[i]);
  };
  BP_RETURN_IF_ERROR(for_each_pair(dims, a, b, [&](size_t at, size_t i, size_t j) -> Status {
    if (a.is_real()) {
      result.reals[at] = rounded(apply_reals(op, real(a, i), real(b, j)), result.element);
    } else if (reals) {
      const double value = apply_reals(op, real(a, i), real(b, j));
      if (!(std::abs(value) < 9.0e18)) return eval_error("{} is not an integer of 64 bits", value);
      result.ints[at] = wrapped(static_cast<int64_t>(value), result.element);
    } else {
      BP_ASSIGN_OR_RETURN(const int64_t value, apply_ints(op, a.ints[i], b.ints[j], fmod));
      result.ints[at] = wrapped(value, result.element);
    }
    return {};
  }));
  return result;
}

double round_half_even(double value) { return std::nearbyint(value); }

}  // namespace

EvalResult binary(const EvalCall& call) {
  BP_ASSIGN_OR_RETURN(HostTensor result, combine(call, call.in(0), call.in(1)));
  return std::vector{std::move(result)};
}

EvalResult variadic(const EvalCall& call) {
  HostTensor result = call.in(0);
  for (size_t i = 1; i < call.inputs.size(); ++i) {
    BP_ASSIGN_OR_RETURN(result, combine(call, result, call.in(i)));
  }
  return std::vector{std::move(result)};
}

EvalResult compare(const EvalCall& call) {
  const HostTensor& a = call.in(0);
  const HostTensor& b = call.in(1);
  BP_ASSIGN_OR_RETURN(const ConcreteDims dims, broadcast_shape(a.dims, b.dims));
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(ElementType::kBool, dims));
  BP_RETURN_IF_ERROR(for_each_pair(dims, a, b, [&](size_t at, size_t i, size_t j) -> Status {
    const bool holds = a.is_real() ? compare_values(call.node.op_type, a.reals[i], b.reals[j])
                                   : compare_values(call.node.op_type, a.ints[i], b.ints[j]);
    result.ints[at] = holds ? 1 : 0;
    return {};
  }));
  return std::vector{std::move(result)};
}

EvalResult unary(const EvalCall& call) {
  HostTensor result = call.in(0);
  const std::string& op = call.node.op_type;
  for (int64_t& v : result.ints) {
    if (op == "Neg") v = wrapped(wrap_sub(0, v), result.element);
    if (op == "Abs" && v < 0) v = wrapped(wrap_sub(0, v), result.element);
    if (op == "Sign") v = (v > 0) - (v < 0);
    if (op == "Not") v = v == 0 ? 1 : 0;
  }
  for (double& v : result.reals) {
    if (op == "Neg") v = -v;
    if (op == "Abs") v = std::abs(v);
    if (op == "Sign" && !std::isnan(v)) v = static_cast<double>((v > 0) - (v < 0));
    if (op == "Floor") v = std::floor(v);
    if (op == "Ceil") v = std::ceil(v);
    if (op == "Round") v = round_half_even(v);
    if (op == "Sqrt") v = rounded(std::sqrt(v), result.element);
    if (op == "Reciprocal") v = rounded(1.0 / v, result.element);
  }
  return std::vector{std::move(result)};
}

EvalResult cast(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const auto to = call.node.op_type == "CastLike" ? call.in(1).element
                                                  : static_cast<ElementType>(call.node.int_or("to", 0));
  if (!is_host_element(to)) {
    return Status(ErrorCode::kUnsupported, fmt::format("no {} on shape paths", element_type_name(to)));
  }
  HostTensor result = zeros(to, source.dims);
  for (size_t i = 0; i < source.count(); ++i) {
    if (source.is_real() && result.is_real()) {
      result.reals[i] = rounded(source.reals[i], to);
    } else if (result.is_real()) {
      const int64_t v = source.ints[i];
      result.reals[i] =
          to == ElementType::kFloat32 ? static_cast<double>(static_cast<float>(v)) : static_cast<double>(v);
    } else if (source.is_real()) {
      const double v = source.reals[i];
      if (to == ElementType::kBool) {
        result.ints[i] = v != 0 ? 1 : 0;
      } else if (!(std::abs(v) < 9.2e18)) {
        return eval_error("{} is not an integer of 64 bits", v);
      } else {
        result.ints[i] = wrapped(static_cast<int64_t>(v), to);
      }
    } else {
      result.ints[i] = wrapped(source.ints[i], to);
    }
  }
  return std::vector{std::move(result)};
}

EvalResult where(const EvalCall& call) {
  BP_ASSIGN_OR_RETURN(const ConcreteDims both, broadcast_shape(call.in(1).dims, call.in(2).dims));
  BP_ASSIGN_OR_RETURN(const ConcreteDims dims, broadcast_shape(call.in(0).dims, both));
  BP_ASSIGN_OR_RETURN(HostTensor result, make_result(call.in(1).element, dims));
  std::vector<int64_t> index(dims.size(), 0);
  for (size_t i = 0; i < result.count(); ++i) {
    const HostTensor& from = call.in(call.in(0).ints[broadcast_offset(index, call.in(0).dims)] != 0 ? 1 : 2);
    copy_element(from, broadcast_offset(index, from.dims), result, i);
    advance(index, dims);
  }
  return std::vector{std::move(result)};
}

namespace {

double reduce_step(const std::string& op, double into, double value) {
  if (op == "ReduceSum" || op == "ReduceMean") return into + value;
  if (op == "ReduceProd") return into * value;
  if (std::isnan(into) || std::isnan(value)) return std::numeric_limits<double>::quiet_NaN();
  return op == "ReduceMax" ? std::max(into, value) : std::min(into, value);
}

int64_t reduce_step(const std::string& op, int64_t into, int64_t value) {
  if (op == "ReduceSum" || op == "ReduceMean") return wrap_add(into, value);
  if (op == "ReduceProd") return wrap_mul(into, value);
  return op == "ReduceMax" ? std::max(into, value) : std::min(into, value);
}

}  // namespace

EvalResult reduce(const EvalCall& call) {
  const HostTensor& source = call.in(0);
  const std::string& op = call.node.op_type;
  const std::vector<int64_t> given = call.ints(1, "axes");
  if (given.empty() && call.node.int_or("noop_with_empty_axes", 0) != 0) return std::vector{source};
  std::vector<bool> reduced(source.rank(), given.empty());
  for (const int64_t axis : given) {
    BP_ASSIGN_OR_RETURN(const size_t checked, eval_axis(axis, source.rank()));
    reduced[checked] = true;
  }
  ConcreteDims kept = source.dims;
  int64_t group = 1;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (reduced[i]) {
      group *= kept[i];
      kept[i] = 1;
    }
  }
  HostTensor result = zeros(source.element, kept);
  const bool empty_group = group == 0;
  if (empty_group && (op == "ReduceMax" || op == "ReduceMin" || op == "ReduceMean")) {
    return eval_error("the reduced axes have no elements");
  }
  if (empty_group && op == "ReduceProd") {
    std::fill(result.ints.begin(), result.ints.end(), 1);
    std::fill(result.reals.begin(), result.reals.end(), 1.0);
  }
  std::vector<bool> started(result.count(), false);
  std::vector<int64_t> index(source.rank(), 0);
  for (size_t i = 0; i < source.count(); ++i) {
    const size_t at = broadcast_offset(index, kept);
    if (!started[at]) {
      copy_element(source, i, result, at);
      started[at] = true;
    } else if (source.is_real()) {
      result.reals[at] = reduce_step(op, result.reals[at], source.reals[i]);
    } else {
      result.ints[at] = reduce_step(op, result.ints[at], source.ints[i]);
    }
    advance(index, source.dims);
  }
  for (double& v : result.reals)
    v = rounded(op == "ReduceMean" ? v / static_cast<double>(group) : v, result.element);
  for (int64_t& v : result.ints) v = wrapped(op == "ReduceMean" ? v / group : v, result.element);
  if (call.node.int_or("keepdims", 1) == 0) {
    ConcreteDims dims;
    for (size_t i = 0; i < kept.size(); ++i) {
      if (!reduced[i]) dims.push_back(kept[i]);
    }
    result.dims = std::move(dims);
  }
  return std::vector{std::move(result)};
}

}  // namespace bp::shape_eval
