// Manifests come from anybody's folder: whatever the bytes, the answer is a manifest or a reason.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "provider/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bp::ManifestError error;
  const auto manifest = bp::parse_manifest({reinterpret_cast<const char*>(data), size}, &error);
  // Exactly one of the two, and what was taken keeps to the folder.
  if (manifest.has_value() != (error.reason == bp::OutcomeReason::kNone)) std::abort();
  if (manifest.has_value() == !error.text.empty()) std::abort();
  if (manifest &&
      (manifest->id.empty() || manifest->library.path.empty() || manifest->library.path[0] == '/')) {
    std::abort();
  }
  return 0;
}
