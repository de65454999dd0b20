// Along axes: reductions, the place of the largest, running sums and products.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

// The axes come as an input in newer forms, as an attribute in older ones.
std::vector<int64_t> axes_of(const OracleCall& call) {
  return call.has(1) ? call.list_input(1) : call.list_attribute("axes");
}

// Calls `reduce(values)` with the flat places of what is reduced to each output element, in order.
template <class Reduce>
std::vector<Array> reduce_axes(const OracleCall& call, Reduce&& reduce) {
  const Array& x = call.in(0);
  std::set<int64_t> axes;
  for (const int64_t axis : axes_of(call)) axes.insert(axis_in(axis, x.rank()));
  // Without axes all are reduced, or none: then each element is a sum of its own.
  if (axes.empty() && call.attribute("noop_with_empty_axes", 0) == 0) {
    for (int64_t axis = 0; axis < x.rank(); ++axis) axes.insert(axis);
  }
  const bool keep = call.attribute("keepdims", 1) != 0;
  ConcreteDims kept = x.dims, dims;
  for (int64_t axis = 0; axis < x.rank(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    if (axes.contains(axis)) kept[at] = 1;
    if (keep || !axes.contains(axis)) dims.push_back(kept[at]);
  }
  std::vector<std::vector<int64_t>> places(static_cast<size_t>(product(kept)));
  for_each_index(x.dims, [&](const std::vector<int64_t>& index, int64_t flat) {
    places[static_cast<size_t>(broadcast_place(index, kept))].push_back(flat);
  });
  Array y(call.out(0), dims);
  for (size_t at = 0; at < places.size(); ++at) reduce(x, places[at], y, static_cast<int64_t>(at));
  return {y};
}

using Places = std::vector<int64_t>;

// Sums of f(x), finished by g(sum, count).
template <class Term, class Finish>
std::vector<Array> reduce_sum(const OracleCall& call, Term&& term, Finish&& finish) {
  return reduce_axes(call, [&](const Array& x, const Places& places, Array& y, int64_t at) {
    double sum = 0;
    for (const int64_t place : places) sum += term(x.real(place));
    y.set(at, finish(sum, static_cast<double>(places.size())));
  });
}

double itself(double x) { return x; }
double square(double x) { return x * x; }
double sum_only(double sum, double) { return sum; }

// Integer sums wrap in their own type.
template <class Term>
std::vector<Array> reduce_exact(const OracleCall& call, double (*real)(double), Term&& term) {
  if (call.in(0).is_real()) return reduce_sum(call, real, sum_only);
  return reduce_axes(call, [&](const Array& x, const Places& places, Array& y, int64_t at) {
    Wide sum = 0;
    for (const int64_t place : places) sum += term(x.wide(place));
    y.set_wide(at, sum);
  });
}

std::vector<Array> reduce_sum(const OracleCall& call) {
  return reduce_exact(call, itself, [](Wide x) { return x; });
}
std::vector<Array> reduce_l1(const OracleCall& call) {
  return reduce_exact(call, std::fabs, [](Wide x) { return x < 0 ? -x : x; });
}
std::vector<Array> reduce_sum_square(const OracleCall& call) {
  return reduce_exact(call, square, [](Wide x) { return x * x; });
}
std::vector<Array> reduce_l2(const OracleCall& call) {
  return reduce_sum(call, square, [](double sum, double) { return std::sqrt(sum); });
}
std::vector<Array> reduce_log_sum(const OracleCall& call) {
  return reduce_sum(call, itself, [](double sum, double) { return std::log(sum); });
}
std::vector<Array> reduce_mean(const OracleCall& call) {
  return reduce_sum(call, itself, [](double sum, double count) { return sum / count; });
}
std::vector<Array> reduce_log_sum_exp(const OracleCall& call) {
  return reduce_axes(call, [](const Array& x, const Places& places, Array& y, int64_t at) {
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (const int64_t place : places) largest = std::max(largest, x.real(place));
    const double shift = std::isfinite(largest) ? largest : 0;
    for (const int64_t place : places) sum += std::exp(x.real(place) - shift);
    y.set(at, shift + std::log(sum));
  });
}
std::vector<Array> reduce_prod(const OracleCall& call) {
  return reduce_axes(call, [](const Array& x, const Places& places, Array& y, int64_t at) {
    double real = 1;
    uint64_t whole = 1;
    for (const int64_t place : places) {
      if (x.is_real()) real *= x.real(place);
      if (!x.is_real()) whole *= static_cast<uint64_t>(x.wide(place));
    }
    if (x.is_real()) y.set(at, real);
    if (!x.is_real()) y.set_wide(at, static_cast<Wide>(whole));
  });
}

// The smallest number of the type for nothing at all, as the standard says.
template <bool kLargest>
std::vector<Array> reduce_extreme(const OracleCall& call) {
  return reduce_axes(call, [](const Array& x, const Places& places, Array& y, int64_t at) {
    if (places.empty()) {
      const double infinity = std::numeric_limits<double>::infinity();
      if (y.is_real()) y.set(at, kLargest ? -infinity : infinity);
      if (y.is_real()) return;
      const uint32_t bits = element_bits(y.type);
      const bool is_unsigned = y.type == ElementType::kUint8 || y.type == ElementType::kUint32 ||
                               y.type == ElementType::kUint64 || y.type == ElementType::kUint16;
      const bool is_bool = y.type == ElementType::kBool;
      const Wide top = is_bool ? 1 : (static_cast<Wide>(1) << (is_unsigned ? bits : bits - 1)) - 1;
      const Wide bottom = is_unsigned || is_bool ? 0 : -top - 1;
      return y.set_wide(at, kLargest ? bottom : top);
    }
    int64_t best = places.front();
    for (const int64_t place : places) {
      if (x.is_real() && std::isnan(x.real(place))) best = place;
      if (x.is_real() && std::isnan(x.real(best))) break;
      const bool better = x.is_real()
                              ? (kLargest ? x.real(place) > x.real(best) : x.real(place) < x.real(best))
                              : (kLargest ? x.wide(place) > x.wide(best) : x.wide(place) < x.wide(best));
      if (better) best = place;
    }
    y.copy_element(at, x, best);
  });
}

template <bool kLargest>
std::vector<Array> arg_extreme(const OracleCall& call) {
  const Array& x = call.in(0);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 0), x.rank()));
  const bool last = call.attribute("select_last_index", 0) != 0;
  ConcreteDims kept = x.dims;
  kept[axis] = 1;
  Array y(ElementType::kInt64, kept);
  const int64_t inner = product(std::span(x.dims).subspan(axis + 1));
  for (int64_t flat = 0; flat < y.count(); ++flat) {
    const int64_t base = flat / inner * x.dims[axis] * inner + flat % inner;
    int64_t best = 0;
    for (int64_t i = 1; i < x.dims[axis]; ++i) {
      const int64_t here = base + i * inner, there = base + best * inner;
      const bool better = x.is_real()
                              ? (kLargest ? x.real(here) > x.real(there) : x.real(here) < x.real(there))
                              : (kLargest ? x.wide(here) > x.wide(there) : x.wide(here) < x.wide(there));
      const bool equal = x.is_real() ? x.real(here) == x.real(there) : x.wide(here) == x.wide(there);
      if (better || (last && equal)) best = i;
    }
    y.ints[static_cast<size_t>(flat)] = best;
  }
  if (call.attribute("keepdims", 1) == 0) y.dims.erase(y.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  return {y};
}

