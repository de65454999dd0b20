// The bodies of the stb headers, compiled once. Only the formats that image_file.hpp names.
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNM
#define STBI_ONLY_BMP
#ifndef __clang_analyzer__  // it finds faults of theirs
#define STB_IMAGE_IMPLEMENTATION
#endif
#include <stb_image.h>
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb_image_resize.h>
