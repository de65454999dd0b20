// A provider's library as the dynamic linker sees it; nothing of the core in between.
#pragma once

#include <backplane/provider/provider.h>

#include <string>
#include <vector>

namespace bp::conformance {

// What the dynamic symbol table says.
struct LibrarySymbols {
  std::vector<std::string> exported;
  std::vector<std::string> imported;  // that must be found: weak ones are not among them
};
// Throws CaseEnd(Fail) when the file is no ELF library with a table of sections.
LibrarySymbols read_symbols(const std::string& path);

class RawLibrary {
 public:
  // dlopen, RTLD_NOW | RTLD_LOCAL. Throws CaseEnd(Fail) with the linker's words when it or its entry does not
  // load.
  explicit RawLibrary(const std::string& path);
  ~RawLibrary();  // dlclose only after unload()
  RawLibrary(const RawLibrary&) = delete;
  RawLibrary& operator=(const RawLibrary&) = delete;

  bp_provider_open_fn open() const { return open_; }
  // Whether the library or one that it needs has the symbol.
  bool reaches(const std::string& symbol) const;
  // dlclose; whether the library is really gone then.
  bool unload();

 private:
  std::string path_;
  void* handle_ = nullptr;
  bp_provider_open_fn open_ = nullptr;
};

}  // namespace bp::conformance
