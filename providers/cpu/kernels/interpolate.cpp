// The passes over memory. With neighbours behind the axis, a pass adds weighted rows; without, it gathers.
#include "kernels/interpolate.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "parallel.hpp"

namespace bp::cpu {

namespace {

template <class T>
void add_rows(const T* source, int64_t inner, const int64_t* indices, const T* weights, int64_t count,
              T* target) {
  if (count == 2) {
    const T* a = source + indices[0] * inner;
    const T* b = source + indices[1] * inner;
    const T wa = weights[0];
    const T wb = weights[1];
#pragma omp simd
    for (int64_t i = 0; i < inner; ++i) target[i] = wa * a[i] + wb * b[i];
    return;
  }
  for (int64_t t = 0; t < count; ++t) {
    const T* row = source + indices[t] * inner;
    const T weight = weights[t];
    if (t == 0) {
#pragma omp simd
      for (int64_t i = 0; i < inner; ++i) target[i] = weight * row[i];
    } else {
#pragma omp simd
      for (int64_t i = 0; i < inner; ++i) target[i] += weight * row[i];
    }
  }
}

template <class T>
void gather_row(const T* source, int64_t out, const int64_t* indices, const T* weights, int64_t count,
                T* target) {
  if (count == 2) {
    for (int64_t o = 0; o < out; ++o) {
      target[o] = weights[2 * o] * source[indices[2 * o]] + weights[2 * o + 1] * source[indices[2 * o + 1]];
    }
    return;
  }
  for (int64_t o = 0; o < out; ++o) {
    T sum = 0;
    for (int64_t t = 0; t < count; ++t) sum += weights[o * count + t] * source[indices[o * count + t]];
    target[o] = sum;
  }
}

}  // namespace

Interpolation::Interpolation(Dims dims, std::vector<Taps> taps) {
  for (Taps& one : taps) {
    const auto at = dims.begin() + static_cast<std::ptrdiff_t>(one.axis);
    Pass pass;
    pass.outer = element_count(Dims(dims.begin(), at));
    pass.in = *at;
    pass.out = static_cast<int64_t>(one.indices.size()) / one.count;
    pass.inner = element_count(Dims(at + 1, dims.end()));
    pass.count = one.count;
    pass.indices = std::move(one.indices);
    pass.floats.assign(one.weights.size(), 0);
    std::transform(one.weights.begin(), one.weights.end(), pass.floats.begin(),
                   [](double weight) { return static_cast<float>(weight); });
    pass.doubles = std::move(one.weights);
    *at = pass.out;
    passes_.push_back(std::move(pass));
    // The last pass writes the target; the others take turns.
    if (passes_.size() < taps.size()) {
      int64_t& area = scratch_[(passes_.size() - 1) % 2];
      area = std::max(area, element_count(dims));
    }
  }
  total_ = element_count(dims);
}

template <class T>
const std::vector<T>& Interpolation::weights(const Pass& pass) {
  if constexpr (std::is_same_v<T, float>) {
    return pass.floats;
  } else {
    return pass.doubles;
  }
}

template <class T>
void Interpolation::run_pass(const Pass& pass, const T* source, T* target, int threads) {
  const T* weight = weights<T>(pass).data();
  const int64_t work = pass.outer * pass.out * pass.inner * pass.count;
  if (pass.inner == 1) {
    parallel_for(threads, pass.outer, work, [&](int64_t begin, int64_t end) {
      for (int64_t outer = begin; outer < end; ++outer) {
        gather_row(source + outer * pass.in, pass.out, pass.indices.data(), weight, pass.count,
                   target + outer * pass.out);
      }
    });
    return;
  }
  parallel_for(threads, pass.outer * pass.out, work, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t first = row % pass.out * pass.count;
      add_rows(source + row / pass.out * pass.in * pass.inner, pass.inner, pass.indices.data() + first,
               weight + first, pass.count, target + row * pass.inner);
    }
  });
}

template <class T>
void Interpolation::run(const T* source, T* target, T* scratch_0, T* scratch_1, int threads) const {
  if (passes_.empty() && total_ > 0) std::memcpy(target, source, static_cast<size_t>(total_) * sizeof(T));
  const T* from = source;
  for (size_t i = 0; i < passes_.size(); ++i) {
    T* to = i + 1 == passes_.size() ? target : i % 2 == 0 ? scratch_0 : scratch_1;
    run_pass(passes_[i], from, to, threads);
    from = to;
  }
}

template void Interpolation::run<float>(const float*, float*, float*, float*, int) const;
template void Interpolation::run<double>(const double*, double*, double*, double*, int) const;

}  // namespace bp::cpu
