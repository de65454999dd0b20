// Which processors, packing, and products of many blocks.
#include "kernels/dense.hpp"

#include <algorithm>
#include <cstring>

#include "types.hpp"

namespace bp::cpu {

namespace {

DenseKernel kernel_of(DenseType type) {
#if defined(__x86_64__)
  switch (type) {
    case DenseType::kFloat32:
      return run_dense_float32;
    case DenseType::kBfloat16:
      return run_dense_bfloat16;
    case DenseType::kBytes:
      return run_dense_bytes;
  }
#endif
  static_cast<void>(type);
  return nullptr;
}

int64_t per_group(DenseType type) {
  return type == DenseType::kFloat32 ? 1 : type == DenseType::kBfloat16 ? 2 : 4;
}

int64_t panel_columns(int64_t columns, int64_t first) {
  const int64_t wide = (columns - first + kDenseLanes - 1) / kDenseLanes * kDenseLanes;
  return std::min(kDenseColumns, wide);
}

// Element (k, n) of the weights becomes element `k % kGroup` of its group.
template <int64_t kGroup, class S, class T, class Convert>
void pack_panels_of(const void* weights, int64_t row_stride, int64_t column_stride, int64_t depth,
                    int64_t columns, T* to, Convert convert) {
  const auto* bytes = static_cast<const unsigned char*>(weights);
  S lines[kGroup][kDenseColumns];
  for (int64_t first = 0; first < columns; first += kDenseColumns) {
    const int64_t wide = panel_columns(columns, first);
    const int64_t there = std::min(wide, columns - first);
    std::memset(static_cast<void*>(lines), 0, sizeof(lines));
    for (int64_t k = 0; k < depth; k += kGroup) {
      for (int64_t i = 0; i < kGroup; ++i) {
        const auto* from = bytes + ((k + i) * row_stride + first * column_stride) * int64_t{sizeof(S)};
        if (k + i >= depth) {
          std::memset(static_cast<void*>(lines[i]), 0, sizeof(lines[i]));
        } else if (column_stride == 1) {
          std::memcpy(static_cast<void*>(lines[i]), from, static_cast<size_t>(there) * sizeof(S));
        } else {
          for (int64_t n = 0; n < there; ++n)
            std::memcpy(&lines[i][n], from + n * column_stride * int64_t{sizeof(S)}, sizeof(S));
        }
      }
      for (int64_t n = 0; n < wide; ++n) {
        for (int64_t i = 0; i < kGroup; ++i) to[n * kGroup + i] = convert(lines[i][n]);
      }
      to += wide * kGroup;
    }
  }
}

}  // namespace

bool dense_runs(DenseType type) {
#if defined(__x86_64__)
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  switch (type) {
    case DenseType::kFloat32:
      return wide;
    case DenseType::kBfloat16:
      return wide && __builtin_cpu_supports("avx512bf16");
    case DenseType::kBytes:
      return wide && __builtin_cpu_supports("avx512vnni");
  }
#endif
  static_cast<void>(type);
  return false;
}

int64_t dense_groups(DenseType type, int64_t depth) { return (depth + per_group(type) - 1) / per_group(type); }

uint64_t dense_packed_bytes(DenseType type, int64_t depth, int64_t columns) {
  const int64_t wide = (columns + kDenseLanes - 1) / kDenseLanes * kDenseLanes;
  return static_cast<uint64_t>(wide * dense_groups(type, depth) * 4);
}

void pack_dense(DenseType type, const void* weights, int64_t row_stride, int64_t column_stride, int64_t depth,
                int64_t columns, void* packed) {
  switch (type) {
    case DenseType::kFloat32:
      return pack_panels_of<1, float>(weights, row_stride, column_stride, depth, columns,
                                      static_cast<float*>(packed), [](float x) { return x; });
    case DenseType::kBfloat16:
      return pack_panels_of<2, float>(weights, row_stride, column_stride, depth, columns,
                                      static_cast<Bfloat16*>(packed), [](float x) { return Bfloat16(x); });
    case DenseType::kBytes:
      return pack_panels_of<4, int8_t>(weights, row_stride, column_stride, depth, columns,
                                       static_cast<int8_t*>(packed), [](int8_t x) { return x; });
  }
}

void DenseProduct::run(int threads, const void* a, int64_t a_stride, const void* packed,
                       const DenseFinish& finish, float* dst) const {
  const DenseKernel kernel = kernel_of(type);
  const int64_t groups = dense_groups(type, depth);
  const int64_t panels = (columns + kDenseColumns - 1) / kDenseColumns;
  const int64_t blocks = (rows + kDenseRows - 1) / kDenseRows;
  // Whole panels, so that each is read once, unless there are too few to share among the threads.
  const int64_t parts = panels >= 8 * threads ? 1 : std::min<int64_t>(threads, blocks);
  constexpr int64_t kPerElement = 16;  // multiplications that take as long as one element elsewhere
  const int64_t work = rows * groups * columns / kPerElement;
  parallel_for(threads, panels * parts, work, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t part = piece / panels;
      const int64_t column = piece % panels * kDenseColumns;
      const int64_t first = blocks * part / parts;
      const int64_t last = blocks * (part + 1) / parts;
      const int64_t panel_bytes = panel_columns(columns, column) * groups * 4;
      DenseFinish here = finish;
      if (here.bias != nullptr) here.bias += column;
      if (here.column_sums != nullptr) here.column_sums += column;
      if (here.row_sums != nullptr) here.column_zeros += column;
      here.scales += here.scale_step != 0 ? column : 0;
      DenseBlock block{};
      block.a_stride = a_stride;
      block.groups = groups;
      block.columns = std::min(kDenseColumns, columns - column);
      block.panel = static_cast<const char*>(packed) + column * groups * 4;
      block.dst_stride = columns;
      block.finish = &here;
      // The next panel comes into the second-level cache while this one is multiplied.
      const bool more = piece + 1 < end && column + kDenseColumns < columns;
      constexpr int64_t kFetchingBlocks = 4;  // fewer are done before the fetch is of use
      const bool fetches = more && last - first >= kFetchingBlocks;
      const int64_t lines = fetches ? panel_bytes / 64 / (last - first) + 1 : 0;
      block.ahead_lines = lines;
      for (int64_t i = first; i < last; ++i) {
        const int64_t row = i * kDenseRows;
        block.rows = std::min(kDenseRows, rows - row);
        block.a = static_cast<const char*>(a) + row * a_stride;
        block.dst = dst + row * columns + column;
        here.residual = finish.residual == nullptr ? nullptr : finish.residual + row * columns + column;
        if (finish.row_sums != nullptr) here.row_sums = finish.row_sums + row;
        block.ahead = static_cast<const char*>(block.panel) + panel_bytes + (i - first) * lines * 64;
        kernel(block);
      }
    }
  });
}

void narrow_rows(int threads, const float* from, int64_t rows, int64_t depth, uint16_t* to) {
  const int64_t stride = (depth + 1) / 2 * 2;
  parallel_for(threads, rows, rows * depth / 4, [&](int64_t begin, int64_t end) {
#if defined(__x86_64__)
    for (int64_t r = begin; r < end; ++r) narrow_row_avx512(from + r * depth, depth, to + r * stride);
#endif
  });
}

void sum_rows(int threads, const uint8_t* a, int64_t rows, int64_t depth, int32_t* sums) {
  parallel_for(threads, rows, rows * depth / 16, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      int32_t sum = 0;
      for (int64_t k = 0; k < depth; ++k) sum += a[r * depth + k];
      sums[r] = sum;
    }
  });
}

}  // namespace bp::cpu
