// Packs weights, and walks the output by tiles whose source stays near.
#include "kernels/byte_taps.hpp"

#include <algorithm>
#include <cstring>

#include "instruction_set.hpp"
#include "parallel.hpp"

namespace bp::cpu {

namespace {

int64_t rounded(int64_t columns) { return (columns + kTapLanes - 1) / kTapLanes * kTapLanes; }

}  // namespace

bool byte_taps_run() {
#if defined(__x86_64__)
  static const bool runs =
      instruction_set() == InstructionSet::kAvx512 && __builtin_cpu_supports("avx512vnni") != 0;
  return runs;
#else
  return false;
#endif
}

int64_t TapConvolution::packed_bytes() const {
  return rounded(channels) * static_cast<int64_t>(offsets.size()) * groups * 4;
}

void TapConvolution::pack(const int8_t* weights, int64_t inputs, int64_t channel_stride, int64_t input_stride,
                          int8_t* packed) const {
  const auto taps = static_cast<int64_t>(offsets.size());
  for (int64_t first = 0; first < channels; first += kTapColumns) {
    const int64_t lanes = rounded(std::min(kTapColumns, channels - first));
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t group = 0; group < groups; ++group) {
        for (int64_t lane = 0; lane < lanes; ++lane) {
          for (int64_t i = group * 4; i < group * 4 + 4; ++i) {
            const bool there = first + lane < channels && i < inputs;
            *packed++ = there ? weights[(first + lane) * channel_stride + i * input_stride + tap] : int8_t{0};
          }
        }
      }
    }
  }
}

// Tiles whose source stays near: in the first cache where all weights do so too, else in the second.
TapConvolution::Tiling TapConvolution::tiling(int threads) const {
  constexpr int64_t kNear = 24 << 10, kFar = 192 << 10;
  constexpr int64_t kStep = 24;  // pixels, of which blocks of every height make a whole number
  const int64_t reach = std::max(groups * 4, pixel_stride);
  const int64_t room = std::max((packed_bytes() <= kNear ? kNear : kFar) / reach / kStep * kStep, kStep);
  const int64_t panels = (channels + kTapColumns - 1) / kTapColumns;
  const int64_t all_lines = images * lines;
  Tiling tiling;
  // Few pixels: threads share the panels instead.
  if (threads > 1 && all_lines * pixels < 4 * kStep * threads)
    tiling.shares = std::min<int64_t>(threads, panels);
  const int64_t sharing = tiling.shares > 1 ? 1 : threads;
  if (pixels <= room) {
    const int64_t each = (all_lines + sharing - 1) / sharing;
    tiling.lines = std::clamp<int64_t>(room / std::max<int64_t>(pixels, 1), 1, std::max<int64_t>(each, 1));
    tiling.pixels = pixels;
  } else {
    tiling.pixels = room;
  }
  // One line for all threads.
  if (all_lines < sharing) {
    const int64_t each = (pixels + sharing - 1) / sharing;
    tiling.pixels = std::min(tiling.pixels, (each + kStep - 1) / kStep * kStep);
    tiling.lines = 1;
  }
  tiling.of_line = (pixels + tiling.pixels - 1) / tiling.pixels;
  tiling.count =
      tiling.of_line > 1 ? all_lines * tiling.of_line : (all_lines + tiling.lines - 1) / tiling.lines;
  return tiling;
}

void TapConvolution::run(int threads, const uint8_t* source, const int8_t* packed, const TapFinish& finish,
                         uint8_t* target) const {
  const auto taps = static_cast<int64_t>(offsets.size());
  const int64_t depth = taps * groups * 4;
  const int64_t panels = (channels + kTapColumns - 1) / kTapColumns;
  const int64_t all_lines = images * lines;
  const Tiling tiles = tiling(threads);
  const auto run_tile = [&](int64_t tile, int64_t first_panel, int64_t last_panel) {
    const int64_t first_line = tile / tiles.of_line * tiles.lines;
    const int64_t last_line = std::min(first_line + tiles.lines, all_lines);
    const int64_t first = tile % tiles.of_line * tiles.pixels;
    TapBlock block;
    block.pixel_stride = pixel_stride;
    block.is_signed = is_signed;
    block.offsets = offsets.data();
    block.taps = taps;
    block.groups = groups;
    block.pixels = std::min(tiles.pixels, pixels - first);
    block.target_stride = channels;
    for (int64_t panel = first_panel; panel < last_panel; ++panel) {
      const int64_t channel = panel * kTapColumns;
      TapFinish own = finish;
      own.bias += channel;
      own.scales += channel;
      block.finish = &own;
      block.panel = packed + channel * depth;
      block.columns = std::min(kTapColumns, channels - channel);
      for (int64_t line = first_line; line < last_line; ++line) {
        block.source = source + line / lines * image_stride + line % lines * line_stride + first * pixel_stride;
        block.target = target + (line * pixels + first) * channels + channel;
        run_taps_avx512_vnni(block);
      }
    }
  };
  parallel_for(threads, tiles.count * tiles.shares, all_lines * pixels * channels * depth / 32,
               [&](int64_t begin, int64_t end) {
                 for (int64_t task = begin; task < end; ++task) {
                   const int64_t share = task % tiles.shares;
                   run_tile(task / tiles.shares, panels * share / tiles.shares,
                            panels * (share + 1) / tiles.shares);
                 }
               });
}

void Interleaving::run(int threads, const uint8_t* planes, uint8_t fill, uint8_t* pixels) const {
  const int64_t area = height * width;
  const int64_t rows = images * padded_height();
  const int64_t row_bytes = padded_width() * 4;
  parallel_for(threads, rows, rows * row_bytes, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      uint8_t* to = pixels + row * row_bytes;
      const int64_t y = row % padded_height() - above;
      if (y < 0 || y >= height) {
        std::memset(to, fill, static_cast<size_t>(row_bytes));
        continue;
      }
      std::memset(to, fill, static_cast<size_t>(left * 4));
      std::memset(to + (left + width) * 4, fill, static_cast<size_t>(right * 4));
      const uint8_t* first = planes + (row / padded_height() * channels * height + y) * width;
      const uint8_t* lines_of[4];
      for (int64_t i = 0; i < 4; ++i) lines_of[i] = first + std::min(i, channels - 1) * area;
      interleave_line_avx512_vnni(lines_of, width, to + left * 4);
    }
  });
}

#if !defined(__x86_64__)
// Never called.
void run_taps_avx512_vnni(const TapBlock&) {}
void interleave_line_avx512_vnni(const uint8_t* const (&)[4], int64_t, uint8_t*) {}
#endif

}  // namespace bp::cpu
