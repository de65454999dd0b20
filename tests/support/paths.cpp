// The build passes the folders in as definitions of this one file, so that all others compile alike everywhere.
#include "support/paths.hpp"

#include <cstdlib>

namespace bp::test {
namespace {

std::optional<std::filesystem::path> existing_folder(const char* path) {
  std::error_code ignored;
  if (path == nullptr || !std::filesystem::is_directory(path, ignored)) return std::nullopt;
  return std::filesystem::path(path);
}

}  // namespace

std::filesystem::path source_dir() { return BP_TEST_SOURCE_DIR; }
std::filesystem::path binary_dir() { return BP_TEST_BINARY_DIR; }
std::filesystem::path plugin_dir() { return binary_dir() / "plugins"; }
std::filesystem::path cli_path() { return binary_dir() / "bin" / "backplane"; }
std::filesystem::path conformance_path() { return binary_dir() / "bin" / "backplane-conformance"; }

std::optional<std::filesystem::path> onnx_corpus() {
  if (const char* folder = std::getenv("BACKPLANE_ONNX_CORPUS")) return existing_folder(folder);
  return existing_folder("/usr/share/libonnx-testdata/data");
}

std::optional<std::filesystem::path> models_dir() { return existing_folder(std::getenv("BACKPLANE_MODELS")); }

}  // namespace bp::test
