// Folders of manifests and libraries that tests write, removed with the object.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "provider/discovery.hpp"

namespace bp::test {

class PluginFolder {
 public:
  PluginFolder();
  ~PluginFolder();
  PluginFolder(const PluginFolder&) = delete;
  PluginFolder& operator=(const PluginFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  // Copies lib<fixture>.so here under `name`, and returns its path.
  std::string copy_library(const std::string& fixture, const std::string& name) const;
  // Writes a manifest with `more` behind the library's path (", \"arch\": ...") and `rest` behind all.
  std::string write_manifest(const std::string& file, const std::string& id, const std::string& library,
                             const std::string& more = {}, const std::string& rest = {}) const;
  void write(const std::string& file, std::string_view bytes) const;

 private:
  std::filesystem::path path_;
};

// Looks at `paths` only.
DiscoveryOptions only(std::vector<std::string> paths);
std::filesystem::path fixture_library(const std::string& fixture);

}  // namespace bp::test
