#include "plugin_folder_helper.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "support/paths.hpp"

namespace bp::test {

PluginFolder::PluginFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "backplane-plugins-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = std::filesystem::canonical(pattern);
}

PluginFolder::~PluginFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path fixture_library(const std::string& fixture) {
  return binary_dir() / "tests/fixtures/providers" / ("libfixture_" + fixture + ".so");
}

std::string PluginFolder::copy_library(const std::string& fixture, const std::string& name) const {
  const auto target = path_ / name;
  std::filesystem::create_directories(target.parent_path());
  std::filesystem::copy_file(fixture_library(fixture), target,
                             std::filesystem::copy_options::overwrite_existing);
  return target.string();
}

std::string PluginFolder::write_manifest(const std::string& file, const std::string& id,
                                         const std::string& library, const std::string& more,
                                         const std::string& rest) const {
  write(file, R"({"manifest_version": "1.0", "provider": {"id": ")" + id +
                  R"(", "version": "1.0.0"}, "abi": {"major": 1}, "library": {"path": ")" + library + "\"" +
                  more + "}" + rest + "}");
  return (path_ / file).string();
}

void PluginFolder::write(const std::string& file, std::string_view bytes) const {
  const auto target = path_ / file;
  std::filesystem::create_directories(target.parent_path());
  std::ofstream(target, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

DiscoveryOptions only(std::vector<std::string> paths) {
  DiscoveryOptions options;
  options.plugin_paths = std::move(paths);
  options.use_default_places = false;
  options.get_environment = [](const char*) { return std::nullopt; };
  return options;
}

}  // namespace bp::test
