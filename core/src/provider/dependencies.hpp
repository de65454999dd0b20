// Which shared libraries a library needs that are not on this machine: all of them, found without loading any.
// dlerror names only the first.
#pragma once

#include <string>
#include <vector>

#include "provider/elf_file.hpp"

namespace bp {

struct MissingLibrary {
  std::string soname;
  std::string needed_by;  // path or name of the library that needs it
};

// `path`: the library's real path; `extra`: names that it loads by itself later. Needs of needs are followed.
// The dynamic linker's order is kept: RPATH, LD_LIBRARY_PATH, RUNPATH, the linker's cache, the default folders.
// Empty when all are there, and when the cache cannot be read: then the linker has the last word.
std::vector<MissingLibrary> find_missing_libraries(const std::string& path, const ElfFile& elf,
                                                   const std::vector<std::string>& extra);

}  // namespace bp
