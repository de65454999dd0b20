#include "harness/raw_library.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include "groups/group.hpp"

namespace bp::conformance {
namespace {

// Reads structs of a file by offset; outside of it nothing is read.
class ElfBytes {
 public:
  explicit ElfBytes(const std::string& path) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }

  template <class T>
  T at(uint64_t offset) const {
    T value;
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) broken();
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  std::string text(uint64_t offset) const {
    if (offset >= bytes_.size()) broken();
    const size_t end = bytes_.find('\0', offset);
    if (end == std::string::npos) broken();
    return bytes_.substr(offset, end - offset);
  }
  [[noreturn]] void broken() const {
    fail(fmt::format("{} is no whole ELF library of this machine with a table of sections", path_));
  }

 private:
  std::string path_;
  std::string bytes_;
};

}  // namespace

LibrarySymbols read_symbols(const std::string& path) {
  const ElfBytes bytes(path);
  const auto header = bytes.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
    bytes.broken();
  LibrarySymbols symbols;
  bool found = false;
  for (uint64_t s = 0; s < header.e_shnum; ++s) {
    const auto section = bytes.at<Elf64_Shdr>(header.e_shoff + s * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_DYNSYM || section.sh_entsize != sizeof(Elf64_Sym)) continue;
    found = true;
    const auto names = bytes.at<Elf64_Shdr>(header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
    for (uint64_t i = 1; i < section.sh_size / sizeof(Elf64_Sym); ++i) {
      const auto symbol = bytes.at<Elf64_Sym>(section.sh_offset + i * sizeof(Elf64_Sym));
      const auto binding = ELF64_ST_BIND(symbol.st_info);
      const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
      const std::string name = bytes.text(names.sh_offset + symbol.st_name);
      if (symbol.st_shndx == SHN_UNDEF) {
        if (binding != STB_WEAK) symbols.imported.push_back(name);
      } else if (binding != STB_LOCAL && symbol.st_shndx != SHN_ABS &&  // absolute: the names of versions
                 (visibility == STV_DEFAULT || visibility == STV_PROTECTED)) {
        symbols.exported.push_back(name);
      }
    }
  }
  if (!found) bytes.broken();
  return symbols;
}

RawLibrary::RawLibrary(const std::string& path)
    : path_(path), handle_(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) fail(fmt::format("the library does not load: {}", ::dlerror()));
  open_ = reinterpret_cast<bp_provider_open_fn>(::dlsym(handle_, BP_PROVIDER_OPEN_SYMBOL));
  if (open_ == nullptr) fail(fmt::format("the library has no symbol {}", BP_PROVIDER_OPEN_SYMBOL));
}

RawLibrary::~RawLibrary() = default;  // loaded until the process ends, as hosts do

bool RawLibrary::reaches(const std::string& symbol) const {
  return ::dlsym(handle_, symbol.c_str()) != nullptr || ::dlerror() == nullptr;
}

bool RawLibrary::unload() {
  ::dlclose(handle_);
  handle_ = ::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  return handle_ == nullptr;
}

}  // namespace bp::conformance
