// Weighted sums along axes, one axis after the other: how tensors are resized linearly and cubically.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "types.hpp"

namespace bp::cpu {

// out[.., o, ..] = sum over t < count of weights[o * count + t] * in[.., indices[o * count + t], ..]
struct Taps {
  size_t axis = 0;
  int64_t count = 0;
  std::vector<int64_t> indices;
  std::vector<double> weights;
};

class Interpolation {
 public:
  // Axes without taps stay as they are.
  Interpolation(Dims source_dims, std::vector<Taps> taps);

  // Elements of the two areas between passes (0: not needed), in the type of run().
  int64_t scratch_elements(size_t area) const noexcept { return scratch_[area]; }

  // T: float or double. The source stays as it is.
  template <class T>
  void run(const T* source, T* target, T* scratch_0, T* scratch_1, int threads) const;

 private:
  // [outer, in, inner] -> [outer, out, inner]
  struct Pass {
    int64_t outer;
    int64_t in;
    int64_t out;
    int64_t inner;
    int64_t count;
    std::vector<int64_t> indices;
    std::vector<float> floats;
    std::vector<double> doubles;
  };
  template <class T>
  static const std::vector<T>& weights(const Pass& pass);
  template <class T>
  static void run_pass(const Pass& pass, const T* source, T* target, int threads);

  std::vector<Pass> passes_;
  int64_t scratch_[2] = {0, 0};
  int64_t total_ = 1;
};

}  // namespace bp::cpu
