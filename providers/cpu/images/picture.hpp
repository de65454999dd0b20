// Pictures in files' formats as bytes of red, green and blue. JPEG, WebP, TIFF and JPEG 2000 are read by
// libraries that are opened when the first such picture comes: a machine without them loses no more than that
// format.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernel.hpp"

namespace bp::cpu {

struct Picture {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> pixels;  // [height, width, 3]: red, green, blue

  // False where the size is out of all proportion.
  bool resize(int64_t new_width, int64_t new_height);
};

// Tells the format by its first bytes. nullptr: done; may throw std::bad_alloc.
RunError read_picture(std::span<const uint8_t> file, Picture& picture);

// One per format; the file has its mark.
RunError read_jpeg(std::span<const uint8_t> file, Picture& picture);
RunError read_webp(std::span<const uint8_t> file, Picture& picture);
RunError read_tiff(std::span<const uint8_t> file, Picture& picture);
RunError read_jpeg_2000(std::span<const uint8_t> file, Picture& picture);
RunError read_plain(std::span<const uint8_t> file, Picture& picture);  // PNG, BMP, PNM

}  // namespace bp::cpu
