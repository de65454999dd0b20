#include "images/picture.hpp"

#include <algorithm>
#include <string_view>

namespace bp::cpu {

bool Picture::resize(int64_t new_width, int64_t new_height) {
  constexpr int64_t kMostPixels = int64_t{1} << 29;
  if (new_width < 1 || new_height < 1 || new_width > kMostPixels / new_height) return false;
  width = new_width;
  height = new_height;
  pixels.resize(static_cast<size_t>(3 * width * height));
  return true;
}

RunError read_picture(std::span<const uint8_t> file, Picture& picture) {
  using namespace std::string_view_literals;
  const auto begins = [&](std::string_view mark, size_t at = 0) {
    return file.size() >= at + mark.size() &&
           std::equal(mark.begin(), mark.end(), file.begin() + static_cast<std::ptrdiff_t>(at),
                      [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
  };
  if (begins("\xFF\xD8\xFF"sv)) return read_jpeg(file, picture);
  if (begins("RIFF"sv) && begins("WEBP"sv, 8)) return read_webp(file, picture);
  if (begins("II*\0"sv) || begins("MM\0*"sv)) return read_tiff(file, picture);
  if (begins("\0\0\0\x0CjP  "sv) || begins("\xFF\x4F\xFF\x51"sv)) return read_jpeg_2000(file, picture);
  if (begins("\x89PNG"sv) || begins("BM"sv) || begins("P5"sv) || begins("P6"sv))
    return read_plain(file, picture);
  return "the picture is in no known format; taken: JPEG, PNG, BMP, PNM, TIFF, WebP, JPEG 2000";
}

}  // namespace bp::cpu
