// Hardmax: along an axis 1 where the first of the largest elements is, 0 elsewhere.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// The first of the largest elements; a NaN is no number, but in front it stays.
template <class T>
int64_t place_of_largest(const T* x, int64_t length, int64_t step) {
  using C = Compute<T>;
  int64_t place = 0;
  C largest = static_cast<C>(x[0]);
  for (int64_t i = 1; i < length; ++i) {
    const C value = static_cast<C>(x[i * step]);
    if (value > largest) {
      largest = value;
      place = i;
    }
  }
  return place;
}

// The same for neighbours: the largest of each lane, then the block in which the largest of these stands.
template <class T>
int64_t place_of_largest(const T* x, int64_t length) {
  constexpr int64_t kLanes = 16;
  if (length < 2 * kLanes || x[0] != x[0]) return place_of_largest(x, length, 1);
  T lanes[kLanes];
  std::fill_n(lanes, kLanes, -std::numeric_limits<T>::infinity());
  int64_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
#pragma omp simd
    for (int64_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
  }
  T largest = *std::max_element(lanes, lanes + kLanes);
  for (; i < length; ++i) largest = x[i] > largest ? x[i] : largest;
  int64_t place = 0;
  for (; place + kLanes <= length; place += kLanes) {
    int hits = 0;
#pragma omp simd reduction(| : hits)
    for (int64_t lane = 0; lane < kLanes; ++lane) hits |= static_cast<int>(x[place + lane] == largest);
    if (hits != 0) break;
  }
  while (x[place] != largest) ++place;
  return place;
}

void check_hardmax(Check& check) {
  check.required(0);
  check.types(0, kFloats);
}

void build_hardmax(Builder& b) {
  const Dims dims = b.input_dims(0);
  b.output(0, dims);
  b.in_place(0, 0);
  // [outer, length, inner]; a scalar is its own axis.
  int64_t outer = 1, length = 1, inner = 1;
  if (!dims.empty()) {
    const auto axis = dims.begin() + b.axis(b.attributes().int_or("axis", -1), b.rank(0));
    outer = element_count(Dims(dims.begin(), axis));
    length = *axis;
    inner = element_count(Dims(axis + 1, dims.end()));
  }
  const int threads = b.threads();
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      const T* x = call.in<T>(0);
      T* y = call.out<T>(1);
      const int64_t lines = outer * inner;
      parallel_for(threads, lines, lines * length, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line) {
          const int64_t at = line / inner * length * inner + line % inner;
          T* to = y + at;
          if (inner == 1) {
            const int64_t place = [&] {
              if constexpr (std::is_floating_point_v<T>) return place_of_largest(x + at, length);
              return place_of_largest(x + at, length, 1);
            }();
            std::fill_n(to, length, T(0.0f));
            to[place] = T(1.0f);
          } else {
            const int64_t place = place_of_largest(x + at, length, inner);
            for (int64_t i = 0; i < length; ++i) to[i * inner] = T(i == place ? 1.0f : 0.0f);
          }
        }
      });
    });
  });
}

constexpr Row kRows[] = {
    {"Hardmax", check_hardmax, build_hardmax, 13},
};

}  // namespace

std::span<const Row> hardmax_rows() { return kRows; }

}  // namespace bp::cpu