template <bool kProduct>
std::vector<Array> cumulate(const OracleCall& call) {
  const Array& x = call.in(0);
  const auto axis = static_cast<size_t>(axis_in(call.int_input(1, 0), x.rank()));
  const bool exclusive = call.attribute("exclusive", 0) != 0, reverse = call.attribute("reverse", 0) != 0;
  const int64_t inner = product(std::span(x.dims).subspan(axis + 1)), size = x.dims[axis];
  const int64_t outer = product(std::span(x.dims).first(axis));
  Array y(call.out(0), x.dims);
  for (int64_t line = 0; line < outer * inner; ++line) {
    double real = kProduct ? 1 : 0;
    Wide whole = kProduct ? 1 : 0;
    for (int64_t step = 0; step < size; ++step) {
      const int64_t at = (line / inner * size + (reverse ? size - 1 - step : step)) * inner + line % inner;
      const auto put = [&] { x.is_real() ? y.set(at, real) : y.set_wide(at, whole); };
      if (exclusive) put();
      if (x.is_real()) real = kProduct ? real * x.real(at) : real + x.real(at);
      if (!x.is_real())
        whole = kProduct ? static_cast<Wide>(static_cast<uint64_t>(whole) * static_cast<uint64_t>(x.wide(at)))
                         : whole + x.wide(at);
      if (!exclusive) put();
    }
  }
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "ArgMax", arg_extreme<true>},
    {"", "ArgMin", arg_extreme<false>},
    {"", "CumProd", cumulate<true>},
    {"", "CumSum", cumulate<false>},
    {"", "ReduceL1", reduce_l1},
    {"", "ReduceL2", reduce_l2},
    {"", "ReduceLogSum", reduce_log_sum},
    {"", "ReduceLogSumExp", reduce_log_sum_exp},
    {"", "ReduceMax", reduce_extreme<true>},
    {"", "ReduceMean", reduce_mean},
    {"", "ReduceMin", reduce_extreme<false>},
    {"", "ReduceProd", reduce_prod},
    {"", "ReduceSum", reduce_sum},
    {"", "ReduceSumSquare", reduce_sum_square},
};

}  // namespace

std::span<const OracleRow> reduction_rows() { return kRows; }

}  // namespace bp::conformance
