// Tensors made from a few numbers.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

std::vector<Array> shape(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t rank = x.rank();
  const auto place = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t start = place(call.attribute("start", 0)), end = place(call.attribute("end", rank));
  Array y(ElementType::kInt64, {std::max<int64_t>(end - start, 0)});
  for (int64_t i = start; i < end; ++i) y.ints[static_cast<size_t>(i - start)] = x.dims[static_cast<size_t>(i)];
  return {y};
}

std::vector<Array> size(const OracleCall& call) {
  Array y(ElementType::kInt64, {});
  y.ints[0] = call.in(0).count();
  return {y};
}

std::vector<Array> constant_of_shape(const OracleCall& call) {
  Array y(call.out(0), call.list_input(0));
  const Attribute* value = call.node.find_attribute("value");
  if (value == nullptr) return {y};
  const Array fill = to_array(*std::get<TensorPtr>(value->value));
  for (int64_t i = 0; i < y.count(); ++i) y.copy_element(i, fill, 0);
  return {y};
}

std::vector<Array> eye_like(const OracleCall& call) {
  Array y(call.out(0), call.in(0).dims);
  const int64_t k = call.attribute("k", 0);
  for (int64_t row = 0; row < y.dims[0]; ++row)
    if (row + k >= 0 && row + k < y.dims[1]) y.set_wide(row * y.dims[1] + row + k, 1);
  return {y};
}

std::vector<Array> range(const OracleCall& call) {
  const Array &start = call.in(0), &limit = call.in(1), &delta = call.in(2);
  int64_t count = 0;
  if (start.is_real()) {
    count = static_cast<int64_t>(std::max(std::ceil((limit.real(0) - start.real(0)) / delta.real(0)), 0.0));
  } else {
    const Wide span = limit.wide(0) - start.wide(0), step = delta.wide(0);
    count = static_cast<int64_t>(span / step + (span % step != 0 ? 1 : 0));
    if ((span < 0) != (step < 0)) count = 0;
  }
  Array y(call.out(0), {count});
  for (int64_t i = 0; i < count; ++i) {
    if (start.is_real()) y.set(i, start.real(0) + static_cast<double>(i) * delta.real(0));
    if (!start.is_real()) y.set_wide(i, start.wide(0) + i * delta.wide(0));
  }
  return {y};
}

// Sums of cosines: a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N).
std::vector<Array> cosine_window(const OracleCall& call, double a0, double a1, double a2) {
  const auto count = static_cast<int64_t>(call.in(0).wide(0));
  const auto period = static_cast<double>(call.attribute("periodic", 1) != 0 ? count : count - 1);
  Array y(call.out(0), {count});
  for (int64_t i = 0; i < count; ++i) {
    const double turn = period == 0 ? 0 : 2 * std::numbers::pi * static_cast<double>(i) / period;
    y.set(i, a0 - a1 * std::cos(turn) + a2 * std::cos(2 * turn));
  }
  return {y};
}

std::vector<Array> hann_window(const OracleCall& call) { return cosine_window(call, 0.5, 0.5, 0); }
std::vector<Array> hamming_window(const OracleCall& call) {
  return cosine_window(call, 25.0 / 46, 1 - 25.0 / 46, 0);
}
std::vector<Array> blackman_window(const OracleCall& call) { return cosine_window(call, 0.42, 0.5, 0.08); }

// In inference nothing is dropped.
std::vector<Array> dropout(const OracleCall& call) {
  Array mask(ElementType::kBool, call.in(0).dims);
  mask.ints.assign(mask.ints.size(), 1);
  return {call.in(0), mask};
}

constexpr OracleRow kRows[] = {
    {"", "BlackmanWindow", blackman_window},
    {"", "ConstantOfShape", constant_of_shape},
    {"", "Dropout", dropout},
    {"", "EyeLike", eye_like},
    {"", "HammingWindow", hamming_window},
    {"", "HannWindow", hann_window},
    {"", "Range", range},
    {"", "Shape", shape},
    {"", "Size", size},
};

}  // namespace

std::span<const OracleRow> generator_rows() { return kRows; }

}  // namespace bp::conformance
