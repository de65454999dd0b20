// Convolutions of bytes with their output's scale in one pass: sums stay in registers from the first product to
// the quantized result. Channels lie last on both sides; a tap's channels come in groups of four. Only for
// processors with the instructions; byte_taps_run() tells.
//
// Packed weights are panels of kTapColumns output channels (the last as narrow as kTapLanes permits), each tap
// after tap, group after group, four bytes of every channel; missing channels are zeros.
#pragma once

#include <cstdint>
#include <vector>

namespace bp::cpu {

inline constexpr int64_t kTapLanes = 16;
inline constexpr int64_t kTapColumns = 64;

bool byte_taps_run();

// From a sum to the output: the scale, rounding, zero point. With a residual, what lies in the output is added:
// quantized(clipped(sum) * own + there * other + offset).
struct TapFinish {
  const int32_t* bias = nullptr;  // one per channel, of all panels
  const float* scales = nullptr;  // the same
  int32_t zero = 0;               // of the output
  bool is_signed = false;         // the output, and what is added
  bool adds = false;
  float low = 0, high = 0;  // the rounded sum is held within
  float own = 1, other = 0, offset = 0;
};

// Neighbouring pixels of one line times one panel.
struct TapBlock {
  const uint8_t* source;  // the first pixel's first tap without offset
  int64_t pixel_stride;   // bytes, of the source
  bool is_signed;         // the source: its bytes are taken as if they were 128 more
  const int64_t* offsets;
  int64_t taps, groups;
  int64_t pixels;
  const int8_t* panel;
  int64_t columns;  // of the panel
  uint8_t* target;
  int64_t target_stride;
  const TapFinish* finish;  // moved to this panel's channels
};

void run_taps_avx512_vnni(const TapBlock& block);

// Planes of at most four channels as pixels of four, with padding around them; channels that are missing hold
// anything.
struct Interleaving {
  int64_t images = 0, channels = 0, height = 0, width = 0;
  int64_t above = 0, below = 0, left = 0, right = 0;

  int64_t padded_height() const { return above + height + below; }
  int64_t padded_width() const { return left + width + right; }
  int64_t bytes() const { return images * padded_height() * padded_width() * 4; }
  void run(int threads, const uint8_t* planes, uint8_t fill, uint8_t* pixels) const;
};

// One line of it; planes[i] for a channel that is missing is that of another.
void interleave_line_avx512_vnni(const uint8_t* const (&planes)[4], int64_t count, uint8_t* pixels);

struct TapConvolution {
  std::vector<int64_t> offsets;  // of the taps, in bytes
  int64_t groups = 1;            // of a tap
  int64_t channels = 1;          // of the output
  bool is_signed = false;
  int64_t lines = 1;   // of an image of the output
  int64_t pixels = 1;  // of a line
  int64_t images = 1;
  int64_t pixel_stride = 0, line_stride = 0, image_stride = 0;  // of the source, in bytes

  int64_t packed_bytes() const;
  // Weights of any strides, in elements, taps side by side; `inputs` is at most 4 * groups.
  void pack(const int8_t* weights, int64_t inputs, int64_t channel_stride, int64_t input_stride,
            int8_t* packed) const;
  void run(int threads, const uint8_t* source, const int8_t* packed, const TapFinish& finish,
           uint8_t* target) const;

 private:
  struct Tiling {
    int64_t pixels = 1, lines = 1;  // of a tile: part of one line, or several lines
    int64_t of_line = 1;            // tiles
    int64_t count = 1;
    int64_t shares = 1;  // parts of the panels, each a task of its own
  };
  Tiling tiling(int threads) const;
};

}  // namespace bp::cpu
