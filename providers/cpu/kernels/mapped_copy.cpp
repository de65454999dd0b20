// Row by row of the output; the last axis goes in segments where that is shorter than element by element.
#include "kernels/mapped_copy.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "parallel.hpp"

namespace bp::cpu {

namespace {

bool is_identity(const std::vector<int64_t>& map, int64_t source_dim) {
  if (static_cast<int64_t>(map.size()) != source_dim) return false;
  for (size_t i = 0; i < map.size(); ++i) {
    if (map[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

template <size_t kBytes>
void fill_elements(std::byte* target, const std::byte* fill, int64_t count) {
  if (fill == nullptr) {
    std::memset(target, 0, static_cast<size_t>(count) * kBytes);
    return;
  }
  for (int64_t i = 0; i < count; ++i) std::memcpy(target + i * static_cast<int64_t>(kBytes), fill, kBytes);
}

}  // namespace

MappedCopy::MappedCopy(const Dims& source_dims, std::vector<std::vector<int64_t>> maps, uint32_t element_size)
    : element_bytes_(element_size) {
  merge_axes(source_dims, std::move(maps));
  int64_t stride = element_bytes_;
  for (size_t axis = axes_.size(); axis-- > 0;) {
    axes_[axis].stride = stride;
    stride *= axes_[axis].source_dim;
    if (axis + 1 < axes_.size()) rows_ *= static_cast<int64_t>(axes_[axis].map.size());
  }
  find_segments();
}

// Neighbours that both keep every element are one axis; an axis of one element joins any such neighbour.
void MappedCopy::merge_axes(const Dims& source_dims, std::vector<std::vector<int64_t>> maps) {
  bool previous_whole = false;
  for (size_t axis = 0; axis < maps.size(); ++axis) {
    const bool whole = is_identity(maps[axis], source_dims[axis]);
    if (whole && source_dims[axis] == 1) continue;
    if (whole && previous_whole) {
      Axis& merged = axes_.back();
      merged.source_dim *= source_dims[axis];
      merged.map.resize(static_cast<size_t>(merged.source_dim));
      for (size_t i = 0; i < merged.map.size(); ++i) merged.map[i] = static_cast<int64_t>(i);
      continue;
    }
    axes_.push_back({std::move(maps[axis]), source_dims[axis], 0});
    previous_whole = whole;
  }
  if (axes_.empty()) axes_.push_back({{0}, 1, 0});
  // A short last axis that is kept whole is one larger element, unless a constant would have to be repeated.
  const int64_t bytes = axes_.back().source_dim * element_bytes_;
  const bool small = bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16 || bytes == 32 || bytes == 64;
  bool fills = false;
  for (const Axis& axis : axes_) {
    fills = fills || std::find(axis.map.begin(), axis.map.end(), kFill) != axis.map.end();
  }
  if (axes_.size() > 1 && previous_whole && small && !fills) {
    element_bytes_ = bytes;
    axes_.pop_back();
  }
}

void MappedCopy::find_segments() {
  const std::vector<int64_t>& map = axes_.back().map;
  for (size_t i = 0; i < map.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (!segments_.empty()) {
      Segment& last = segments_.back();
      const bool follows = last.source == kFill ? map[i] == kFill : map[i] == last.source + last.count;
      if (follows) {
        ++last.count;
        continue;
      }
    }
    segments_.push_back({at, 1, map[i]});
  }
  by_segments_ = segments_.size() * 4 <= map.size() || segments_.size() <= 3;
  if (!by_segments_) segments_.clear();
}

void MappedCopy::run(const std::byte* source, std::byte* target, const std::byte* fill, int threads) const {
  switch (element_bytes_) {
    case 1:
      return run_sized<1>(source, target, fill, threads);
    case 2:
      return run_sized<2>(source, target, fill, threads);
    case 4:
      return run_sized<4>(source, target, fill, threads);
    case 8:
      return run_sized<8>(source, target, fill, threads);
    case 16:
      return run_sized<16>(source, target, fill, threads);
    case 32:
      return run_sized<32>(source, target, fill, threads);
    default:
      return run_sized<64>(source, target, fill, threads);
  }
}

template <size_t kBytes>
void MappedCopy::row(const std::byte* source, std::byte* target, const std::byte* fill) const {
  constexpr auto kSize = static_cast<int64_t>(kBytes);
  if (by_segments_) {
    for (const Segment& segment : segments_) {
      std::byte* to = target + segment.begin * kSize;
      if (segment.source == kFill) {
        fill_elements<kBytes>(to, fill, segment.count);
      } else {
        std::memcpy(to, source + segment.source * kSize, static_cast<size_t>(segment.count) * kBytes);
      }
    }
    return;
  }
  const std::vector<int64_t>& map = axes_.back().map;
  for (size_t i = 0; i < map.size(); ++i) {
    std::byte* to = target + static_cast<int64_t>(i) * kSize;
    if (map[i] == kFill) {
      fill_elements<kBytes>(to, fill, 1);
    } else {
      std::memcpy(to, source + map[i] * kSize, kBytes);
    }
  }
}

template <size_t kBytes>
void MappedCopy::run_sized(const std::byte* source, std::byte* target, const std::byte* fill,
                           int threads) const {
  const auto length = static_cast<int64_t>(axes_.back().map.size());
  const auto row_bytes = static_cast<size_t>(length) * kBytes;
  const size_t outer = axes_.size() - 1;
  parallel_for(threads, rows_, rows_ * length, [&](int64_t begin, int64_t end) {
    int64_t previous = kFill;
    for (int64_t index = begin; index < end; ++index) {
      int64_t left = index;
      int64_t offset = 0;
      for (size_t axis = outer; axis-- > 0 && offset != kFill;) {
        const auto dim = static_cast<int64_t>(axes_[axis].map.size());
        const int64_t from = axes_[axis].map[static_cast<size_t>(left % dim)];
        left /= dim;
        offset = from == kFill ? kFill : offset + from * axes_[axis].stride;
      }
      std::byte* to = target + index * static_cast<int64_t>(row_bytes);
      if (offset == kFill) {
        fill_elements<kBytes>(to, fill, length);
      } else if (offset == previous) {
        std::memcpy(to, to - row_bytes, row_bytes);  // the row above came from the same source
      } else {
        row<kBytes>(source + offset, to, fill);
      }
      previous = offset;
    }
  });
}

}  // namespace bp::cpu
