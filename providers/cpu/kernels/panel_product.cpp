// Panel products without special instructions, the choice among the variants, and products of many panels.
#include "kernels/panel_product.hpp"

#include <algorithm>

#include "instruction_set.hpp"
#include "kernels/panel_product_impl.hpp"
#include "parallel.hpp"

namespace bp::cpu {

template <>
const PanelKernels<float> PanelVariants<float>::kPlain = {8, panel_rows<float, 16, 2>};
template <>
const PanelKernels<double> PanelVariants<double>::kPlain = {4, panel_rows<double, 16, 2>};
template <>
const PanelKernels<uint32_t> PanelVariants<uint32_t>::kPlain = {8, panel_rows<uint32_t, 16, 2>};
template <>
const PanelKernels<uint64_t> PanelVariants<uint64_t>::kPlain = {4, panel_rows<uint64_t, 16, 2>};

template <class T>
const PanelKernels<T>& panel_kernels() {
  return best_variant<PanelVariants<T>>();
}

template <class T>
void panel_product(int threads, const T* a, int64_t a_stride, int64_t rows, int64_t depth, const T* packed,
                   const T* base, int64_t base_stride, T* dst, int64_t dst_stride, int64_t columns) {
  // So deep that a panel's part stays in the second-level cache, so many rows that theirs stay in the first.
  constexpr int64_t kDepth = 1024;
  constexpr int64_t kRows = 96;
  // Multiplications that take as long as one element elsewhere.
  constexpr int64_t kPerElement = 16;
  const PanelKernels<T>& kernels = panel_kernels<T>();
  const int64_t panels = panel_count(columns, kernels.width);
  const int64_t row_blocks = (rows + kRows - 1) / kRows;
  const int64_t work = rows * depth / kPerElement * columns;
  parallel_for(threads, panels * row_blocks, work, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t p = block % panels;
      const int64_t row = block / panels * kRows;
      const int64_t count = std::min(kRows, rows - row);
      const int64_t column = p * kernels.width;
      const int64_t wide = std::min(kernels.width, columns - column);
      const T* from = base != nullptr ? base + row * base_stride + column : nullptr;
      int64_t stride = base_stride;
      T* to = dst + row * dst_stride + column;
      int64_t k = 0;
      do {
        const int64_t deep = std::min(kDepth, depth - k);
        kernels.product(a + row * a_stride + k, a_stride, count, deep, packed + (p * depth + k) * kernels.width,
                        from, stride, to, dst_stride, wide);
        from = to;
        stride = dst_stride;
        k += deep;
      } while (k < depth);
    }
  });
}

template const PanelKernels<float>& panel_kernels<float>();
template const PanelKernels<double>& panel_kernels<double>();
template const PanelKernels<uint32_t>& panel_kernels<uint32_t>();
template const PanelKernels<uint64_t>& panel_kernels<uint64_t>();
template void panel_product<float>(int, const float*, int64_t, int64_t, int64_t, const float*, const float*,
                                   int64_t, float*, int64_t, int64_t);
template void panel_product<double>(int, const double*, int64_t, int64_t, int64_t, const double*, const double*,
                                    int64_t, double*, int64_t, int64_t);
template void panel_product<uint32_t>(int, const uint32_t*, int64_t, int64_t, int64_t, const uint32_t*,
                                      const uint32_t*, int64_t, uint32_t*, int64_t, int64_t);
template void panel_product<uint64_t>(int, const uint64_t*, int64_t, int64_t, int64_t, const uint64_t*,
                                      const uint64_t*, int64_t, uint64_t*, int64_t, int64_t);

}  // namespace bp::cpu
