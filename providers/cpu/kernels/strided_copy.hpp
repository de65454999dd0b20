// Copies a box of elements between two arrangements in memory: out[i0,i1,..] = in[i0,i1,..] where both sides
// have any strides. Transpose, Slice, Expand, Tile, Split and their kin are this copy with other strides.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "types.hpp"

namespace bp::cpu {

// Elements between neighbours of each axis when `dims` lie row-major.
Dims row_major_strides(const Dims& dims);

class StridedCopy {
 public:
  // Strides in elements; the source's may be 0 (repeat) or negative. Axes are merged where both sides allow it.
  // Throws Error when more than kMaxAxes are left.
  StridedCopy(const Dims& dims, const Dims& source_strides, const Dims& target_strides, uint32_t element_size);

  // The addresses of element [0,0,..] on both sides. With `threads` > 1 large copies use the team.
  void run(const std::byte* source, std::byte* target, int threads) const;

 private:
  static constexpr size_t kMaxAxes = 12;
  enum class Kind : uint8_t {
    kRun,        // the last axis is contiguous on both sides
    kFill,       // the target is contiguous along the last axis, on which the source repeats one element
    kTranspose,  // the target is contiguous along the last axis, the source along another one
    kElements,   // no such luck
  };

  template <size_t kBytes>
  void run_sized(const std::byte* source, std::byte* target, int threads) const;
  template <size_t kBytes>
  void transpose(const std::byte* source, std::byte* target, int threads) const;
  void promote();
  void choose_kind();

  size_t rank_ = 0;
  std::array<int64_t, kMaxAxes> dims_{};
  std::array<int64_t, kMaxAxes> source_{};  // strides in bytes
  std::array<int64_t, kMaxAxes> target_{};
  int64_t total_ = 1;  // elements
  int64_t element_bytes_;
  Kind kind_ = Kind::kElements;
};

}  // namespace bp::cpu
