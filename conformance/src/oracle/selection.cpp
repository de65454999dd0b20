// Results whose number depends on the data, and orders.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "oracle/oracle.hpp"

namespace bp::conformance {
namespace {

// A strict order of elements; NaN is the largest.
bool less(const Array& x, int64_t a, int64_t b) {
  if (x.type == ElementType::kString)
    return x.strings[static_cast<size_t>(a)] < x.strings[static_cast<size_t>(b)];
  if (!x.is_real()) return x.wide(a) < x.wide(b);
  const double left = x.real(a), right = x.real(b);
  if (std::isnan(left)) return false;
  return std::isnan(right) || left < right;
}

bool is_set(const Array& x, int64_t at) {
  if (x.type == ElementType::kString) return !x.strings[static_cast<size_t>(at)].empty();
  return x.is_real() ? x.real(at) != 0 : x.wide(at) != 0;
}

std::vector<Array> non_zero(const OracleCall& call) {
  const Array& x = call.in(0);
  std::vector<std::vector<int64_t>> places;
  for_each_index(x.dims, [&](const std::vector<int64_t>& index, int64_t flat) {
    if (is_set(x, flat)) places.push_back(index);
  });
  const auto found = static_cast<int64_t>(places.size());
  Array y(ElementType::kInt64, {x.rank(), found});
  for (int64_t axis = 0; axis < x.rank(); ++axis)
    for (int64_t i = 0; i < found; ++i)
      y.ints[static_cast<size_t>(axis * found + i)] = places[static_cast<size_t>(i)][static_cast<size_t>(axis)];
  return {y};
}

std::vector<Array> compress(const OracleCall& call) {
  Array x = call.in(0);
  const std::vector<int64_t> condition = call.list_input(1);
  int64_t wanted = 0;
  const bool flat = call.node.find_attribute("axis") == nullptr;
  if (flat) x.dims = {x.count()};
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 0), x.rank()));
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < std::min(x.dims[axis], static_cast<int64_t>(condition.size())); ++i)
    if (condition[static_cast<size_t>(i)] != 0) kept.push_back(i), ++wanted;
  ConcreteDims dims = x.dims;
  dims[axis] = wanted;
  const std::vector<int64_t> strides = strides_of(x.dims);
  return {gather(x, dims, [&](const std::vector<int64_t>& index) {
    int64_t place = 0;
    for (size_t i = 0; i < index.size(); ++i)
      place += (i == axis ? kept[static_cast<size_t>(index[i])] : index[i]) * strides[i];
    return place;
  })};
}

std::vector<Array> top_k(const OracleCall& call) {
  const Array& x = call.in(0);
  const int64_t k = call.int_input(1, 1);
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", -1), x.rank()));
  const bool largest = call.attribute("largest", 1) != 0;
  const int64_t inner = product(std::span(x.dims).subspan(axis + 1)), size = x.dims[axis];
  ConcreteDims dims = x.dims;
  dims[axis] = k;
  Array values(call.out(0), dims), places(ElementType::kInt64, dims);
  const int64_t lines = product(std::span(x.dims).first(axis)) * inner;
  for (int64_t line = 0; line < lines; ++line) {
    const auto at = [&](int64_t i, int64_t of) { return (line / inner * of + i) * inner + line % inner; };
    std::vector<int64_t> order(static_cast<size_t>(size));
    std::iota(order.begin(), order.end(), int64_t{0});
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return largest ? less(x, at(b, size), at(a, size)) : less(x, at(a, size), at(b, size));
    });
    for (int64_t i = 0; i < k; ++i) {
      values.copy_element(at(i, k), x, at(order[static_cast<size_t>(i)], size));
      places.ints[static_cast<size_t>(at(i, k))] = order[static_cast<size_t>(i)];
    }
  }
  return {values, places};
}

