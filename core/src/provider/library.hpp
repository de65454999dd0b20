// From a manifest to an opened library: picks the variant, finds the file inside the manifest's folder, checks
// digest, machine, bounds and dependencies, and only then lets the dynamic linker have it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "backplane/provider/provider.h"
#include "provider/manifest.hpp"
#include "provider/outcome.hpp"

namespace bp {

struct LoadedLibrary {
  std::shared_ptr<const void> handle;  // closes the library with its last copy
  bp_provider_open_fn open = nullptr;
};

// The library or variant of the highest priority whose CPU features are all in `features`; nullptr: none.
const ManifestLibrary* choose_library(const Manifest& manifest, const std::set<std::string>& features);

// Fills outcome.library, and on failure (nothing returned) its state, reason and text. `system_place`: who can
// write the library is checked.
std::optional<LoadedLibrary> load_library(const Manifest& manifest, const std::set<std::string>& features,
                                          bool system_place, Outcome* outcome);

}  // namespace bp
