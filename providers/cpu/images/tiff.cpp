#include "images/picture.hpp"
#include "images/shared_library.hpp"

#if __has_include(<tiffio.h>)
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace bp::cpu {

namespace {

struct Library {
  decltype(TIFFClientOpen)* open = nullptr;
  decltype(TIFFClose)* close = nullptr;
  decltype(TIFFGetField)* field = nullptr;
  decltype(TIFFReadRGBAImageOriented)* read = nullptr;
  SharedLibrary file{"libtiff.so.6"};

  Library() {
    file.find(open, "TIFFClientOpen");
    file.find(close, "TIFFClose");
    file.find(field, "TIFFGetField");
    file.find(read, "TIFFReadRGBAImageOriented");
  }
};

// The bytes as the file that the library reads.
struct Bytes {
  std::span<const uint8_t> data;
  uint64_t at = 0;
};

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t size) {
  auto& bytes = *static_cast<Bytes*>(handle);
  const uint64_t left = bytes.data.size() - std::min<uint64_t>(bytes.at, bytes.data.size());
  const auto count = std::min<uint64_t>(left, static_cast<uint64_t>(std::max<tmsize_t>(size, 0)));
  if (count > 0) std::memcpy(to, bytes.data.data() + bytes.at, count);
  bytes.at += count;
  return static_cast<tmsize_t>(count);
}
tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return -1; }
toff_t seek_bytes(thandle_t handle, toff_t to, int whence) {
  auto& bytes = *static_cast<Bytes*>(handle);
  bytes.at = to + (whence == SEEK_CUR ? bytes.at : whence == SEEK_END ? bytes.data.size() : 0);
  return bytes.at;
}
int close_nothing(thandle_t) { return 0; }
toff_t size_of_bytes(thandle_t handle) { return static_cast<Bytes*>(handle)->data.size(); }
int map_nothing(thandle_t, void**, toff_t*) { return 0; }
void unmap_nothing(thandle_t, void*, toff_t) {}

RunError decode(const Library& library, TIFF* file, Picture& picture) {
  uint32_t width = 0, height = 0;
  library.field(file, TIFFTAG_IMAGEWIDTH, &width);
  library.field(file, TIFFTAG_IMAGELENGTH, &height);
  if (!picture.resize(width, height)) return "the TIFF picture has no size, or is too large";
  std::vector<uint32_t> raster(picture.pixels.size() / 3);
  if (library.read(file, width, height, raster.data(), ORIENTATION_TOPLEFT, 0) == 0)
    return "the TIFF picture is damaged";
  for (size_t i = 0; i < raster.size(); ++i) {
    for (size_t color = 0; color < 3; ++color)
      picture.pixels[3 * i + color] = static_cast<uint8_t>(raster[i] >> (8 * color));
  }
  return nullptr;
}

}  // namespace

RunError read_tiff(std::span<const uint8_t> file, Picture& picture) {
  static const Library library;
  if (!library.file.complete()) return "TIFF pictures need libtiff.so.6, which this machine lacks";
  Bytes bytes{file};
  TIFF* opened = library.open("picture", "r", &bytes, read_bytes, write_nothing, seek_bytes, close_nothing,
                              size_of_bytes, map_nothing, unmap_nothing);
  if (opened == nullptr) return "the TIFF picture's header cannot be read";
  const RunError error = decode(library, opened, picture);
  library.close(opened);
  return error;
}

}  // namespace bp::cpu

#else

namespace bp::cpu {
RunError read_tiff(std::span<const uint8_t>, Picture&) {
  return "TIFF pictures: this provider was built without libtiff";
}
}  // namespace bp::cpu

#endif
