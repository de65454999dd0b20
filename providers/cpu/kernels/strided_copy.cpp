// Walks the outer axes with running offsets; what differs is the innermost loop. Elements move by memcpy of a
// fixed size, so that no alignment is asked of either side.
#include "kernels/strided_copy.hpp"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <algorithm>
#include <cstring>
#include <utility>

#include "parallel.hpp"
#include "support.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kTile = 32;  // rows and columns of a transposed tile: both sides stay in the first cache

template <size_t kBytes>
void copy_element(std::byte* target, const std::byte* source) {
  std::memcpy(target, source, kBytes);
}

// target[j * target_stride + k] = source[k * source_stride + j] for j < rows, k < columns; strides in bytes.
template <size_t kBytes>
void transpose_tile(const std::byte* source, int64_t source_stride, std::byte* target, int64_t target_stride,
                    int64_t rows, int64_t columns) {
  constexpr auto kSize = static_cast<int64_t>(kBytes);
  int64_t j = 0;
#if defined(__SSE__)
  if constexpr (kBytes == 4) {
    for (; j + 4 <= rows; j += 4) {
      int64_t k = 0;
      for (; k + 4 <= columns; k += 4) {
        const auto at = [&](int64_t i) {
          return reinterpret_cast<const float*>(source + (k + i) * source_stride + j * kSize);
        };
        const auto to = [&](int64_t i) {
          return reinterpret_cast<float*>(target + (j + i) * target_stride + k * kSize);
        };
        __m128 a = _mm_loadu_ps(at(0));
        __m128 b = _mm_loadu_ps(at(1));
        __m128 c = _mm_loadu_ps(at(2));
        __m128 d = _mm_loadu_ps(at(3));
        _MM_TRANSPOSE4_PS(a, b, c, d);
        _mm_storeu_ps(to(0), a);
        _mm_storeu_ps(to(1), b);
        _mm_storeu_ps(to(2), c);
        _mm_storeu_ps(to(3), d);
      }
      for (int64_t row = j; row < j + 4; ++row) {
        for (int64_t column = k; column < columns; ++column) {
          copy_element<kBytes>(target + row * target_stride + column * kSize,
                               source + column * source_stride + row * kSize);
        }
      }
    }
  }
#endif
  for (; j < rows; ++j) {
    for (int64_t k = 0; k < columns; ++k) {
      copy_element<kBytes>(target + j * target_stride + k * kSize, source + k * source_stride + j * kSize);
    }
  }
}

// `count` elements that lie `source_step` bytes apart to places `target_step` apart.
template <size_t kBytes>
void copy_apart(const std::byte* source, int64_t source_step, std::byte* target, int64_t target_step,
                int64_t count) {
  int64_t i = 0;
#if defined(__SSE__)
  if constexpr (kBytes == 4) {
    if (source_step == 8 && target_step == 4) {
      // Reads one element behind the fourth it needs, so never the last ones.
      for (; i + 4 < count; i += 4) {
        const auto* from = reinterpret_cast<const float*>(source + i * 8);
        const __m128 even = _mm_shuffle_ps(_mm_loadu_ps(from), _mm_loadu_ps(from + 4), _MM_SHUFFLE(2, 0, 2, 0));
        _mm_storeu_ps(reinterpret_cast<float*>(target + i * 4), even);
      }
    }
  }
#endif
  for (; i < count; ++i) copy_element<kBytes>(target + i * target_step, source + i * source_step);
}

// One element, `count` times.
template <size_t kBytes>
void fill_run(std::byte* target, const std::byte* element, int64_t count) {
  using U = std::conditional_t<
      kBytes == 1, uint8_t,
      std::conditional_t<kBytes == 2, uint16_t, std::conditional_t<kBytes == 4, uint32_t, uint64_t>>>;
  constexpr auto kSize = static_cast<int64_t>(kBytes);
  U value[kBytes / sizeof(U)];
  std::memcpy(value, element, kBytes);
  for (int64_t i = 0; i < count; ++i) std::memcpy(target + i * kSize, value, kBytes);
}

