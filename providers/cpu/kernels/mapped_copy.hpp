// out[i0,i1,..] = in[map0[i0],map1[i1],..], or a constant where a map says so: padding of every mode, resizing
// to the nearest element, cropping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "types.hpp"

namespace bp::cpu {

class MappedCopy {
 public:
  static constexpr int64_t kFill = -1;  // in a map: no source, the constant

  // Both sides lie row-major. maps[axis] has one source index (or kFill) per index of the output.
  MappedCopy(const Dims& source_dims, std::vector<std::vector<int64_t>> maps, uint32_t element_size);

  // `fill` is one element; nullptr where no map has kFill, or for zero bytes.
  void run(const std::byte* source, std::byte* target, const std::byte* fill, int threads) const;

 private:
  struct Axis {
    std::vector<int64_t> map;
    int64_t source_dim = 1;
    int64_t stride = 0;  // bytes in the source
  };
  // A stretch of the last axis: consecutive source elements, or filled.
  struct Segment {
    int64_t begin;
    int64_t count;
    int64_t source;
  };

  void merge_axes(const Dims& source_dims, std::vector<std::vector<int64_t>> maps);
  void find_segments();
  template <size_t kBytes>
  void run_sized(const std::byte* source, std::byte* target, const std::byte* fill, int threads) const;
  template <size_t kBytes>
  void row(const std::byte* source, std::byte* target, const std::byte* fill) const;

  std::vector<Axis> axes_;  // at least one
  std::vector<Segment> segments_;
  bool by_segments_ = false;
  int64_t rows_ = 1;
  int64_t element_bytes_;
};

}  // namespace bp::cpu
