// Det: determinants of square matrices, by elimination with row exchanges in double.
#include <cmath>
#include <utility>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_det(Check& check) {
  check.required(0);
  check.types(0, kFloats);
}

double determinant(double* a, int64_t n) {
  double result = 1;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    }
    if (a[pivot * n + k] == 0) return 0;
    if (pivot != k) {
      for (int64_t j = k; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
      result = -result;
    }
    result *= a[k * n + k];
    for (int64_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (int64_t j = k + 1; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return result;
}

void build_det(Builder& b) {
  const Dims& dims = b.input_dims(0);
  if (dims.size() < 2 || dims[dims.size() - 1] != dims[dims.size() - 2]) {
    b.fail(text("input 0 must be square matrices, has dims ", dims_text(dims)));
  }
  const int64_t n = dims.back();
  const Dims to(dims.begin(), dims.end() - 2);
  b.output(0, to);
  const int64_t count = element_count(to);
  const int threads = b.threads();
  const int64_t parts = std::min<int64_t>(threads, count);
  const size_t scratch = b.scratch(static_cast<uint64_t>(parts * n * n) * sizeof(double));
  dispatch<kFloats>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) {
      parallel_for(threads, parts, count * n * n * n, [&](int64_t begin, int64_t end) {
        for (int64_t part = begin; part < end; ++part) {
          double* a = call.out<double>(scratch) + part * n * n;
          for (int64_t m = count * part / parts; m < count * (part + 1) / parts; ++m) {
            const T* from = call.in<T>(0) + m * n * n;
            for (int64_t i = 0; i < n * n; ++i) a[i] = static_cast<double>(static_cast<Compute<T>>(from[i]));
            call.out<T>(1)[m] = static_cast<T>(static_cast<Compute<T>>(determinant(a, n)));
          }
        }
      });
    });
  });
}

constexpr Row kRows[] = {
    {"Det", check_det, build_det, 11},
};

}  // namespace

std::span<const Row> det_rows() { return kRows; }

}  // namespace bp::cpu