// The rows of transpose_tile where a column of `kRows` elements is followed by the next.
template <size_t kBytes, int64_t kRows>
void part_rows(const std::byte* __restrict source, std::byte* __restrict target, int64_t target_stride,
               int64_t columns) {
  constexpr auto kSize = static_cast<int64_t>(kBytes);
  for (int64_t k = 0; k < columns; ++k) {
    for (int64_t j = 0; j < kRows; ++j) {
      copy_element<kBytes>(target + j * target_stride + k * kSize, source + (k * kRows + j) * kSize);
    }
  }
}

using PartRows = void (*)(const std::byte*, std::byte*, int64_t, int64_t);

// nullptr where the tiles are as good.
template <size_t kBytes>
PartRows part_rows_for(int64_t rows) {
  if (rows == 2) return part_rows<kBytes, 2>;
  if (rows == 3) return part_rows<kBytes, 3>;
  if (rows == 4) return part_rows<kBytes, 4>;
  return nullptr;
}

// Counts through axes like an odometer and keeps the offsets of both sides.
template <size_t kMax>
struct Walk {
  size_t rank;
  const int64_t* dims;
  const int64_t* source_strides;
  const int64_t* target_strides;
  std::array<int64_t, kMax> at{};
  int64_t source = 0;
  int64_t target = 0;

  void go_to(int64_t index) {
    source = 0;
    target = 0;
    for (size_t axis = rank; axis-- > 0;) {
      at[axis] = index % dims[axis];
      index /= dims[axis];
      source += at[axis] * source_strides[axis];
      target += at[axis] * target_strides[axis];
    }
  }
  void next() {
    for (size_t axis = rank; axis-- > 0;) {
      source += source_strides[axis];
      target += target_strides[axis];
      if (++at[axis] < dims[axis]) return;
      source -= dims[axis] * source_strides[axis];
      target -= dims[axis] * target_strides[axis];
      at[axis] = 0;
    }
  }
};

}  // namespace

Dims row_major_strides(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (size_t axis = dims.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis];
  return strides;
}

StridedCopy::StridedCopy(const Dims& dims, const Dims& source_strides, const Dims& target_strides,
                         uint32_t element_size)
    : element_bytes_(element_size) {
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    total_ *= dims[axis];
    if (dims[axis] == 1) continue;
    const int64_t source = source_strides[axis] * element_bytes_;
    const int64_t target = target_strides[axis] * element_bytes_;
    if (rank_ > 0 && source_[rank_ - 1] == source * dims[axis] && target_[rank_ - 1] == target * dims[axis]) {
      dims_[rank_ - 1] *= dims[axis];
      source_[rank_ - 1] = source;
      target_[rank_ - 1] = target;
      continue;
    }
    if (rank_ == kMaxAxes) {
      throw Error(BP_STATUS_UNSUPPORTED, text("a copy over more than ", kMaxAxes, " axes is not known"));
    }
    dims_[rank_] = dims[axis];
    source_[rank_] = source;
    target_[rank_] = target;
    ++rank_;
  }
  promote();
  choose_kind();
}

// A short contiguous run is one larger element: [.., 4] bytes move as 4 bytes.
void StridedCopy::promote() {
  if (rank_ == 0) return;
  const size_t last = rank_ - 1;
  const int64_t bytes = dims_[last] * element_bytes_;
  const bool contiguous = source_[last] == element_bytes_ && target_[last] == element_bytes_;
  if (!contiguous || rank_ < 2 || (bytes != 2 && bytes != 4 && bytes != 8 && bytes != 16)) return;
  total_ /= dims_[last];
  element_bytes_ = bytes;
  --rank_;
}

