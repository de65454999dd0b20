// CumSum and CumProd: every element becomes the sum or product of those before it along one axis.
#include <algorithm>

#include "ops/table.hpp"

namespace bp::cpu {

namespace {

void check_cumulate(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kNumbers);
  check.types(1, kIndices);
}

// [outer, length, inner]; neighbouring inner elements go side by side.
struct Line {
  int64_t outer = 1;
  int64_t length = 1;
  int64_t inner = 1;
};

template <class T, bool kProduct>
void cumulate(const T* x, T* y, const Line& line, bool exclusive, bool reverse, int threads) {
  using C = Compute<T>;
  constexpr int64_t kColumns = 64;
  const int64_t blocks = (line.inner + kColumns - 1) / kColumns;
  parallel_for(threads, line.outer * blocks, line.outer * line.length * line.inner,
               [&](int64_t begin, int64_t end) {
                 for (int64_t block = begin; block < end; ++block) {
                   const int64_t column = block % blocks * kColumns;
                   const int64_t count = std::min(kColumns, line.inner - column);
                   const int64_t base = block / blocks * line.length * line.inner + column;
                   C totals[kColumns];
                   std::fill_n(totals, kColumns, C(kProduct ? 1 : 0));
                   for (int64_t step = 0; step < line.length; ++step) {
                     const int64_t at = base + (reverse ? line.length - 1 - step : step) * line.inner;
                     for (int64_t i = 0; i < count; ++i) {
                       const C element = static_cast<C>(x[at + i]);
                       const C total = static_cast<C>(kProduct ? totals[i] * element : totals[i] + element);
                       y[at + i] = static_cast<T>(exclusive ? totals[i] : total);
                       totals[i] = total;
                     }
                   }
                 }
               });
}

// Neighbours along the axis itself: a few lines side by side, so that one sum need not wait for another.
template <class T, bool kProduct, int64_t kLines>
void cumulate_lines(const T* x, T* y, int64_t length, bool exclusive, bool reverse) {
  using C = Compute<T>;
  C totals[kLines];
  std::fill_n(totals, kLines, C(kProduct ? 1 : 0));
  for (int64_t step = 0; step < length; ++step) {
    const int64_t at = reverse ? length - 1 - step : step;
    for (int64_t i = 0; i < kLines; ++i) {
      const C element = static_cast<C>(x[at + i * length]);
      const C total = static_cast<C>(kProduct ? totals[i] * element : totals[i] + element);
      y[at + i * length] = static_cast<T>(exclusive ? totals[i] : total);
      totals[i] = total;
    }
  }
}

template <class T, bool kProduct>
void cumulate_apart(const T* x, T* y, const Line& line, bool exclusive, bool reverse, int threads) {
  constexpr int64_t kLines = 4;
  parallel_for(threads, line.outer, line.outer * line.length, [&](int64_t begin, int64_t end) {
    int64_t row = begin;
    for (; row + kLines <= end; row += kLines) {
      const int64_t at = row * line.length;
      cumulate_lines<T, kProduct, kLines>(x + at, y + at, line.length, exclusive, reverse);
    }
    for (; row < end; ++row) {
      const int64_t at = row * line.length;
      cumulate_lines<T, kProduct, 1>(x + at, y + at, line.length, exclusive, reverse);
    }
  });
}

// The axis is read at run: no dim depends on it.
template <bool kProduct>
void build_cumulate(Builder& b) {
  const Dims dims = b.input_dims(0);
  if (element_count(b.input_dims(1)) != 1) {
    b.fail(text("axis must be one element, has dims ", dims_text(b.input_dims(1))));
  }
  b.output(0, dims);
  const bool exclusive = b.attributes().int_or("exclusive", 0) != 0;
  const bool reverse = b.attributes().int_or("reverse", 0) != 0;
  const bool wide_axis = b.input_type(1) == Type::kInt64;
  const int threads = b.threads();
  dispatch<kNumbers>(b.input_type(0), [&]<class T>(Tag<T>) {
    b.run([=](const Call& call) -> RunError {
      const auto rank = static_cast<int64_t>(dims.size());
      int64_t axis = wide_axis ? *call.in<int64_t>(1) : *call.in<int32_t>(1);
      // A scalar has the one axis 0.
      const int64_t axes = std::max<int64_t>(rank, 1);
      if (axis < -axes || axis >= axes) return "the axis is outside [-rank, rank - 1]";
      if (axis < 0) axis += axes;
      Line line;
      for (int64_t i = 0; i < rank; ++i) {
        (i < axis ? line.outer : i == axis ? line.length : line.inner) *= dims[static_cast<size_t>(i)];
      }
      const auto run = line.inner == 1 ? cumulate_apart<T, kProduct> : cumulate<T, kProduct>;
      run(call.in<T>(0), call.out<T>(2), line, exclusive, reverse, threads);
      return nullptr;
    });
  });
}

constexpr Row kRows[] = {
    {"CumSum", check_cumulate, build_cumulate<false>, 11},
    {"CumProd", check_cumulate, build_cumulate<true>, 26},
};

}  // namespace

std::span<const Row> cumulate_rows() { return kRows; }

}  // namespace bp::cpu
