// The product of PanelKernels, included once per instruction set. No names from outside: what is compiled here
// must not be merged with the same function compiled for another instruction set.
#pragma once

#include <cstdint>

#include "kernels/panel_product.hpp"

namespace bp::cpu {
namespace {

template <class T, int kBytes>
struct PanelVector {
  using Type [[gnu::vector_size(kBytes), gnu::aligned(alignof(T)), gnu::may_alias]] = T;
};

// kRows rows of one panel with the sums in registers. One row alone has too few sums to keep the multipliers
// busy, so it takes even and odd k apart.
template <class T, int kBytes, int kVectors, int kRows>
void panel_tile(const T* a, int64_t a_stride, int64_t depth, const T* panel, const T* base, int64_t base_stride,
                T* dst, int64_t dst_stride, int64_t columns) {
  using Vector = typename PanelVector<T, kBytes>::Type;
  constexpr int kLanes = kBytes / static_cast<int>(sizeof(T));
  constexpr int64_t kWidth = kLanes * kVectors;
  const bool whole = columns == kWidth;
  Vector sums[kRows][kVectors];
  T edge[kWidth];
  for (int r = 0; r < kRows; ++r) {
    const T* from = base;
    if (base != nullptr) {
      from = base + r * base_stride;
      if (!whole) {
        for (int64_t i = 0; i < kWidth; ++i) edge[i] = i < columns ? from[i] : T(0);
        from = edge;
      }
    }
    for (int v = 0; v < kVectors; ++v) {
      sums[r][v] = from != nullptr ? *reinterpret_cast<const Vector*>(from + v * kLanes) : Vector{};
    }
  }
  if constexpr (kRows == 1) {
    Vector odd[kVectors] = {};
    int64_t k = 0;
    for (; k + 2 <= depth; k += 2) {
      const T* row = panel + k * kWidth;
      for (int v = 0; v < kVectors; ++v) {
        sums[0][v] += a[k] * *reinterpret_cast<const Vector*>(row + v * kLanes);
        odd[v] += a[k + 1] * *reinterpret_cast<const Vector*>(row + kWidth + v * kLanes);
      }
    }
    for (int v = 0; v < kVectors; ++v) {
      if (k < depth) sums[0][v] += a[k] * *reinterpret_cast<const Vector*>(panel + k * kWidth + v * kLanes);
      sums[0][v] += odd[v];
    }
  } else {
    for (int64_t k = 0; k < depth; ++k) {
      Vector row[kVectors];
      for (int v = 0; v < kVectors; ++v) {
        row[v] = *reinterpret_cast<const Vector*>(panel + k * kWidth + v * kLanes);
      }
      for (int r = 0; r < kRows; ++r) {
        const T factor = a[r * a_stride + k];
        for (int v = 0; v < kVectors; ++v) sums[r][v] += factor * row[v];
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    T* to = whole ? dst + r * dst_stride : edge;
    for (int v = 0; v < kVectors; ++v) *reinterpret_cast<Vector*>(to + v * kLanes) = sums[r][v];
    if (!whole) {
      for (int64_t i = 0; i < columns; ++i) dst[r * dst_stride + i] = edge[i];
    }
  }
}

template <class T, int kBytes, int kVectors>
void panel_rows(const T* a, int64_t a_stride, int64_t rows, int64_t depth, const T* panel, const T* base,
                int64_t base_stride, T* dst, int64_t dst_stride, int64_t columns) {
  while (rows > 0) {
    const int64_t count = rows >= 6 ? 6 : rows;
#define BP_PANEL_ROWS(kRows)                                                                              \
  case kRows:                                                                                             \
    panel_tile<T, kBytes, kVectors, kRows>(a, a_stride, depth, panel, base, base_stride, dst, dst_stride, \
                                           columns);                                                      \
    break;
    switch (count) {
      BP_PANEL_ROWS(1)
      BP_PANEL_ROWS(2)
      BP_PANEL_ROWS(3)
      BP_PANEL_ROWS(4)
      BP_PANEL_ROWS(5)
      BP_PANEL_ROWS(6)
    }
#undef BP_PANEL_ROWS
    a += count * a_stride;
    dst += count * dst_stride;
    if (base != nullptr) base += count * base_stride;
    rows -= count;
  }
}

}  // namespace
}  // namespace bp::cpu
