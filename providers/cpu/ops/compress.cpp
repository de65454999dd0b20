// Operators that keep some elements, how many depends on the data: NonZero, Compress.
#include <algorithm>
#include <vector>

#include "kernels/sized.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_non_zero(Check& check) {
  check.required(0);
  check.types(0, kAny);
}

template <class T>
bool is_set(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value;
  } else if constexpr (std::is_same_v<T, Text>) {
    return value.size != 0;
  } else {
    return static_cast<Compute<T>>(value) != Compute<T>(0);
  }
}

void build_non_zero(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t count = element_count(dims);
  const auto rank = static_cast<int64_t>(dims.size());
  const size_t true_dims = b.bounded_output(0, {rank, count});
  dispatch<kAny>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const T* x = call.in<T>(0);
      auto* target = call.out<int64_t>(1);
      const int64_t found = std::count_if(x, x + count, [](T value) { return is_set(value); });
      call.out<int64_t>(true_dims)[0] = rank;
      call.out<int64_t>(true_dims)[1] = found;
      int64_t column = 0;
      for (int64_t i = 0; i < count && column < found; ++i) {
        if (!is_set(x[i])) continue;
        int64_t left = i;
        for (int64_t axis = rank; axis-- > 0;) {
          target[axis * found + column] = left % dims[static_cast<size_t>(axis)];
          left /= dims[static_cast<size_t>(axis)];
        }
        ++column;
      }
    });
  });
}

// [outer, items, inner elements]: an axis of the input, or all elements as items.
struct Items {
  int64_t outer = 1;
  int64_t count = 0;
  int64_t inner = 1;
};

// The kept ones of `flags` items; returns the target behind them. Single elements are written before it is
// known whether they are kept: what is not is written over.
template <class U>
U* keep_items(const uint8_t* keep, int64_t flags, int64_t inner, const U* source, U* target) {
  if (inner == 1) {
    for (int64_t i = 0; i < flags; ++i) {
      *target = source[i];
      target += keep[i] != 0 ? 1 : 0;
    }
    return target;
  }
  for (int64_t i = 0; i < flags; ++i) {
    if (keep[i] == 0) continue;
    const int64_t first = i;
    while (i + 1 < flags && keep[i + 1] != 0) ++i;
    target = std::copy(source + first * inner, source + (i + 1) * inner, target);
  }
  return target;
}

void check_compress(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kMovable);
  check.types(1, kBool);
}

void build_compress(Builder& b) {
  const Dims& from = b.input_dims(0);
  Items items{1, element_count(from), 1};
  Dims dims = {items.count};
  size_t axis = 0;
  if (b.attributes().has("axis")) {
    axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(0)));
    const auto at = from.begin() + static_cast<std::ptrdiff_t>(axis);
    items = {element_count(Dims(from.begin(), at)), *at, element_count(Dims(at + 1, from.end()))};
    dims = from;
  }
  const int64_t flags = std::min(element_count(b.input_dims(1)), items.count);
  dims[axis] = flags;
  const size_t true_dims = b.bounded_output(0, dims);
  with_size(element_size(b.input_type(0)), [&]<class U>(Tag<U>) {
    b.run([=](const Call& call) {
      const auto* keep = call.in<uint8_t>(1);
      auto* stated = call.out<int64_t>(true_dims);
      std::copy(dims.begin(), dims.end(), stated);
      stated[axis] = std::count_if(keep, keep + flags, [](uint8_t flag) { return flag != 0; });
      const U* source = call.in<U>(0);
      U* target = call.out<U>(2);
      for (int64_t outer = 0; outer < items.outer; ++outer)
        target = keep_items(keep, flags, items.inner, source + outer * items.count * items.inner, target);
    });
  });
}

constexpr Row kRows[] = {
    {"NonZero", check_non_zero, build_non_zero, 9},
    {"Compress", check_compress, build_compress, 9},
};

}  // namespace

std::span<const Row> compress_rows() { return kRows; }

}  // namespace bp::cpu
