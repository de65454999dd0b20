// Where the tests find the things that are not in their own folder. The only place that knows absolute paths.
#pragma once

#include <filesystem>
#include <optional>

namespace bp::test {

// The repository's root.
[[nodiscard]] std::filesystem::path source_dir();
// The build folder.
[[nodiscard]] std::filesystem::path binary_dir();
// The in-tree providers' libraries and manifests.
[[nodiscard]] std::filesystem::path plugin_dir();
// The built command line tool.
[[nodiscard]] std::filesystem::path cli_path();
// The built conformance runner.
[[nodiscard]] std::filesystem::path conformance_path();

// A folder of the ONNX backend tests (with node/, light/ ... in it): $BACKPLANE_ONNX_CORPUS, else the
// distribution's package, else nothing: a test that needs it is then skipped.
[[nodiscard]] std::optional<std::filesystem::path> onnx_corpus();
// Real models with reference outputs: $BACKPLANE_MODELS, else nothing.
[[nodiscard]] std::optional<std::filesystem::path> models_dir();

}  // namespace bp::test
