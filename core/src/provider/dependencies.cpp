#include "provider/dependencies.hpp"

#include <dlfcn.h>
#include <sys/auxv.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/mapped_file.hpp"
#include "provider/linker_cache.hpp"
#include "provider/read_file.hpp"

namespace bp {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxLibraries = 1024;
constexpr uint64_t kMaxCacheBytes = uint64_t{64} << 20;

// Already in this process: whatever it needs is there too.
bool is_loaded(const std::string& soname) {
  void* handle = ::dlopen(soname.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return false;
  ::dlclose(handle);
  return true;
}

std::string replaced(std::string text, std::string_view from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// $ORIGIN is the folder of the library that states the path; $LIB and $PLATFORM are left to the linker.
std::string expanded(const std::string& folder, const std::string& library_path) {
  const std::string origin = fs::path(library_path).parent_path().string();
  return replaced(replaced(folder, "${ORIGIN}", origin), "$ORIGIN", origin);
}

std::vector<std::string> library_path_variable() {
  std::vector<std::string> folders;
  if (::getauxval(AT_SECURE) != 0) return folders;
  const char* value = ::getenv("LD_LIBRARY_PATH");  // NOLINT(concurrency-mt-unsafe)
  const std::string list = value != nullptr ? value : "";
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find_first_of(":;", begin), list.size());
    if (end > begin) folders.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return folders;
}

class Search {
 public:
  Search() : variable_(library_path_variable()) {
    if (const auto bytes = read_small_file("/etc/ld.so.cache", kMaxCacheBytes); bytes.ok()) {
      cache_ = parse_linker_cache(*bytes);
    }
  }

  bool has_cache() const { return !cache_.empty(); }

  std::optional<std::string> find(const std::string& soname, const std::string& user,
                                  const ElfFile& elf) const {
    if (elf.runpath.empty()) {
      if (auto path = in(elf.rpath, soname, user)) return path;
    }
    if (auto path = in(variable_, soname, user)) return path;
    if (auto path = in(elf.runpath, soname, user)) return path;
    if (const auto entry = cache_.find(soname); entry != cache_.end() && exists(entry->second))
      return entry->second;
    return in({"/lib", "/usr/lib", "/lib64", "/usr/lib64"}, soname, user);
  }

 private:
  static bool exists(const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
  }
  static std::optional<std::string> in(const std::vector<std::string>& folders, const std::string& soname,
                                       const std::string& user) {
    for (const std::string& folder : folders) {
      const std::string path = expanded(folder, user) + "/" + soname;
      if (exists(path)) return path;
    }
    return std::nullopt;
  }

  std::vector<std::string> variable_;
  std::unordered_map<std::string, std::string> cache_;
};

}  // namespace

std::vector<MissingLibrary> find_missing_libraries(const std::string& path, const ElfFile& elf,
                                                   const std::vector<std::string>& extra) {
  std::vector<MissingLibrary> missing;
  std::set<std::string> seen;
  struct Need {
    std::string path;
    ElfFile elf;
  };
  std::deque<Need> queue;
  queue.push_back({path, elf});
  queue.front().elf.needed.insert(queue.front().elf.needed.end(), extra.begin(), extra.end());

  std::optional<Search> search;  // reads the cache only when something is not loaded yet
  while (!queue.empty() && seen.size() < kMaxLibraries) {
    const Need user = std::move(queue.front());
    queue.pop_front();
    for (const std::string& soname : user.elf.needed) {
      if (soname.empty() || !seen.insert(soname).second || is_loaded(soname)) continue;
      if (!search) search.emplace();
      if (!search->has_cache()) return {};
      const auto found = soname.find('/') == std::string::npos ? search->find(soname, user.path, user.elf)
                                                               : std::optional<std::string>(soname);
      if (!found) {
        missing.push_back({soname, user.path});
        continue;
      }
      if (const auto file = MappedFile::open(*found); file.ok()) {
        queue.push_back({*found, read_elf((*file)->bytes())});
      }
    }
  }
  return missing;
}

}  // namespace bp
