// The blocks of byte_taps.hpp: up to 24 vectors of sums, then their way to bytes.
// gcc's own headers start from registers that they leave unset.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstring>

#include "kernels/byte_taps.hpp"

namespace bp::cpu {

namespace {

// The numbers of a finish that all channels share, in registers: what is stored may lie over anything.
struct Shared {
  __m512 high, low, own, offset, other;
  __m512i zero;
  bool is_signed;

  explicit Shared(const TapFinish& finish)
      : high(_mm512_set1_ps(finish.adds ? finish.high : kMost)),
        low(_mm512_set1_ps(finish.low)),
        own(_mm512_set1_ps(finish.own)),
        offset(_mm512_set1_ps(finish.offset)),
        other(_mm512_set1_ps(finish.other)),
        zero(_mm512_set1_epi32(finish.zero)),
        is_signed(finish.is_signed) {}
  // Products lie far below this; what is greater would turn negative as an integer.
  static constexpr float kMost = 1 << 20;
};

template <bool kAdds>
inline __m512i finished(__m512i sum, __m512 scale, const Shared& shared, __m128i there) {
  __m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale);
  if constexpr (kAdds) x = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  x = _mm512_min_ps(x, shared.high);
  if constexpr (kAdds) {
    x = _mm512_fmadd_ps(_mm512_max_ps(x, shared.low), shared.own, shared.offset);
    const __m512i wide = shared.is_signed ? _mm512_cvtepi8_epi32(there) : _mm512_cvtepu8_epi32(there);
    x = _mm512_fmadd_ps(_mm512_cvtepi32_ps(wide), shared.other, x);
  }
  return _mm512_add_epi32(_mm512_cvtps_epi32(x), shared.zero);
}

// 64 numbers as bytes, in order.
inline __m512i packed(const __m512i (&x)[4], bool is_signed) {
  const __m512i low = _mm512_packs_epi32(x[0], x[1]);
  const __m512i high = _mm512_packs_epi32(x[2], x[3]);
  const __m512i bytes = is_signed ? _mm512_packs_epi16(low, high) : _mm512_packus_epi16(low, high);
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, bytes);
}

template <int kRows, int kVectors, bool kAdds>
[[gnu::always_inline]] inline void store(const TapBlock& block, uint8_t* target,
                                         __m512i (&sums)[kRows][kVectors]) {
  const Shared shared(*block.finish);
  const float* const from = block.finish->scales;
  const int64_t stride = block.target_stride;
  __m512 scales[kVectors];
  const auto last = static_cast<__mmask16>((1u << (block.columns - (kVectors - 1) * kTapLanes)) - 1);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    scales[v] = _mm512_maskz_loadu_ps(v + 1 < kVectors ? __mmask16{0xFFFF} : last, from + v * kTapLanes);
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    uint8_t* row = target + r * stride;
    if constexpr (kVectors == 4) {
      if (last == 0xFFFF) {
        __m512i x[4];
#pragma GCC unroll 4
        for (int v = 0; v < 4; ++v) {
          __m128i there = _mm_setzero_si128();
          if constexpr (kAdds) there = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + v * kTapLanes));
          x[v] = finished<kAdds>(sums[r][v], scales[v], shared, there);
        }
        _mm512_storeu_si512(row, packed(x, shared.is_signed));
        continue;
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const __mmask16 mask = v + 1 < kVectors ? __mmask16{0xFFFF} : last;
      __m128i there = _mm_setzero_si128();
      if constexpr (kAdds) there = _mm_maskz_loadu_epi8(mask, row + v * kTapLanes);
      const __m512i x = finished<kAdds>(sums[r][v], scales[v], shared, there);
      const __m128i bytes = shared.is_signed
                                ? _mm512_cvtsepi32_epi8(x)
                                : _mm512_cvtusepi32_epi8(_mm512_max_epi32(x, _mm512_setzero_si512()));
      _mm_mask_storeu_epi8(row + v * kTapLanes, mask, bytes);
    }
  }
}

