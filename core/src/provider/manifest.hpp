// A provider's manifest: read, checked by the rules of provider_api/manifest.schema.json, as a struct.
// Sizes and depths are bounded. No file is looked for here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provider/options.hpp"
#include "provider/outcome.hpp"

namespace bp {

inline constexpr uint64_t kMaxManifestBytes = 1u << 20;
inline constexpr int kMaxManifestDepth = 32;

struct ManifestLibrary {
  std::string path;    // relative to the manifest, inside its folder
  std::string sha256;  // 64 lower-case hex digits; empty: none given
  std::string arch;    // "x86_64", "aarch64", ...; empty: any
  std::string os;      // "linux"; empty: any
  int64_t priority = 0;
  std::vector<std::string> cpu_features;  // all must be there
};

struct SharedLibraryNeed {
  std::string soname;
  std::string hint;
};

struct Manifest {
  std::string id;
  std::string name;  // the id's last word where none is given
  std::string vendor;
  std::string version;
  std::string license;
  uint32_t abi_major = 1;
  uint32_t abi_min_minor = 0;
  uint32_t abi_max_minor = 0;
  ManifestLibrary library;
  std::vector<ManifestLibrary> variants;
  std::vector<SharedLibraryNeed> needs;
  int64_t priority = 0;                   // hint
  std::vector<std::string> device_kinds;  // hint: "cpu", "gpu", ...; empty: not told
  std::vector<NamedOption> options;
  std::string isolation = "in_process";
  std::vector<std::string> unknown_fields;  // JSON pointers
};

// What is wrong with a manifest.
struct ManifestError {
  OutcomeReason reason = OutcomeReason::kNone;
  std::string text;
};

// `bytes`: the file's. nullopt with *error filled when it is not usable.
std::optional<Manifest> parse_manifest(std::string_view bytes, ManifestError* error);

}  // namespace bp
