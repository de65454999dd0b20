#include "provider/search_places.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

namespace bp {
namespace {

constexpr const char* kSubfolder = "backplane/providers.d";

std::vector<std::string> split(const std::string& text, std::string_view separators) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The folder of the library, or program, that holds this code.
std::string own_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const auto path = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::string() : path.parent_path().string();
}

bool belongs_to_root(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_uid == 0;
}

class Planner {
 public:
  explicit Planner(const DiscoveryOptions& options)
      : options_(options), secure_(options.secure_mode.value_or(::getauxval(AT_SECURE) != 0)) {}

  SearchPlan run() {
    for (const std::string& path : options_.plugin_paths) add_explicit(path);
    if (options_.use_default_places) {
      add_variable("BACKPLANE_ADD_PROVIDER_PATH");
      if (!add_variable("BACKPLANE_PROVIDER_PATH")) add_defaults();
    }
    if (const auto globs = variable("BACKPLANE_PROVIDERS_SELECT")) plan_.select = split(*globs, ",:; ");
    if (const auto globs = variable("BACKPLANE_PROVIDERS_DISABLE")) plan_.disable = split(*globs, ",:; ");
    return std::move(plan_);
  }

 private:
  // Nothing when it is empty, or in secure mode, which is then said once.
  std::optional<std::string> variable(const char* name) {
    std::optional<std::string> value = read(name);
    if (!value || value->empty()) return std::nullopt;
    if (secure_) {
      ignore(fmt::format("${}", name), name,
             "the program runs with more rights than its user: environment variables are ignored");
      return std::nullopt;
    }
    return value;
  }
  std::optional<std::string> read(const char* name) const {
    if (options_.get_environment) return options_.get_environment(name);
    // In secure mode a value is only looked at to say that it is ignored.
    const char* value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }

  void add_explicit(const std::string& path) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    add({error ? path : absolute.lexically_normal().string(), "explicit", true, false, {}});
  }

  // False when the variable is not set.
  bool add_variable(const char* name) {
    const auto value = variable(name);
    if (!value) return false;
    for (const std::string& path : split(*value, ":")) {
      if (path.front() != '/') {
        ignore(path, name, "a place in an environment variable must be an absolute path");
      } else {
        add({path, name, true, false, {}});
      }
    }
    return true;
  }

  void add_defaults() {
    const std::string core = options_.core_folder.value_or(own_folder());
    if (!core.empty()) {
      const std::string folder = core + "/" + kSubfolder;
      add({folder, "core library", false, belongs_to_root(folder), {}});
    }
    add_user_folder();
    add({options_.system_folder, "system", false, true, {}});
    const std::string fallback = "/usr/local/share:/usr/share";
    const auto data_dirs = secure_ ? std::nullopt : variable("XDG_DATA_DIRS");
    for (const std::string& path : split(data_dirs.value_or(fallback), ":")) {
      if (path.front() == '/') add({path + "/" + kSubfolder, "XDG_DATA_DIRS", false, true, {}});
    }
  }

  void add_user_folder() {
    if (secure_) {
      ignore("$XDG_DATA_HOME", "XDG_DATA_HOME",
             "the program runs with more rights than its user: the user's folders are ignored");
      return;
    }
    std::string base;
    if (const auto data_home = variable("XDG_DATA_HOME")) {
      base = *data_home;
    } else if (const auto home = variable("HOME")) {
      base = *home + "/.local/share";
    }
    if (!base.empty() && base.front() == '/') add({base + "/" + kSubfolder, "XDG_DATA_HOME", false, false, {}});
  }

  void ignore(std::string path, const char* rule, const char* why) {
    add({std::move(path), rule, false, false, why});
  }
  void add(SearchPlace place) { plan_.places.push_back(std::move(place)); }

  const DiscoveryOptions& options_;
  const bool secure_;
  SearchPlan plan_;
};

}  // namespace

SearchPlan plan_search(const DiscoveryOptions& options) { return Planner(options).run(); }

}  // namespace bp