void StridedCopy::choose_kind() {
  if (rank_ == 0) {  // one element is a run of one
    rank_ = 1;
    dims_[0] = 1;
    source_[0] = target_[0] = element_bytes_;
  }
  const size_t last = rank_ - 1;
  if (target_[last] != element_bytes_) return;
  if (source_[last] == element_bytes_) {
    kind_ = Kind::kRun;
    return;
  }
  if (source_[last] == 0) {
    kind_ = Kind::kFill;
    return;
  }
  for (size_t axis = 0; axis < last; ++axis) {
    if (source_[axis] != element_bytes_) continue;
    // The source's contiguous axis becomes the last but one; the order of the others does not matter.
    std::rotate(&dims_[axis], &dims_[axis + 1], &dims_[last]);
    std::rotate(&source_[axis], &source_[axis + 1], &source_[last]);
    std::rotate(&target_[axis], &target_[axis + 1], &target_[last]);
    kind_ = Kind::kTranspose;
    return;
  }
}

void StridedCopy::run(const std::byte* source, std::byte* target, int threads) const {
  if (total_ == 0) return;
  switch (element_bytes_) {
    case 1:
      return run_sized<1>(source, target, threads);
    case 2:
      return run_sized<2>(source, target, threads);
    case 4:
      return run_sized<4>(source, target, threads);
    case 8:
      return run_sized<8>(source, target, threads);
    default:
      return run_sized<16>(source, target, threads);
  }
}

template <size_t kBytes>
void StridedCopy::run_sized(const std::byte* source, std::byte* target, int threads) const {
  if (kind_ == Kind::kTranspose) return transpose<kBytes>(source, target, threads);
  const size_t last = rank_ - 1;
  const int64_t length = dims_[last];
  const int64_t source_step = source_[last];
  const int64_t target_step = target_[last];
  parallel_for(threads, total_, total_, [&](int64_t begin, int64_t end) {
    Walk<kMaxAxes> walk{last, dims_.data(), source_.data(), target_.data()};
    walk.go_to(begin / length);
    int64_t first = begin % length;
    while (begin < end) {
      const int64_t count = std::min(length - first, end - begin);
      const std::byte* from = source + walk.source + first * source_step;
      std::byte* to = target + walk.target + first * target_step;
      if (kind_ == Kind::kRun) {
        std::memcpy(to, from, static_cast<size_t>(count) * kBytes);
      } else if (kind_ == Kind::kFill) {
        fill_run<kBytes>(to, from, count);
      } else {
        copy_apart<kBytes>(from, source_step, to, target_step, count);
      }
      begin += count;
      first = 0;
      walk.next();
    }
  });
}

template <size_t kBytes>
void StridedCopy::transpose(const std::byte* source, std::byte* target, int threads) const {
  const size_t outer = rank_ - 2;
  const int64_t rows = dims_[outer];
  const int64_t columns = dims_[outer + 1];
  const int64_t tiles = (rows + kTile - 1) / kTile;
  const int64_t units = total_ / (rows * columns) * tiles;
  const PartRows part = source_[outer + 1] == rows * element_bytes_ ? part_rows_for<kBytes>(rows) : nullptr;
  parallel_for(threads, units, total_, [&](int64_t begin, int64_t end) {
    Walk<kMaxAxes> walk{outer, dims_.data(), source_.data(), target_.data()};
    walk.go_to(begin / tiles);
    int64_t tile = begin % tiles;
    for (int64_t unit = begin; unit < end; ++unit) {
      if (part != nullptr) {
        part(source + walk.source, target + walk.target, target_[outer], columns);
        walk.next();
        continue;
      }
      const int64_t row = tile * kTile;
      for (int64_t column = 0; column < columns; column += kTile) {
        transpose_tile<kBytes>(source + walk.source + row * element_bytes_ + column * source_[outer + 1],
                               source_[outer + 1],
                               target + walk.target + row * target_[outer] + column * element_bytes_,
                               target_[outer], std::min(kTile, rows - row), std::min(kTile, columns - column));
      }
      if (++tile == tiles) {
        tile = 0;
        walk.next();
      }
    }
  });
}

}  // namespace bp::cpu