// The slices along an axis that differ, with where each was first, which it is, and how often.
std::vector<Array> unique(const OracleCall& call) {
  Array x = call.in(0);
  const bool flat = call.node.find_attribute("axis") == nullptr;
  const ConcreteDims whole = x.dims;
  if (flat) x.dims = {x.count()};
  const auto axis = static_cast<size_t>(axis_in(call.attribute("axis", 0), x.rank()));
  const int64_t inner = product(std::span(x.dims).subspan(axis + 1)), size = x.dims[axis];
  const int64_t outer = product(std::span(x.dims).first(axis));
  const auto place = [&](int64_t slice, int64_t i) { return (i / inner * size + slice) * inner + i % inner; };
  const auto before = [&](int64_t a, int64_t b) {
    for (int64_t i = 0; i < outer * inner; ++i) {
      if (less(x, place(a, i), place(b, i))) return true;
      if (less(x, place(b, i), place(a, i))) return false;
    }
    return false;
  };
  std::vector<int64_t> firsts, which(static_cast<size_t>(size)), counts;
  for (int64_t slice = 0; slice < size; ++slice) {
    const auto same = [&](int64_t other) { return !before(slice, other) && !before(other, slice); };
    const auto found = std::find_if(firsts.begin(), firsts.end(), same);
    which[static_cast<size_t>(slice)] = found - firsts.begin();
    if (found == firsts.end()) firsts.push_back(slice), counts.push_back(0);
    ++counts[static_cast<size_t>(which[static_cast<size_t>(slice)])];
  }
  std::vector<int64_t> order(firsts.size()), rank(firsts.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  if (call.attribute("sorted", 1) != 0)
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return before(firsts[static_cast<size_t>(a)], firsts[static_cast<size_t>(b)]);
    });
  for (size_t i = 0; i < order.size(); ++i) rank[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  const auto found = static_cast<int64_t>(order.size());
  ConcreteDims dims = x.dims;
  dims[axis] = found;
  Array y(x.type, dims), first(ElementType::kInt64, {found}), inverse(ElementType::kInt64, {size}),
      count(ElementType::kInt64, {found});
  for (int64_t i = 0; i < found; ++i) {
    const auto at = static_cast<size_t>(order[static_cast<size_t>(i)]);
    first.ints[static_cast<size_t>(i)] = firsts[at];
    count.ints[static_cast<size_t>(i)] = counts[at];
    for (int64_t j = 0; j < outer * inner; ++j)
      y.copy_element((j / inner * found + i) * inner + j % inner, x, place(firsts[at], j));
  }
  for (int64_t slice = 0; slice < size; ++slice)
    inverse.ints[static_cast<size_t>(slice)] = rank[static_cast<size_t>(which[static_cast<size_t>(slice)])];
  return {y, first, inverse, count};
}

// Boxes as [y1, x1, y2, x2] or [x, y, width, height] of their centres.
struct Box {
  double y1, x1, y2, x2;
};

Box box_at(const Array& boxes, int64_t at, bool centred) {
  const double a = boxes.real(at * 4), b = boxes.real(at * 4 + 1), c = boxes.real(at * 4 + 2),
               d = boxes.real(at * 4 + 3);
  if (centred) return {b - d / 2, a - c / 2, b + d / 2, a + c / 2};
  return {std::min(a, c), std::min(b, d), std::max(a, c), std::max(b, d)};
}

double overlap(const Box& a, const Box& b) {
  const double height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1),
               width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  if (height <= 0 || width <= 0) return 0;
  const double both = height * width;
  return both / ((a.y2 - a.y1) * (a.x2 - a.x1) + (b.y2 - b.y1) * (b.x2 - b.x1) - both);
}

std::vector<Array> non_max_suppression(const OracleCall& call) {
  const Array &boxes = call.in(0), &scores = call.in(1);
  const int64_t most = call.int_input(2, 0), batches = scores.dims[0], classes = scores.dims[1],
                count = scores.dims[2];
  const double limit = call.real_input(3, 0);
  const bool has_threshold = call.has(4) && call.in(4).count() > 0,
             centred = call.attribute("center_point_box", 0) != 0;
  std::vector<int64_t> chosen;
  for (int64_t line = 0; line < batches * classes; ++line) {
    std::vector<int64_t> order;
    for (int64_t i = 0; i < count; ++i)
      if (!has_threshold || scores.real(line * count + i) > call.in(4).real(0)) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return scores.real(line * count + a) > scores.real(line * count + b);
    });
    std::vector<int64_t> kept;
    for (const int64_t i : order) {
      if (static_cast<int64_t>(kept.size()) >= most) break;
      const auto box = [&](int64_t at) { return box_at(boxes, line / classes * count + at, centred); };
      const bool hidden =
          std::any_of(kept.begin(), kept.end(), [&](int64_t k) { return overlap(box(i), box(k)) > limit; });
      if (!hidden) kept.push_back(i);
    }
    for (const int64_t i : kept) chosen.insert(chosen.end(), {line / classes, line % classes, i});
  }
  Array y(ElementType::kInt64, {static_cast<int64_t>(chosen.size()) / 3, 3});
  y.ints = chosen;
  return {y};
}

constexpr OracleRow kRows[] = {
    {"", "Compress", compress}, {"", "NonMaxSuppression", non_max_suppression},
    {"", "NonZero", non_zero},  {"", "TopK", top_k},
    {"", "Unique", unique},
};

}  // namespace

std::span<const OracleRow> selection_rows() { return kRows; }

}  // namespace bp::conformance
