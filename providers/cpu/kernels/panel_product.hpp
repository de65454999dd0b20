// Matrix products whose right side is packed once in panels of columns: for weights that many products share,
// for shapes that change from run to run, and for types that oneDNN does not multiply. Nothing is made per
// shape.
//
// A packed matrix of `depth` rows is panels one after the other, each `depth` times `width` elements; the last
// one is filled up with zeros.
#pragma once

#include <cstdint>
#include <cstring>

#include "types.hpp"

namespace bp::cpu {

template <class T>
struct PanelKernels {
  int64_t width;  // columns of a panel
  // dst[rows, columns] = base + a[rows, depth] * panel, columns <= width. base: nullptr for zero; it may be
  // dst; with a stride of 0 one row is added to all. Strides count elements.
  void (*product)(const T* a, int64_t a_stride, int64_t rows, int64_t depth, const T* panel, const T* base,
                  int64_t base_stride, T* dst, int64_t dst_stride, int64_t columns);
};

// For the processor on which this runs; T is float, double, uint32_t or uint64_t. Signed integers multiply as
// unsigned ones: the result's bits are the same.
template <class T>
const PanelKernels<T>& panel_kernels();

// One per instruction set.
template <class T>
struct PanelVariants {
  static const PanelKernels<T> kPlain;
  static const PanelKernels<T> kAvx2;
  static const PanelKernels<T> kAvx512;
};

inline int64_t panel_count(int64_t columns, int64_t width) { return (columns + width - 1) / width; }

template <class T>
int64_t packed_elements(int64_t depth, int64_t columns) {
  const int64_t width = panel_kernels<T>().width;
  return panel_count(columns, width) * width * depth;
}

// What numbers of type T are multiplied as.
template <class T>
using PanelType =
    std::conditional_t<kIsFloat<T>, Compute<T>, std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>>;

// Packs the panels [first, last) of b, whose element in row k and column n is b[k * row_stride + n *
// column_stride]; b may lie at any address.
template <class S, class T>
void pack_panels(const S* b, int64_t row_stride, int64_t column_stride, int64_t depth, int64_t columns,
                 T* packed, int64_t first, int64_t last) {
  const int64_t width = panel_kernels<T>().width;
  const auto* bytes = reinterpret_cast<const unsigned char*>(b);
  for (int64_t p = first; p < last; ++p) {
    const int64_t begin = p * width;
    const int64_t count = columns - begin < width ? columns - begin : width;
    T* panel = packed + p * width * depth;
    for (int64_t k = 0; k < depth; ++k) {
      for (int64_t n = 0; n < count; ++n) {
        S element;
        std::memcpy(&element, bytes + (k * row_stride + (begin + n) * column_stride) * int64_t{sizeof(S)},
                    sizeof(S));
        panel[k * width + n] = static_cast<T>(static_cast<Compute<S>>(element));
      }
      for (int64_t n = count; n < width; ++n) panel[k * width + n] = T(0);
    }
  }
}

template <class S, class T>
void pack_panels(const S* b, int64_t row_stride, int64_t column_stride, int64_t depth, int64_t columns,
                 T* packed) {
  pack_panels(b, row_stride, column_stride, depth, columns, packed, 0,
              panel_count(columns, panel_kernels<T>().width));
}

// dst[rows, columns] = base + a * packed, shared by `threads`. Operands as for PanelKernels::product.
template <class T>
void panel_product(int threads, const T* a, int64_t a_stride, int64_t rows, int64_t depth, const T* packed,
                   const T* base, int64_t base_stride, T* dst, int64_t dst_stride, int64_t columns);

}  // namespace bp::cpu
