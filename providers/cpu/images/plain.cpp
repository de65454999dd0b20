// PNG, BMP and PNM by stb, which is a header.
#include "images/picture.hpp"

#if __has_include(<stb/stb_image.h>)
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#include <stb/stb_image.h>

#include <climits>
#include <cstring>

namespace bp::cpu {

RunError read_plain(std::span<const uint8_t> file, Picture& picture) {
  if (file.size() > INT_MAX) return "the picture's file is too large";
  int width = 0, height = 0, colors = 0;
  if (stbi_info_from_memory(file.data(), static_cast<int>(file.size()), &width, &height, &colors) == 0)
    return "the picture's header cannot be read";
  if (!picture.resize(width, height)) return "the picture has no size, or is too large";
  // Stb leaves undefined what a PNM lacks at its end.
  if (file[0] == 'P' && file.size() < picture.pixels.size() / (file[1] == '6' ? 1 : 3))
    return "the PNM picture ends before its last pixel";
  stbi_uc* pixels =
      stbi_load_from_memory(file.data(), static_cast<int>(file.size()), &width, &height, &colors, STBI_rgb);
  if (pixels == nullptr) return "the picture is damaged, or in a form that is not known";
  std::memcpy(picture.pixels.data(), pixels, picture.pixels.size());
  stbi_image_free(pixels);
  return nullptr;
}

}  // namespace bp::cpu

#else

namespace bp::cpu {
RunError read_plain(std::span<const uint8_t>, Picture&) {
  return "PNG, BMP and PNM pictures: this provider was built without stb";
}
}  // namespace bp::cpu

#endif
