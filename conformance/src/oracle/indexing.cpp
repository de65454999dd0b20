// Places that come as data.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

using Index = std::vector<int64_t>;

int64_t from_front(int64_t at, int64_t size) { return at < 0 ? at + size : at; }

std::vector<Array> gather_axis(const OracleCall& call) {
  const Array &x = call.in(0), &indices = call.in(1);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 0), x.rank()));
  ConcreteDims dims(x.dims.begin(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), indices.dims.begin(), indices.dims.end());
  dims.insert(dims.end(), x.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.dims.end());
  const int64_t inner = product(std::span(x.dims).subspan(axis + 1)), count = indices.count();
  Array y(call.out(0), dims);
  for (int64_t flat = 0; flat < y.count(); ++flat) {
    const int64_t outer = flat / (count * inner);
    const int64_t at = from_front(indices.ints[static_cast<size_t>(flat / inner % count)], x.dims[axis]);
    y.copy_element(flat, x, (outer * x.dims[axis] + at) * inner + flat % inner);
  }
  return {y};
}

std::vector<Array> gather_elements(const OracleCall& call) {
  const Array &x = call.in(0), &indices = call.in(1);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 0), x.rank()));
  const std::vector<int64_t> strides = strides_of(x.dims);
  Array y(call.out(0), indices.dims);
  for_each_index(indices.dims, [&](Index at, int64_t flat) {
    at[axis] = from_front(indices.ints[static_cast<size_t>(flat)], x.dims[axis]);
    y.copy_element(flat, x, std::inner_product(at.begin(), at.end(), strides.begin(), int64_t{0}));
  });
  return {y};
}

std::vector<Array> gather_nd(const OracleCall& call) {
  const Array &x = call.in(0), &indices = call.in(1);
  const auto batch = static_cast<size_t>(call.attribute("batch_dims", 0));
  const int64_t depth = indices.dims.back();
  ConcreteDims dims(indices.dims.begin(), indices.dims.end() - 1);
  const size_t used = batch + static_cast<size_t>(depth);
  dims.insert(dims.end(), x.dims.begin() + static_cast<std::ptrdiff_t>(used), x.dims.end());
  const int64_t inner = product(std::span(x.dims).subspan(used));
  const int64_t batches = product(std::span(x.dims).first(batch));
  const int64_t rows =
      depth == 0 ? product(std::span(indices.dims).first(indices.dims.size() - 1)) : indices.count() / depth;
  const int64_t rows_per_batch = batches == 0 ? 0 : rows / batches;
  const int64_t batch_size = batches == 0 ? 0 : x.count() / batches;
  Array y(call.out(0), dims);
  for (int64_t row = 0; row < rows; ++row) {
    int64_t place = 0;
    for (int64_t i = 0; i < depth; ++i) {
      const int64_t size = x.dims[batch + static_cast<size_t>(i)];
      place = place * size + from_front(indices.ints[static_cast<size_t>(row * depth + i)], size);
    }
    for (int64_t i = 0; i < inner; ++i)
      y.copy_element(row * inner + i, x, row / rows_per_batch * batch_size + place * inner + i);
  }
  return {y};
}

// What a scattered element does to what is there.
void merge(Array& y, int64_t at, const Array& updates, int64_t from, const std::string& reduction) {
  if (reduction == "none") return y.copy_element(at, updates, from);
  if (y.is_real()) {
    const double a = y.real(at), b = updates.real(from);
    const double extreme = std::isnan(a) || std::isnan(b) ? std::nan("")
                           : reduction == "max"           ? std::max(a, b)
                                                          : std::min(a, b);
    return y.set(at, reduction == "add" ? a + b : reduction == "mul" ? a * b : extreme);
  }
  const Wide a = y.wide(at), b = updates.wide(from);
  const auto product = static_cast<Wide>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  y.set_wide(at, reduction == "add"   ? a + b
                 : reduction == "mul" ? product
                 : reduction == "max" ? std::max(a, b)
                                      : std::min(a, b));
}

std::vector<Array> scatter_elements(const OracleCall& call) {
  Array y = call.in(0);
  const Array &indices = call.in(1), &updates = call.in(2);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 0), y.rank()));
  const std::string reduction = call.text_attribute("reduction", "none");
  const std::vector<int64_t> strides = strides_of(y.dims);
  for_each_index(indices.dims, [&](Index at, int64_t flat) {
    at[axis] = from_front(indices.ints[static_cast<size_t>(flat)], y.dims[axis]);
    merge(y, std::inner_product(at.begin(), at.end(), strides.begin(), int64_t{0}), updates, flat, reduction);
  });
  return {y};
}

std::vector<Array> scatter_nd(const OracleCall& call) {
  Array y = call.in(0);
  const Array &indices = call.in(1), &updates = call.in(2);
  const std::string reduction = call.text_attribute("reduction", "none");
  const int64_t depth = indices.dims.back();
  const int64_t inner = product(std::span(y.dims).subspan(static_cast<size_t>(depth)));
  const int64_t rows = product(std::span(indices.dims).first(indices.dims.size() - 1));
  for (int64_t row = 0; row < rows; ++row) {
    int64_t place = 0;
    for (int64_t i = 0; i < depth; ++i) {
      const int64_t size = y.dims[static_cast<size_t>(i)];
      place = place * size + from_front(indices.ints[static_cast<size_t>(row * depth + i)], size);
    }
    for (int64_t i = 0; i < inner; ++i) merge(y, place * inner + i, updates, row * inner + i, reduction);
  }
  return {y};
}

// past_cache, update, write_indices: rows are written from a place per batch on.
std::vector<Array> tensor_scatter(const OracleCall& call) {
  Array y = call.in(0);
  const Array& update = call.in(1);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", -2), y.rank()));
  const bool circular = call.text_attribute("mode", "linear") == "circular";
  const std::vector<int64_t> starts = call.list_input(2), strides = strides_of(y.dims);
  for_each_index(update.dims, [&](Index at, int64_t flat) {
    at[axis] += starts.empty() ? 0 : starts[static_cast<size_t>(at[0])];
    if (circular) at[axis] %= y.dims[axis];
    y.copy_element(std::inner_product(at.begin(), at.end(), strides.begin(), int64_t{0}), update, flat);
  });
  return {y};
}

std::vector<Array> one_hot(const OracleCall& call) {
  const Array &indices = call.in(0), &values = call.in(2);
  const auto depth = static_cast<int64_t>(call.in(1).real(0));
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", -1), indices.rank() + 1));
  ConcreteDims dims = indices.dims;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  const int64_t inner = product(std::span(dims).subspan(axis + 1));
  Array y(call.out(0), dims);
  for (int64_t flat = 0; flat < y.count(); ++flat) {
    const int64_t place = flat / inner % depth;
    const auto raw = static_cast<int64_t>(indices.real(flat / (inner * depth) * inner + flat % inner));
    const bool hot = raw >= -depth && raw < depth && from_front(raw, depth) == place;
    y.copy_element(flat, values, hot ? 1 : 0);
  }
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "Gather", gather_axis},       {"", "GatherElements", gather_elements},
    {"", "GatherND", gather_nd},       {"", "OneHot", one_hot},
    {"", "Scatter", scatter_elements}, {"", "ScatterElements", scatter_elements},
    {"", "ScatterND", scatter_nd},     {"", "TensorScatter", tensor_scatter},
};

}  // namespace

std::span<const OracleRow> indexing_rows() { return kRows; }

}  // namespace bp::conformance
