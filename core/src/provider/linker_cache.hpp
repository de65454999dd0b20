// /etc/ld.so.cache: where the dynamic linker finds a library by name. Format "glibc-ld.so.cache1.1" (glibc,
// sysdeps/generic/dl-cache.h).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace bp {

// soname -> path. Empty when the bytes are not of that format.
std::unordered_map<std::string, std::string> parse_linker_cache(std::string_view bytes);

}  // namespace bp
