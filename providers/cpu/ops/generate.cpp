// Operators that make a tensor from a few numbers: ConstantOfShape, Range, EyeLike, and the dims of a tensor as
// a tensor: Shape, Size.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "kernels/pack.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_constant_of_shape(Check& check) {
  check.required(0);
  check.types(0, kIndices);
  check.output_types(0, kNumeric);
  check.want_value(0);
}

void build_constant_of_shape(Builder& b) {
  const Dims dims = b.needed_value(0).ints();
  b.output(0, dims);
  const int64_t count = element_count(dims);
  const int threads = b.threads();
  const HostTensor* value = b.attributes().tensor("value");
  if (value != nullptr && (value->count() != 1 || value->type != b.output_type(0))) {
    b.fail("attribute 'value' must be one element of the output's type");
  }
  const Type type = b.output_type(0);
  const bool narrow = (mask(type) & kFixedSize) == 0;  // a byte, of which only the bits count
  dispatch<kFixedSize>(narrow ? Type::kUint8 : type, [&]<class T>(Tag<T>) {
    T element{};
    if (value != nullptr && is_packed(type)) {
      unpack_elements(type, static_cast<const std::byte*>(value->data), 0, 1,
                      reinterpret_cast<std::byte*>(&element));
    } else if (value != nullptr) {
      std::memcpy(&element, value->data, sizeof(T));
    }
    b.run([count, threads, element](const Call& call) {
      T* target = call.out<T>(1);
      parallel_for(threads, count, count,
                   [&](int64_t begin, int64_t end) { std::fill(target + begin, target + end, element); });
    });
  });
}

constexpr TypeMask kRangeTypes = kFloats | mask(Type::kInt16, Type::kInt32, Type::kInt64);

void check_range(Check& check) {
  for (size_t i = 0; i < 3; ++i) {
    check.required(i);
    check.types(i, kRangeTypes);
    check.want_value(i);
  }
  const int64_t stash = check.node.attributes.int_or("stash_type", 1);
  if (stash != BP_TYPE_FLOAT32)
    check.reject_attribute("stash_type", text("expected 1 (float32), found ", stash));
}

template <class T>
T scalar(Builder& b, size_t input) {
  const HostTensor& tensor = b.needed_value(input);
  if (tensor.count() != 1) b.fail(text("input ", input, " must be one element, has ", tensor.count()));
  T value{};
  std::memcpy(&value, tensor.data, sizeof(T));
  return value;
}

// How many steps of `delta` lie in [start, limit).
template <class T>
int64_t step_count(Builder& b, T start, T limit, T delta) {
  if (delta == T(0)) b.fail("delta is 0");
  if constexpr (kIsFloat<T>) {
    const double steps =
        std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(delta));
    constexpr double kMost = 1e15;
    if (!(steps < kMost)) b.fail("the range has no end");
    return std::max<int64_t>(static_cast<int64_t>(std::max(steps, 0.0)), 0);
  } else {
    if (delta > 0 ? start >= limit : start <= limit) return 0;
    // Unsigned, so that no difference overflows.
    const auto low = static_cast<uint64_t>(static_cast<int64_t>(delta > 0 ? start : limit));
    const auto high = static_cast<uint64_t>(static_cast<int64_t>(delta > 0 ? limit : start));
    const auto wide = static_cast<uint64_t>(static_cast<int64_t>(delta));
    return static_cast<int64_t>((high - low - 1) / (delta > 0 ? wide : uint64_t{0} - wide) + 1);
  }
}

// target[i] = start + i * delta for i in [begin, end).
template <class T, class Position>
void fill_range(T* target, Compute<T> start, Compute<T> delta, Position begin, Position end) {
  using C = Compute<T>;
  if constexpr (kIsFloat<T>) {
    for (Position i = begin; i < end; ++i) target[i] = static_cast<T>(start + static_cast<C>(i) * delta);
  } else {
    // Unsigned, so that nothing overflows. Blocks, as few processors multiply 64-bit numbers in vectors.
    using U = std::make_unsigned_t<T>;
    constexpr int64_t kBlock = 256;
    U steps[kBlock];
    const int64_t block = std::min<int64_t>(kBlock, end - begin);
    for (int64_t i = 0; i < block; ++i)
      steps[i] = static_cast<U>(static_cast<uint64_t>(i) * static_cast<uint64_t>(delta));
    for (int64_t first = begin; first < end; first += kBlock) {
      const auto base = static_cast<U>(static_cast<uint64_t>(start) +
                                       static_cast<uint64_t>(first) * static_cast<uint64_t>(delta));
      const int64_t count = std::min<int64_t>(kBlock, end - first);
      for (int64_t i = 0; i < count; ++i) target[first + i] = static_cast<T>(static_cast<U>(base + steps[i]));
    }
  }
}

void build_range(Builder& b) {
  dispatch<kRangeTypes>(b.output_type(0), [&]<class T>(Tag<T>) {
    using C = Compute<T>;
    const C start = static_cast<C>(scalar<T>(b, 0)), delta = static_cast<C>(scalar<T>(b, 2));
    const int64_t count = step_count(b, start, static_cast<C>(scalar<T>(b, 1)), delta);
    b.output(0, {count});
    const int threads = b.threads();
    b.run([start, delta, count, threads](const Call& call) {
      T* target = call.out<T>(3);
      parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
        // 32-bit positions become floats in vectors.
        if (end <= std::numeric_limits<int32_t>::max())
          return fill_range(target, start, delta, static_cast<int32_t>(begin), static_cast<int32_t>(end));
        fill_range(target, start, delta, begin, end);
      });
    });
  });
}

void check_dims_of(Check& check) { check.required(0); }

void add_ints(Builder& b, Dims dims, const Dims& values) {
  b.output(0, std::move(dims));
  b.run([values](const Call& call) { std::copy(values.begin(), values.end(), call.out<int64_t>(1)); });
}

void build_shape(Builder& b) {
  const Dims& from = b.input_dims(0);
  const int64_t rank = b.rank(0);
  const auto limited = [rank](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t begin = limited(b.attributes().int_or("start", 0));
  const int64_t end = std::max(begin, limited(b.attributes().int_or("end", rank)));
  add_ints(b, {end - begin}, Dims(from.begin() + begin, from.begin() + end));
}

void build_size(Builder& b) { add_ints(b, {}, {element_count(b.input_dims(0))}); }

void check_eye_like(Check& check) {
  check.required(0);
  check.rank_between(0, 2, 2);
  check.output_types(0, kFixedSize);
}

void build_eye_like(Builder& b) {
  const Dims dims = b.input_dims(0);
  const int64_t k = b.attributes().int_or("k", 0);
  b.output(0, dims);
  dispatch<kFixedSize>(b.output_type(0), [&]<class T>(Tag<T>) {
    b.run([dims, k](const Call& call) {
      T* target = call.out<T>(1);
      std::fill_n(target, dims[0] * dims[1], T(0));
      for (int64_t row = std::max<int64_t>(0, -k); row < dims[0] && row + k < dims[1]; ++row) {
        target[row * dims[1] + row + k] = T(1);
      }
    });
  });
}

constexpr Row kRows[] = {
    {"ConstantOfShape", check_constant_of_shape, build_constant_of_shape, 9},
    {"Range", check_range, build_range, 11},
    {"Shape", check_dims_of, build_shape},
    {"Size", check_dims_of, build_size},
    {"EyeLike", check_eye_like, build_eye_like, 9},
};

}  // namespace

std::span<const Row> generate_rows() { return kRows; }

}  // namespace bp::cpu
