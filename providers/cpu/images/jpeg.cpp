// JPEG by libjpeg-turbo, whose results are those of the reference implementation bit by bit.
#include "images/picture.hpp"
#include "images/shared_library.hpp"

#if __has_include(<turbojpeg.h>)
#include <turbojpeg.h>

namespace bp::cpu {

namespace {

struct Library {
  decltype(tjInitDecompress)* init = nullptr;
  decltype(tjDecompressHeader3)* header = nullptr;
  decltype(tjDecompress2)* decompress = nullptr;
  decltype(tjDestroy)* destroy = nullptr;
  SharedLibrary file{"libturbojpeg.so.0"};

  Library() {
    file.find(init, "tjInitDecompress");
    file.find(header, "tjDecompressHeader3");
    file.find(decompress, "tjDecompress2");
    file.find(destroy, "tjDestroy");
  }
};

RunError decode(const Library& library, tjhandle handle, std::span<const uint8_t> file, Picture& picture) {
  int width = 0, height = 0, sampling = 0, space = 0;
  const auto size = static_cast<unsigned long>(file.size());  // NOLINT: the library's type
  if (library.header(handle, file.data(), size, &width, &height, &sampling, &space) != 0)
    return "the JPEG picture's header cannot be read";
  if (space == TJCS_CMYK || space == TJCS_YCCK)
    return "the JPEG picture is in four colors; taken: gray, YCbCr, RGB";
  if (!picture.resize(width, height)) return "the JPEG picture is too large";
  if (library.decompress(handle, file.data(), size, picture.pixels.data(), width, 0, height, TJPF_RGB,
                         TJFLAG_ACCURATEDCT) != 0)
    return "the JPEG picture is damaged";
  return nullptr;
}

}  // namespace

RunError read_jpeg(std::span<const uint8_t> file, Picture& picture) {
  static const Library library;
  if (!library.file.complete()) return "JPEG pictures need libturbojpeg.so.0, which this machine lacks";
  const tjhandle handle = library.init();
  if (handle == nullptr) return "libturbojpeg cannot be started";
  const RunError error = decode(library, handle, file, picture);
  library.destroy(handle);
  return error;
}

}  // namespace bp::cpu

#else

namespace bp::cpu {
RunError read_jpeg(std::span<const uint8_t>, Picture&) {
  return "JPEG pictures: this provider was built without libturbojpeg";
}
}  // namespace bp::cpu

#endif
