// Dense products of bfloat16 pairs, summed in float32, and how floats become such pairs.
#include <cstring>

#include "kernels/dense_impl.hpp"

namespace bp::cpu {

namespace {

struct Pairs : FloatSums {
  static Sum repeat(const char* from) {
    float pair;
    std::memcpy(&pair, from, sizeof(pair));
    return _mm512_set1_ps(pair);
  }
  static Sum add(Sum sum, Sum a, Sum b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

}  // namespace

void run_dense_bfloat16(const DenseBlock& block) { run_block<Pairs>(block); }

void narrow_row_avx512(const float* from, int64_t count, uint16_t* to) {
  for (int64_t i = 0; i < count; i += kDenseLanes) {
    const int64_t left = std::min(kDenseLanes, count - i);
    const auto mask = static_cast<__mmask16>((1u << left) - 1);
    const auto narrow = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from + i));
    _mm256_mask_storeu_epi16(to + i, mask, reinterpret_cast<__m256i>(narrow));
  }
  if (count % 2 != 0) to[count] = 0;
}

}  // namespace bp::cpu
