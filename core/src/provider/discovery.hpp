// Where manifests are looked for, and in which order; which are switched off. Reads folders and manifests,
// loads no library.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "provider/manifest.hpp"
#include "provider/outcome.hpp"

namespace bp {

struct DiscoveryOptions {
  // Manifest files or folders, in order; before everything that is found by a rule.
  std::vector<std::string> plugin_paths;
  // False: only plugin_paths.
  bool use_default_places = true;

  // A program and its arguments that loads the provider of the manifest given as last argument, in a process of
  // its own (provider/probe.hpp); run once before a library is loaded here. Empty: libraries are loaded at
  // once.
  std::vector<std::string> probe_command;

  // How the surroundings are seen; tests hand in their own.
  std::function<std::optional<std::string>(const char* name)> get_environment;  // empty: secure_getenv
  std::optional<bool> secure_mode;                                              // empty: AT_SECURE
  std::optional<std::string> core_folder;  // folder of the core library; empty: asked from the linker
  std::string system_folder = "/etc/backplane/providers.d";
};

// One manifest that was met (`manifest` is empty when it could not be used), or a place that was ignored.
struct FoundManifest {
  std::optional<Manifest> manifest;
  Outcome outcome;
  bool system_place = false;  // who can write its files is checked
};

// In search order, sorted by file name within a folder. The first with an id wins, the rest are shadowed. What
// is available has passed every check that needs no library.
std::vector<FoundManifest> discover_manifests(const DiscoveryOptions& options);

}  // namespace bp
