// Operators that write at indices into a copy of their data: ScatterElements, ScatterND, with a reduction where
// an element is hit.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/sized.hpp"
#include "kernels/strided_copy.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr RunError kOutside = "an index is outside the axis that it points into";

void check_scatter(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  check.types(1, kIndices);
  check.string_attribute("reduction", "none", {"none", "add", "mul", "min", "max"});
  const bool moves = check.node.attributes.string_or("reduction", "none") == "none";
  check.types(0, moves ? kMovable : kNumbers);
  check.types(2, moves ? kMovable : kNumbers);
}

// What an update does to the element that it hits, on the compute type.
struct Replace {
  template <class C>
  C operator()(C, C update) const {
    return update;
  }
};
struct Add {
  template <class C>
  C operator()(C old, C update) const {
    return static_cast<C>(old + update);
  }
};
struct Multiply {
  template <class C>
  C operator()(C old, C update) const {
    return static_cast<C>(old * update);
  }
};
struct Least {
  template <class C>
  C operator()(C old, C update) const {
    return update < old || update != update ? update : old;  // NaN wins
  }
};
struct Greatest {
  template <class C>
  C operator()(C old, C update) const {
    return update > old || update != update ? update : old;
  }
};

// Calls f(Tag<T>, reduction). Without arithmetic only the size of T counts.
template <class F>
void with_reduction(Builder& b, F&& f) {
  const std::string name = b.attributes().string_or("reduction", "none");
  if (name == "none") return with_size(element_size(b.input_type(0)), [&](auto tag) { f(tag, Replace{}); });
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T> tag) {
    if (name == "add") f(tag, Add{});
    if (name == "mul") f(tag, Multiply{});
    if (name == "min") f(tag, Least{});
    if (name == "max") f(tag, Greatest{});
  });
}

template <class T, class Op>
void apply(T& target, T update, const Op& op) {
  using C = Compute<T>;
  target = static_cast<T>(op(static_cast<C>(target), static_cast<C>(update)));
}

// Indices are int32 or int64; a reader for both keeps the kernels few.
struct IndexReader {
  bool wide;
  int64_t operator()(const void* indices, int64_t i) const {
    return wide ? static_cast<const int64_t*>(indices)[i] : static_cast<const int32_t*>(indices)[i];
  }
};

// data[i, index[i,j,k], k] takes update[i,j,k]: strides of the updates' axes in data, the axis apart.
void build_scatter_elements(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const Dims from = b.input_dims(1);
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
  bool fits = from.size() == dims.size() && from == b.input_dims(2);
  for (size_t i = 0; fits && i < from.size(); ++i) fits = i == axis || from[i] <= dims[i];
  if (!fits) {
    b.fail(text("indices ", dims_text(from), " and updates ", dims_text(b.input_dims(2)),
                " do not fit data with dims ", dims_text(dims)));
  }
  b.output(0, dims);
  Dims strides = row_major_strides(dims);
  const int64_t axis_stride = strides[axis];
  strides[axis] = 0;
  const int64_t dim = dims[axis];
  const int64_t count = element_count(dims);
  const int64_t length = from.back();
  const int64_t rows = length == 0 ? 0 : element_count(from) / length;
  const IndexReader reader{b.input_type(1) == Type::kInt64};
  with_reduction(b, [&]<class T, class Op>(Tag<T>, Op op) {
    b.run([=](const Call& call) -> RunError {
      T* target = call.out<T>(3);
      const T* updates = call.in<T>(2);
      std::copy_n(call.in<T>(0), count, target);
      for (int64_t row = 0; row < rows; ++row) {
        int64_t left = row;
        int64_t offset = 0;
        for (size_t i = from.size() - 1; i-- > 0;) {
          offset += left % from[i] * strides[i];
          left /= from[i];
        }
        for (int64_t i = 0; i < length; ++i) {
          const int64_t at = row * length + i;
          int64_t index = reader(call.args[1], at);
          if (index < -dim || index >= dim) return kOutside;
          if (index < 0) index += dim;
          apply(target[offset + i * strides.back() + index * axis_stride], updates[at], op);
        }
      }
      return nullptr;
    });
  });
}

// Each tuple of indices points at a block of data, which takes a block of updates.
void build_scatter_nd(Builder& b) {
  const Dims& dims = b.input_dims(0);
  const Dims& indices = b.input_dims(1);
  if (indices.empty() || indices.back() < 0 || static_cast<size_t>(indices.back()) > dims.size()) {
    b.fail(
        text("indices with dims ", dims_text(indices), " do not point into data with dims ", dims_text(dims)));
  }
  const auto length = static_cast<size_t>(indices.back());
  const auto block_begin = dims.begin() + static_cast<std::ptrdiff_t>(length);
  Dims expected(indices.begin(), indices.end() - 1);
  const int64_t tuples = element_count(expected);
  expected.insert(expected.end(), block_begin, dims.end());
  if (b.input_dims(2) != expected) {
    b.fail(text("updates must have dims ", dims_text(expected), ", have ", dims_text(b.input_dims(2))));
  }
  b.output(0, dims);
  const Dims strides = row_major_strides(dims);
  const Dims limits(dims.begin(), block_begin);
  const int64_t block = element_count(Dims(block_begin, dims.end()));
  const int64_t count = element_count(dims);
  const IndexReader reader{b.input_type(1) == Type::kInt64};
  with_reduction(b, [&]<class T, class Op>(Tag<T>, Op op) {
    b.run([=](const Call& call) -> RunError {
      T* target = call.out<T>(3);
      const T* update = call.in<T>(2);
      std::copy_n(call.in<T>(0), count, target);
      for (int64_t tuple = 0; tuple < tuples; ++tuple, update += block) {
        int64_t offset = 0;
        for (size_t i = 0; i < length; ++i) {
          int64_t index = reader(call.args[1], tuple * static_cast<int64_t>(length) + static_cast<int64_t>(i));
          if (index < -limits[i] || index >= limits[i]) return kOutside;
          if (index < 0) index += limits[i];
          offset += index * strides[i];
        }
        for (int64_t i = 0; i < block; ++i) apply(target[offset + i], update[i], op);
      }
      return nullptr;
    });
  });
}

constexpr Row kRows[] = {
    {"ScatterElements", check_scatter, build_scatter_elements, 11},
    {"ScatterND", check_scatter, build_scatter_nd, 11},
};

}  // namespace

std::span<const Row> scatter_rows() { return kRows; }

}  // namespace bp::cpu
