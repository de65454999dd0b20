#include "images/picture.hpp"
#include "images/shared_library.hpp"

#if __has_include(<webp/decode.h>)
#include <webp/decode.h>

namespace bp::cpu {

namespace {

struct Library {
  decltype(WebPGetInfo)* info = nullptr;
  decltype(WebPDecodeRGBInto)* decode = nullptr;
  SharedLibrary file{"libwebp.so.7"};

  Library() {
    file.find(info, "WebPGetInfo");
    file.find(decode, "WebPDecodeRGBInto");
  }
};

}  // namespace

RunError read_webp(std::span<const uint8_t> file, Picture& picture) {
  static const Library library;
  if (!library.file.complete()) return "WebP pictures need libwebp.so.7, which this machine lacks";
  int width = 0, height = 0;
  if (library.info(file.data(), file.size(), &width, &height) == 0)
    return "the WebP picture's header cannot be read";
  if (!picture.resize(width, height)) return "the WebP picture is too large";
  if (library.decode(file.data(), file.size(), picture.pixels.data(), picture.pixels.size(), 3 * width) ==
      nullptr)
    return "the WebP picture is damaged";
  return nullptr;
}

}  // namespace bp::cpu

#else

namespace bp::cpu {
RunError read_webp(std::span<const uint8_t>, Picture&) {
  return "WebP pictures: this provider was built without libwebp";
}
}  // namespace bp::cpu

#endif
