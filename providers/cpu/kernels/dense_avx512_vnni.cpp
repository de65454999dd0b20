// Dense products of bytes: uint8 times int8 in exact 32-bit sums.
#include <cstring>

#include "kernels/dense_impl.hpp"

namespace bp::cpu {

namespace {

struct Quads {
  using Sum = __m512i;
  static Sum zero() { return _mm512_setzero_si512(); }
  static Sum load(const char* from) { return _mm512_loadu_si512(from); }
  static Sum join(Sum a, Sum b) { return _mm512_add_epi32(a, b); }
  static Sum repeat(const char* from) {
    int32_t quad;
    std::memcpy(&quad, from, sizeof(quad));
    return _mm512_set1_epi32(quad);
  }
  static Sum add(Sum sum, Sum a, Sum b) { return _mm512_dpbusd_epi32(sum, a, b); }
  struct Column {
    Sum zeros;
    Sum own_zeros;
    __m512 scales;
    const int32_t* row_sums;

    Column(const DenseFinish& finish, int64_t column, __mmask16 mask)
        : zeros(_mm512_mullo_epi32(_mm512_maskz_loadu_epi32(mask, finish.column_sums + column),
                                   _mm512_set1_epi32(finish.zero))),
          own_zeros(finish.row_sums != nullptr ? _mm512_maskz_loadu_epi32(mask, finish.column_zeros + column)
                                               : zero()),
          scales(_mm512_mul_ps(finish.scale_step != 0 ? _mm512_maskz_loadu_ps(mask, finish.scales + column)
                                                      : _mm512_set1_ps(*finish.scales),
                               _mm512_set1_ps(finish.a_scale))),
          row_sums(finish.row_sums) {}
    __m512 value(Sum sum, int64_t row) const {
      Sum exact = _mm512_sub_epi32(sum, zeros);
      if (row_sums != nullptr) {
        exact = _mm512_sub_epi32(exact, _mm512_mullo_epi32(own_zeros, _mm512_set1_epi32(row_sums[row])));
      }
      return _mm512_mul_ps(_mm512_cvtepi32_ps(exact), scales);
    }
  };
};

}  // namespace

void run_dense_bytes(const DenseBlock& block) { run_block<Quads>(block); }

}  // namespace bp::cpu