// Said so, the compiler keeps each sum in its one register; left to the intrinsic, gcc 12 moves them about.
[[gnu::always_inline]] inline void add_products(__m512i& sum, __m512i a, __m512i b) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
}

template <int kRows, int kVectors, bool kSigned>
[[gnu::noinline]] void run_rows(const TapBlock& block, const uint8_t* source, uint8_t* target) {
  __m512i sums[kRows][kVectors];
  const auto last = static_cast<__mmask16>((1u << (block.columns - (kVectors - 1) * kTapLanes)) - 1);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const __m512i bias = _mm512_maskz_loadu_epi32(v + 1 < kVectors ? __mmask16{0xFFFF} : last,
                                                  block.finish->bias + v * kTapLanes);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sums[r][v] = bias;
  }
  const int64_t stride = block.pixel_stride;
  const int8_t* panel = block.panel;
  for (int64_t tap = 0; tap < block.taps; ++tap) {
    const uint8_t* pixel = source + block.offsets[tap];
    for (int64_t group = 0; group < block.groups; ++group, pixel += 4, panel += 64 * kVectors) {
      __m512i weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) weights[v] = _mm512_loadu_si512(panel + 64 * v);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        int32_t four;
        std::memcpy(&four, pixel + r * stride, sizeof(four));
        __m512i repeated = _mm512_set1_epi32(four);
        if constexpr (kSigned) repeated = _mm512_xor_si512(repeated, _mm512_set1_epi8(-128));
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) add_products(sums[r][v], repeated, weights[v]);
      }
    }
  }
  if (block.finish->adds) {
    store<kRows, kVectors, true>(block, target, sums);
  } else {
    store<kRows, kVectors, false>(block, target, sums);
  }
}

template <int kVectors, bool kSigned>
void run_panel(const TapBlock& block) {
  constexpr int kRows = kVectors == 4 ? 6 : kVectors == 3 ? 8 : 12;
  const uint8_t* source = block.source;
  uint8_t* target = block.target;
  int64_t left = block.pixels;
  const auto take = [&]<int kCount>() {
    run_rows<kCount, kVectors, kSigned>(block, source, target);
    source += kCount * block.pixel_stride;
    target += kCount * block.target_stride;
    left -= kCount;
  };
  while (left >= kRows) take.template operator()<kRows>();
  if constexpr (kRows > 6) {
    if (left >= 6) take.template operator()<6>();
  }
  if (left >= 4) take.template operator()<4>();
  if (left >= 2) take.template operator()<2>();
  if (left >= 1) take.template operator()<1>();
}

template <bool kSigned>
void run_columns(const TapBlock& block) {
  static_assert(kTapColumns == 4 * kTapLanes);
  switch ((block.columns + kTapLanes - 1) / kTapLanes) {
    case 1:
      return run_panel<1, kSigned>(block);
    case 2:
      return run_panel<2, kSigned>(block);
    case 3:
      return run_panel<3, kSigned>(block);
    default:
      return run_panel<4, kSigned>(block);
  }
}

}  // namespace

void run_taps_avx512_vnni(const TapBlock& block) {
  block.is_signed ? run_columns<true>(block) : run_columns<false>(block);
}

void interleave_line_avx512_vnni(const uint8_t* const (&planes)[4], int64_t count, uint8_t* pixels) {
  for (int64_t i = 0; i < count; i += kTapLanes) {
    const auto mask = static_cast<__mmask16>(count - i >= kTapLanes ? 0xFFFF : (1u << (count - i)) - 1);
    __m512i four = _mm512_setzero_si512();
#pragma GCC unroll 4
    for (int channel = 0; channel < 4; ++channel) {
      const __m512i wide = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, planes[channel] + i));
      four = _mm512_or_si512(four, _mm512_slli_epi32(wide, static_cast<unsigned>(8 * channel)));
    }
    _mm512_mask_storeu_epi32(pixels + i * 4, mask, four);
  }
}

}  // namespace bp::cpu
